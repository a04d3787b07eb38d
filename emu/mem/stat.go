package mem

import "iter"

// Mappings yields the mappings in ascending order, as /proc/self/maps lists them. The
// consumer must not change them.
func (s *Space) Mappings() iter.Seq[*Mapping] {
	return func(yield func(*Mapping) bool) {
		for _, m := range s.maps {
			if !yield(m) {
				return
			}
		}
	}
}

// MappingAt returns the mapping that covers a, or nil.
func (s *Space) MappingAt(a uint64) *Mapping { return s.find(a) }

// Covered reports whether all of [lo, hi) is mapped.
func (s *Space) Covered(lo, hi uint64) bool { return s.covered(lo, hi) }

// Size returns the length of all mappings, VmSize, in bytes.
func (s *Space) Size() uint64 {
	n := uint64(0)
	for _, m := range s.maps {
		n += m.Len()
	}
	return n
}

// Anonymous returns how many bytes of private pages s holds, RssAnon.
func (s *Space) Anonymous() uint64 { return uint64(s.tree.len()) << PageShift }

// Resident returns how many bytes of s are in memory, VmRSS: its private pages and
// the pages of Objects that its mappings show.
func (s *Space) Resident() uint64 {
	n := s.Anonymous()
	for _, m := range s.maps {
		if m.Object != nil {
			at := m.Offset >> PageShift
			m.Object.tree.each(at, at+m.Len()>>PageShift, func(uint64, pte) bool {
				n += PageSize
				return true
			})
		}
	}
	return n
}

// InMemory reports whether the page of a is in memory, mincore(2).
func (s *Space) InMemory(a uint64) bool {
	m := s.find(a)
	if m == nil {
		return false
	}
	if s.tree.get(a>>PageShift) != 0 {
		return true
	}
	return m.Object != nil && m.Object.HasPage(m.index(a))
}

// Each calls f for the mappings that [lo, hi) touches, in ascending order. f must not
// change them.
func (s *Space) Each(lo, hi uint64, f func(m *Mapping)) { s.each(lo, hi, f) }

// sum adds up the parts in [lo, hi) of the mappings that is accepts.
func (s *Space) sum(lo, hi uint64, is func(m *Mapping) bool) uint64 {
	n := uint64(0)
	s.each(lo, hi, func(m *Mapping) {
		if is(m) {
			n += min(hi, m.End) - max(lo, m.Start)
		}
	})
	return n
}

// Mapped returns how many bytes of [lo, hi) are mapped.
func (s *Space) Mapped(lo, hi uint64) uint64 {
	return s.sum(lo, hi, func(*Mapping) bool { return true })
}

// Unmapped reports whether nothing is mapped in [lo, hi).
func (s *Space) Unmapped(lo, hi uint64) bool {
	i := s.after(lo)
	return i == len(s.maps) || s.maps[i].Start >= hi
}

// LockedIn returns how many bytes of [lo, hi) are locked, mlock(2).
func (s *Space) LockedIn(lo, hi uint64) uint64 {
	return s.sum(lo, hi, func(m *Mapping) bool { return m.Flags&Locked != 0 })
}

// LockedBytes returns how many bytes are locked, VmLck.
func (s *Space) LockedBytes() uint64 { return s.LockedIn(0, Limit) }

// Charge returns how many bytes of [lo, hi) would count as memory in use if they
// became writable: private, reserved, and not writable yet.
func (s *Space) Charge(lo, hi uint64) uint64 {
	return s.sum(lo, hi, func(m *Mapping) bool { return m.Flags&(Shared|NoReserve) == 0 && m.Prot&Write == 0 })
}

// EachPage calls f with every private page, by ascending address. f must not keep or
// change the page.
func (s *Space) EachPage(f func(a uint64, page *[PageSize]byte)) {
	s.tree.each(0, treeLimit, func(i uint64, e pte) bool {
		frame, cause := s.pool.frame(e)
		if cause == CauseNone {
			f(i<<PageShift, s.pool.bytes(frame))
		}
		return cause == CauseNone
	})
}
