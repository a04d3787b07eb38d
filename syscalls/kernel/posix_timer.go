package kernel

import (
	"slices"

	"emurun/abi"
)

// posixTimer is a timer of timer_create(2).
type posixTimer struct {
	Timer
	proc     *Process
	id       int32
	clock    int32
	notify   int32
	signo    abi.Signal
	value    uint64
	tid      int32 // SIGEV_THREAD_ID
	interval int64
	overrun  int32 // expiries since the pending signal was sent
	last     int32 // timer_getoverrun(2): of the signal last taken
	realtime bool  // armed for a time of CLOCK_REALTIME

	// Timers of CPU clocks count another time: the CPU ns of the process, or of
	// thread cpuTID, at which they expire; 0 when not armed.
	cpu    bool
	cpuTID int32
	cpuAt  int64
}

// PosixTimerSpec is what timer_create(2) takes.
type PosixTimerSpec struct {
	Clock, Notify int32
	Signo         abi.Signal
	Value         uint64
	TID           int32
	ValueIsID     bool // without a sigevent, si_value is the timer's ID
}

// NewPosixTimer implements timer_create(2) and returns the timer's ID. Each timer
// counts as a pending signal, which bounds their number.
func (t *Thread) NewPosixTimer(s PosixTimerSpec) (int32, error) {
	p := t.Proc
	if uint64(len(p.posixTimers)) >= p.Limits[abi.RLIMIT_SIGPENDING].Cur {
		return 0, abi.EAGAIN
	}
	x := &posixTimer{
		proc: p, id: p.nextTimerID, clock: s.Clock, notify: s.Notify,
		signo: s.Signo, value: s.Value, tid: s.TID,
	}
	x.Target = x
	p.nextTimerID++
	if s.ValueIsID {
		x.value = uint64(x.id)
	}
	switch s.Clock {
	case abi.CLOCK_PROCESS_CPUTIME_ID:
		x.cpu = true
	case abi.CLOCK_THREAD_CPUTIME_ID:
		x.cpu, x.cpuTID = true, t.TID
	}
	if x.cpu {
		p.cpuPosix++
	}
	p.posixTimers = append(p.posixTimers, x)
	return x.id, nil
}

// posixTimer returns the timer with the given ID, or nil.
func (p *Process) posixTimer(id int32) *posixTimer {
	for _, x := range p.posixTimers {
		if x.id == id {
			return x
		}
	}
	return nil
}

// DeletePosixTimer implements timer_delete(2).
func (p *Process) DeletePosixTimer(id int32) bool {
	x := p.posixTimer(id)
	if x == nil {
		return false
	}
	p.k.Disarm(&x.Timer)
	if x.cpu {
		p.cpuPosix--
	}
	i := slices.Index(p.posixTimers, x)
	p.posixTimers = slices.Delete(p.posixTimers, i, i+1)
	return true
}

// SetPosixTimer implements timer_settime(2) with times in ns.
func (p *Process) SetPosixTimer(id int32, value, interval int64, absolute bool) bool {
	x := p.posixTimer(id)
	if x == nil {
		return false
	}
	k := p.k
	k.Disarm(&x.Timer)
	x.cpuAt, x.interval, x.overrun, x.realtime = 0, interval, 0, false
	if value == 0 {
		return true
	}
	at := value
	switch {
	case x.cpu:
		if !absolute {
			at = addNs(x.cpuNow(), value)
		}
		x.cpuAt = max(at, 1)
		return true
	case !absolute:
		at = addNs(k.Now(), value)
	case x.clock == abi.CLOCK_REALTIME || x.clock == abi.CLOCK_REALTIME_ALARM || x.clock == abi.CLOCK_TAI:
		at, x.realtime = k.Deadline(value), true
	}
	k.Arm(&x.Timer, at)
	return true
}

// PosixTimerLeft returns the time to the next expiry and the interval.
func (p *Process) PosixTimerLeft(id int32) (value, interval int64, ok bool) {
	x := p.posixTimer(id)
	if x == nil {
		return 0, 0, false
	}
	switch {
	case x.cpuAt != 0:
		value = max(x.cpuAt-x.cpuNow(), 1)
	case x.Armed():
		value = max(x.at-p.k.Now(), 1)
	case x.interval > 0 && x.pending() != nil:
		// Expired, and to be armed again when its signal is taken.
		value = max(nextPeriod(x.at, x.interval, p.k.Now())-p.k.Now(), 1)
	}
	return value, x.interval, true
}

// PosixTimerOverrun implements timer_getoverrun(2).
func (p *Process) PosixTimerOverrun(id int32) (int32, bool) {
	x := p.posixTimer(id)
	if x == nil {
		return 0, false
	}
	return x.last, true
}

// cpuNow is the CPU time that the timer counts.
func (x *posixTimer) cpuNow() int64 {
	if x.cpuTID != 0 {
		if t := x.proc.thread(x.cpuTID); t != nil {
			return x.proc.k.cpuNs(t.steps)
		}
	}
	return x.proc.k.cpuNs(x.proc.steps)
}

// cpuLeft is the CPU time until the timer expires; false if it is not armed.
func (x *posixTimer) cpuLeft() (int64, bool) { return x.cpuAt - x.cpuNow(), x.cpuAt != 0 }

// expireCPU expires a CPU timer that is due.
func (x *posixTimer) expireCPU() {
	now := x.cpuNow()
	if x.cpuAt == 0 || x.cpuAt > now {
		return
	}
	at := x.cpuAt
	x.cpuAt = 0
	if x.interval > 0 {
		x.cpuAt = nextPeriod(at, x.interval, now)
	}
	x.fire()
}

// Expire implements the target of the timer. A periodic timer whose signal is
// still pending is armed again only when the signal is taken, which counts the
// periods in between as overruns.
func (x *posixTimer) Expire(now int64) {
	if !x.fire() && x.interval > 0 {
		x.proc.k.Arm(&x.Timer, nextPeriod(x.at, x.interval, now))
	}
}

// fire sends the timer's signal. It returns false if nothing is pending now.
func (x *posixTimer) fire() bool {
	if x.notify == abi.SIGEV_NONE {
		return false
	}
	if x.pending() != nil {
		x.overrun++
		return true
	}
	info := abi.Siginfo{Signo: x.signo, Code: abi.SI_TIMER}
	info.Data[0] = uint64(uint32(x.id))
	info.Data[1] = x.value
	if x.notify == abi.SIGEV_THREAD_ID {
		t := x.proc.thread(x.tid)
		if t == nil {
			return false
		}
		t.Send(info)
	} else {
		x.proc.Send(info)
	}
	return x.pending() != nil
}

// pending returns the timer's entry among the pending signals, or nil.
func (x *posixTimer) pending() *abi.Siginfo {
	if x.notify == abi.SIGEV_THREAD_ID {
		if t := x.proc.thread(x.tid); t != nil {
			return t.pending.timerEntry(x.signo, x.id)
		}
		return nil
	}
	return x.proc.pending.timerEntry(x.signo, x.id)
}

// dequeued is called when a signal is taken: a POSIX timer's goes on, and the
// signal tells how many expiries it stands for.
func (p *Process) dequeued(info *abi.Siginfo) {
	if info.Code != abi.SI_TIMER {
		return
	}
	x := p.posixTimer(info.TimerID())
	if x == nil || x.signo != info.Signo {
		return
	}
	k := p.k
	if x.interval > 0 && !x.cpu && !x.Armed() {
		now := k.Now()
		next := nextPeriod(x.at, x.interval, now)
		x.overrun += int32(min((next-x.at)/x.interval-1, 1<<31-1))
		k.Arm(&x.Timer, next)
	}
	x.last, x.overrun = x.overrun, 0
	info.Data[0] |= uint64(uint32(x.last)) << 32
}
