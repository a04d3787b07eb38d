package kernel

import (
	"slices"

	"emurun/abi"
)

// Reseed gives the machine another seed: from here on its random numbers are others. What
// programs have drawn before stays.
func (k *Kernel) Reseed(seed uint64) { k.cfg.Seed, k.random = seed, seed }

// SetEpoch sets the real time at which the machine booted. CLOCK_REALTIME jumps, as by
// clock_settime(2), and CLOCK_MONOTONIC does not: waits and timers that end at a time of the
// real-time clock end when it shows that time, all others take as long as they would have.
func (k *Kernel) SetEpoch(ns int64) {
	by := ns - k.cfg.EpochNs
	if by == 0 {
		return
	}
	k.cfg.EpochNs = ns
	for _, p := range k.procs {
		for _, t := range p.threads {
			t.clockWasSet(by)
		}
		for _, x := range p.posixTimers {
			if x.realtime {
				k.shift(&x.Timer, by)
			}
		}
	}
	for _, tm := range k.timers.sorted() {
		if f, ok := tm.Target.(*Timerfd); ok && f.realtime && f.absolute {
			k.shift(tm, by)
		}
	}
	for _, f := range slices.Clone(k.cancelable) {
		f.queue.WakeFor(abi.POLLIN)
	}
}

// shift moves a timer of the real-time clock, which was set forward by so much.
func (k *Kernel) shift(tm *Timer, by int64) {
	if tm.Armed() {
		k.Arm(tm, earlier(tm.at, by))
	}
}

// earlier returns what becomes of a deadline of the real-time clock.
func earlier(at, by int64) int64 {
	if by < 0 {
		return addNs(at, -by)
	}
	return max(at-by, 0)
}

// clockWasSet moves the deadlines of the call in progress that are times of the real-time clock.
func (t *Thread) clockWasSet(by int64) {
	for _, c := range []*call{&t.call, &t.restart.call} {
		if c.timed && c.realtime && c.deadline != Forever {
			c.deadline = earlier(c.deadline, by)
		}
	}
	if t.call.realtime && t.state == parked {
		t.k.shift(&t.wait.timer, by)
	}
}
