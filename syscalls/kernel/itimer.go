package kernel

import "emurun/abi"

// intervalTimer is ITIMER_REAL, setitimer(2).
type intervalTimer struct {
	Timer
	proc     *Process
	interval int64
}

// Expire implements the target of the timer: SIGALRM, and the next period.
func (x *intervalTimer) Expire(now int64) {
	k := x.proc.k
	if x.interval > 0 {
		k.Arm(&x.Timer, nextPeriod(x.at, x.interval, now))
	}
	x.proc.Send(KernelInfo(abi.SIGALRM))
}

// nextPeriod returns the first time after now that is a multiple of interval after at.
func nextPeriod(at, interval, now int64) int64 {
	return addNs(at, ((now-at)/interval+1)*interval)
}

// cpuTimer is a timer that counts the CPU time of a process, in ns of it.
type cpuTimer struct{ at, interval int64 } // at 0: not armed

// The CPU timers of a process; cpuLimit is RLIMIT_CPU.
const (
	cpuVirtual = iota
	cpuProf
	cpuLimit
	numCPUTimers
)

// SetTimer arms one of the interval timers with times in ns, 0 to stop, and
// returns what was left and the interval before.
func (p *Process) SetTimer(which int32, value, interval int64) (oldValue, oldInterval int64) {
	oldValue, oldInterval = p.TimerLeft(which)
	k := p.k
	if which == abi.ITIMER_REAL {
		x := &p.realTimer
		x.proc, x.Target, x.interval = p, x, interval
		if value == 0 {
			k.Disarm(&x.Timer)
		} else {
			k.Arm(&x.Timer, addNs(k.Now(), value))
		}
		return oldValue, oldInterval
	}
	c := &p.cpuTimers[which-abi.ITIMER_VIRTUAL]
	*c = cpuTimer{interval: interval}
	if value != 0 {
		c.at = addNs(k.cpuNs(p.steps), value)
	}
	return oldValue, oldInterval
}

// TimerLeft returns the time to the next expiry and the interval, getitimer(2).
func (p *Process) TimerLeft(which int32) (value, interval int64) {
	if which == abi.ITIMER_REAL {
		x := &p.realTimer
		if x.Armed() {
			value = max(x.at-p.k.Now(), 1)
		}
		return value, x.interval
	}
	c := &p.cpuTimers[which-abi.ITIMER_VIRTUAL]
	if c.at != 0 {
		value = max(c.at-p.k.cpuNs(p.steps), 1)
	}
	return value, c.interval
}

// cpuTimersArmed reports whether Advance has to look at CPU timers.
func (p *Process) cpuTimersArmed() bool {
	return p.cpuTimers[cpuVirtual].at|p.cpuTimers[cpuProf].at|p.cpuTimers[cpuLimit].at != 0 || p.cpuPosix > 0
}

// expireCPUTimers sends the signals of CPU timers that are due.
func (p *Process) expireCPUTimers() {
	now := p.k.cpuNs(p.steps)
	for i := range p.cpuTimers {
		c := &p.cpuTimers[i]
		if c.at == 0 || c.at > now {
			continue
		}
		if c.interval > 0 {
			c.at = nextPeriod(c.at, c.interval, now)
		} else {
			c.at = 0
		}
		p.cpuExpired(i, now)
	}
	for _, x := range p.posixTimers {
		x.expireCPU()
	}
}

// cpuExpired sends the signal of CPU timer i.
func (p *Process) cpuExpired(i int, now int64) {
	switch i {
	case cpuVirtual:
		p.Send(KernelInfo(abi.SIGVTALRM))
	case cpuProf:
		p.Send(KernelInfo(abi.SIGPROF))
	case cpuLimit:
		if hard := p.Limits[abi.RLIMIT_CPU].Max; hard != abi.RLIM_INFINITY && uint64(now) >= hard*1e9 {
			p.Send(KernelInfo(abi.SIGKILL))
			return
		}
		p.Send(KernelInfo(abi.SIGXCPU))
	}
}

// limitCPU arms the timer of RLIMIT_CPU: SIGXCPU at the soft limit and every
// second after it, SIGKILL at the hard one.
func (p *Process) limitCPU() {
	soft := p.Limits[abi.RLIMIT_CPU].Cur
	if soft >= uint64(Forever)/1e9 {
		p.cpuTimers[cpuLimit] = cpuTimer{}
		return
	}
	p.cpuTimers[cpuLimit] = cpuTimer{at: max(int64(soft)*1e9, 1), interval: 1e9}
}

// stopTimers stops all timers of a process that ends.
func (p *Process) stopTimers() {
	p.k.Disarm(&p.realTimer.Timer)
	p.cpuTimers = [numCPUTimers]cpuTimer{}
	p.deletePosixTimers()
}

// deletePosixTimers is what execve(2) and exit do to POSIX timers.
func (p *Process) deletePosixTimers() {
	for _, x := range p.posixTimers {
		p.k.Disarm(&x.Timer)
	}
	p.posixTimers, p.cpuPosix = nil, 0
}
