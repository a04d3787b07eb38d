package kernel

import "emurun/abi"

// Now returns CLOCK_MONOTONIC in ns; all deadlines are in this time.
func (k *Kernel) Now() int64 {
	return bootNs + int64(k.steps)*k.cfg.NsPerStep + k.skipNs
}

// Realtime returns CLOCK_REALTIME in ns.
func (k *Kernel) Realtime() int64 { return k.cfg.EpochNs + k.Now() - bootNs }

// TSC returns the time stamp counter: steps, and the jumps of the clock with
// them, so that it never disagrees with the clocks about what took long.
func (k *Kernel) TSC() uint64 { return k.steps + uint64(k.skipNs/k.cfg.NsPerStep) }

// Deadline converts an absolute time of CLOCK_REALTIME to a deadline.
func (k *Kernel) Deadline(realtimeNs int64) int64 {
	d := realtimeNs - k.cfg.EpochNs
	if realtimeNs < 0 || d < 0 {
		return 0
	}
	return addNs(d, bootNs)
}

// Jump moves the clock forward to at: what a wait outside the machine, whose
// end is an input, took.
func (k *Kernel) Jump(at int64) {
	if now := k.Now(); at > now && at != Forever {
		k.skipNs += at - now
	}
}

// addNs returns a+b, at most Forever. Neither is negative.
func addNs(a, b int64) int64 {
	if a > Forever-b {
		return Forever
	}
	return a + b
}

// cpuNs is the CPU time of a number of steps.
func (k *Kernel) cpuNs(steps uint64) int64 { return int64(steps) * k.cfg.NsPerStep }

// Clock reads a clock as thread t sees it, clock_gettime(2).
func (t *Thread) Clock(id int32) (int64, error) {
	k := t.k
	switch id {
	case abi.CLOCK_REALTIME, abi.CLOCK_REALTIME_COARSE, abi.CLOCK_REALTIME_ALARM, abi.CLOCK_TAI:
		return k.Realtime(), nil
	case abi.CLOCK_MONOTONIC, abi.CLOCK_MONOTONIC_RAW, abi.CLOCK_MONOTONIC_COARSE, abi.CLOCK_BOOTTIME, abi.CLOCK_BOOTTIME_ALARM:
		return k.Now(), nil
	case abi.CLOCK_PROCESS_CPUTIME_ID:
		return k.cpuNs(t.Proc.steps), nil
	case abi.CLOCK_THREAD_CPUTIME_ID:
		return k.cpuNs(t.steps), nil
	}
	if id >= 0 {
		return 0, abi.EINVAL
	}
	return t.cpuClock(id)
}

// cpuClock reads the CPU clock of another process or thread: the complement of
// its ID in the upper bits, CPUCLOCK_PERTHREAD in bit 2 and the kind below.
func (t *Thread) cpuClock(id int32) (int64, error) {
	const perThread, kinds = 4, 3
	if id&kinds == kinds {
		return 0, abi.EINVAL // a dynamic clock: the FD of a clock device
	}
	pid := ^(id >> 3)
	if id&perThread != 0 {
		other := t
		if pid != 0 {
			other = t.k.Thread(pid)
		}
		if other == nil || other.Proc != t.Proc {
			return 0, abi.EINVAL
		}
		return t.k.cpuNs(other.steps), nil
	}
	p := t.Proc
	if pid != 0 {
		p = t.k.Process(pid)
	}
	if p == nil {
		return 0, abi.EINVAL
	}
	return t.k.cpuNs(p.steps), nil
}
