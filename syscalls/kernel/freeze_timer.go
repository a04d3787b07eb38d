package kernel

import (
	"slices"

	"emurun/snapshot/wire"
)

// freeze writes the timers that run, the next one first. Each lies in what it wakes, which
// is written too: nobody else may lead there.
func (h timerHeap) freeze(e *wire.Encoder) {
	e.Count(len(h))
	for _, tm := range h.sorted() {
		if _, ok := tm.Target.(wire.Object); ok {
			e.Ref(tm.Target)
		} else {
			e.Uint32(0)
		}
		e.Ref(tm)
	}
}

func (h *timerHeap) thaw(d *wire.Decoder) {
	*h = nil
	for range d.Count(wire.MaxLen, 8) {
		wire.Ref[wire.Object](d)
		wire.Later(d, func(tm *Timer) { *h = append(*h, tm) })
	}
}

// sorted returns the timers in the order in which they expire.
func (h timerHeap) sorted() timerHeap {
	s := slices.Clone(h)
	slices.SortFunc(s, func(a, b *Timer) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return s
}

// freeze writes tm where it lies. Whether it runs is in the kernel's list.
func (tm *Timer) freeze(e *wire.Encoder) {
	e.Own(tm)
	e.Int64(tm.at)
	e.Uint64(tm.seq)
}

// thaw reads tm, which calls target.
func (tm *Timer) thaw(d *wire.Decoder, target expirer) {
	d.Own(tm)
	tm.Target = target
	tm.at = d.Int64()
	tm.seq = d.Uint64()
	if tm.at < 0 {
		d.Fail("a timer at %d", tm.at)
	}
}

// linkTimers makes a heap of the list of timers: a list in order is one.
func (k *Kernel) linkTimers() error {
	for i, tm := range k.timers {
		if tm == nil || tm.index != 0 || tm.seq > k.seq || i > 0 && !k.timers[i-1].before(tm) {
			return wire.Corrupt("timer %d is out of order", i)
		}
		tm.index = i + 1
	}
	return nil
}
