package kernel

// Timer calls its target once when the clock reaches a time. It belongs to
// what it wakes: a parked thread, an interval timer, a timerfd.
type Timer struct {
	Target expirer

	at    int64
	seq   uint64 // breaks ties: armed first, expires first
	index int    // in the heap plus one; 0 when not armed
}

// expirer is what a timer wakes.
type expirer interface{ Expire(now int64) }

// Armed reports whether the timer runs.
func (tm *Timer) Armed() bool { return tm.index != 0 }

// At returns when the armed timer expires.
func (tm *Timer) At() int64 { return tm.at }

// Arm starts tm, or moves it if it runs. Forever disarms it.
func (k *Kernel) Arm(tm *Timer, at int64) {
	k.Disarm(tm)
	if at == Forever {
		return
	}
	tm.at = at
	k.seq++
	tm.seq = k.seq
	k.timers.push(tm)
}

// Disarm stops tm.
func (k *Kernel) Disarm(tm *Timer) {
	if tm.index != 0 {
		k.timers.remove(tm.index - 1)
		tm.index = 0
	}
}

// expire runs every timer whose time has come, in order.
func (k *Kernel) expire() {
	for now := k.Now(); len(k.timers) > 0 && k.timers[0].at <= now; {
		tm := k.timers[0]
		k.Disarm(tm)
		tm.Target.Expire(now)
	}
}

// timerHeap is a binary heap: the earliest timer first.
type timerHeap []*Timer

// before reports whether tm expires before x.
func (tm *Timer) before(x *Timer) bool {
	if tm.at != x.at {
		return tm.at < x.at
	}
	return tm.seq < x.seq
}

func (h timerHeap) less(i, j int) bool { return h[i].before(h[j]) }

func (h timerHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

func (h *timerHeap) push(tm *Timer) {
	*h = append(*h, tm)
	tm.index = len(*h)
	h.up(tm.index - 1)
}

// remove takes out element i and leaves its index to the caller.
func (h *timerHeap) remove(i int) {
	last := len(*h) - 1
	h.swap(i, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
}

func (h timerHeap) up(i int) {
	for i > 0 && h.less(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h timerHeap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h.less(c+1, c) {
			c++
		}
		if !h.less(c, i) {
			return
		}
		h.swap(i, c)
		i = c
	}
}
