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
