package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// putRusage writes a struct rusage for a number of steps, unless addr is NULL.
func putRusage(t *kernel.Thread, addr, steps uint64) error {
	if addr == 0 {
		return nil
	}
	return writeRusage(t, addr, &abi.Rusage{Utime: cpuTime(t, steps)})
}

func writeRusage(t *kernel.Thread, addr uint64, r *abi.Rusage) error {
	var b [abi.RusageSize]byte
	r.Put(b[:])
	return t.Write(b[:], addr)
}

// cpuTime is the CPU time of a number of steps. All of it is user time: system
// calls take no time of their own.
func cpuTime(t *kernel.Thread, steps uint64) abi.Timeval {
	return abi.TimevalOf(int64(steps) * t.Kernel().Config().NsPerStep)
}

// getrusage implements getrusage(2).
func getrusage(t *kernel.Thread, a Args) (uint64, error) {
	p := t.Proc
	var r abi.Rusage
	switch a.Int(0) {
	case abi.RUSAGE_SELF:
		r.Utime = cpuTime(t, p.Steps())
		for _, x := range p.Threads() {
			addSwitches(&r, x)
		}
	case abi.RUSAGE_THREAD:
		r.Utime = cpuTime(t, t.Steps())
		addSwitches(&r, t)
	case abi.RUSAGE_CHILDREN:
		r.Utime = cpuTime(t, p.ChildSteps())
	default:
		return 0, abi.EINVAL
	}
	if a.Int(0) != abi.RUSAGE_CHILDREN {
		r.Maxrss = int64(p.Mem.Resident() / 1024)
	}
	return 0, writeRusage(t, a[1], &r)
}

func addSwitches(r *abi.Rusage, t *kernel.Thread) {
	v, iv := t.Switches()
	r.Nvcsw += int64(v)
	r.Nivcsw += int64(iv)
}

// times implements times(2): clock ticks of CPU time, and since the boot.
func times(t *kernel.Thread, a Args) (uint64, error) {
	k, p := t.Kernel(), t.Proc
	const tick = 1e9 / abi.CLK_TCK
	ticks := func(steps uint64) uint64 { return steps * uint64(k.Config().NsPerStep) / tick }
	if a[0] != 0 {
		var b [32]byte
		putU64(b[:], ticks(p.Steps()), 0, ticks(p.ChildSteps()), 0)
		if err := t.Write(b[:], a[0]); err != nil {
			return 0, err
		}
	}
	return uint64(k.Now()) / tick, nil
}

// getrlimit implements getrlimit(2).
func getrlimit(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(0) >= abi.RLIM_NLIMITS {
		return 0, abi.EINVAL
	}
	return 0, putRlimit(t, a[1], t.Proc.Limits[a.Uint(0)])
}

// setrlimit implements setrlimit(2).
func setrlimit(t *kernel.Thread, a Args) (uint64, error) {
	l, err := readRlimit(t, a[1])
	if err != nil {
		return 0, err
	}
	return 0, t.SetLimit(t.Proc, a.Uint(0), l)
}

// prlimit64 implements prlimit(2).
func prlimit64(t *kernel.Thread, a Args) (uint64, error) {
	res := a.Uint(1)
	var l abi.Rlimit
	if a[2] != 0 {
		var err error
		if l, err = readRlimit(t, a[2]); err != nil {
			return 0, err
		}
	}
	p := t.Proc
	if pid := a.Int(0); pid != 0 && pid != p.PID {
		x := t.Kernel().Thread(pid)
		if x == nil {
			return 0, abi.ESRCH
		}
		if p = x.Proc; p != t.Proc && !mayLimit(&t.Proc.Cred, &p.Cred) {
			return 0, abi.EPERM
		}
	}
	if res >= abi.RLIM_NLIMITS {
		return 0, abi.EINVAL
	}
	old := p.Limits[res]
	if a[2] != 0 {
		if err := t.SetLimit(p, res, l); err != nil {
			return 0, err
		}
	}
	if a[3] != 0 {
		return 0, putRlimit(t, a[3], old)
	}
	return 0, nil
}

// mayLimit reports whether c may see and change limits of a process of o.
func mayLimit(c, o *kernel.Cred) bool {
	return c.Capable(abi.CAP_SYS_RESOURCE) ||
		c.RUID == o.EUID && c.RUID == o.SUID && c.RUID == o.RUID &&
			c.RGID == o.EGID && c.RGID == o.SGID && c.RGID == o.RGID
}

func readRlimit(t *kernel.Thread, addr uint64) (l abi.Rlimit, err error) {
	var b [abi.RlimitSize]byte
	err = t.Read(b[:], addr)
	l.Decode(b[:])
	return l, err
}

func putRlimit(t *kernel.Thread, addr uint64, l abi.Rlimit) error {
	var b [abi.RlimitSize]byte
	l.Put(b[:])
	return t.Write(b[:], addr)
}

// getpriority implements getpriority(2), whose raw result is 20 minus the nice value.
func getpriority(t *kernel.Thread, a Args) (uint64, error) {
	ps, err := priorityWho(t, a.Int(0), a.Int(1))
	if err != nil {
		return 0, err
	}
	best := int32(19)
	for _, p := range ps {
		best = min(best, p.Nice)
	}
	return uint64(20 - best), nil
}

// setpriority implements setpriority(2). Nice values do not matter to the scheduler.
func setpriority(t *kernel.Thread, a Args) (uint64, error) {
	ps, err := priorityWho(t, a.Int(0), a.Int(1))
	if err != nil {
		return 0, err
	}
	nice := min(max(a.Int(2), -20), 19)
	c := &t.Proc.Cred
	for _, p := range ps {
		switch floor := 20 - int64(min(p.Limits[abi.RLIMIT_NICE].Cur, 40)); {
		case c.EUID != p.Cred.EUID && c.EUID != p.Cred.RUID && !c.Capable(abi.CAP_SYS_NICE):
			return 0, abi.EPERM
		case nice < p.Nice && int64(nice) < floor && !c.Capable(abi.CAP_SYS_NICE):
			return 0, abi.EACCES
		}
		p.Nice = nice
	}
	return 0, nil
}

// priorityWho returns the processes that which and who name.
func priorityWho(t *kernel.Thread, which, who int32) ([]*kernel.Process, error) {
	k := t.Kernel()
	var ps []*kernel.Process
	switch which {
	case abi.PRIO_PROCESS:
		if who == 0 {
			who = t.TID
		}
		if x := k.Thread(who); x != nil {
			ps = []*kernel.Process{x.Proc}
		}
	case abi.PRIO_PGRP:
		if who == 0 {
			who = t.Proc.PGID
		}
		ps = k.Group(who)
	case abi.PRIO_USER:
		uid := uint32(who)
		if who == 0 {
			uid = t.Proc.Cred.RUID
		}
		for _, p := range k.Processes() {
			if p.Cred.RUID == uid {
				ps = append(ps, p)
			}
		}
	default:
		return nil, abi.EINVAL
	}
	if len(ps) == 0 {
		return nil, abi.ESRCH
	}
	return ps, nil
}
