package hostfs

// closer is a host handle.
type closer interface{ close() }

// slot is a node's place for a handle.
type slot[H closer] struct {
	h    H
	open bool
	used bool // since the hand of the ring passed
}

// ring is a bounded set of open handles. When it is full, the first one that was
// not used since the hand last passed is closed (the clock algorithm).
type ring[H closer] struct {
	slots []*slot[H]
	hand  int
}

func (r *ring[H]) add(s *slot[H], h H) {
	s.h, s.open, s.used = h, true, true
	if len(r.slots) < maxHandles {
		r.slots = append(r.slots, s)
		return
	}
	for r.slots[r.hand].used {
		r.slots[r.hand].used = false
		r.hand = (r.hand + 1) % len(r.slots)
	}
	old := r.slots[r.hand]
	old.h.close()
	old.open = false
	r.slots[r.hand] = s
	r.hand = (r.hand + 1) % len(r.slots)
}

func (r *ring[H]) closeAll() {
	for _, s := range r.slots {
		s.h.close()
		s.open = false
	}
	r.slots = nil
}
