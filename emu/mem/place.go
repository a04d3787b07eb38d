package mem

// mmapMin is the lowest address a mapping may have, vm.mmap_min_addr.
const mmapMin = 0x10000

// mmapBase returns below where mappings go: under the largest stack the limit
// allows, within Linux's bounds. There is no randomisation.
func mmapBase(stack uint64) uint64 {
	gap := min(max(stack+stackGap, 128<<20), Limit/6*5)
	return (Limit - gap) &^ PageMask
}

// SetStackLimit sets RLIMIT_STACK for a new program: mappings are placed below it.
func (s *Space) SetStackLimit(n uint64) {
	s.Limits.Stack = n
	s.Layout.MmapBase = mmapBase(n)
}

// FindFree returns where n bytes can be mapped: at hint if that is free, else at the
// highest free place below the mmap base, else the lowest free place.
func (s *Space) FindFree(hint, n uint64) (uint64, bool) {
	if n == 0 || n > Limit-mmapMin {
		return 0, false
	}
	hint = pageUp(hint)
	if hint >= mmapMin && hint <= Limit-n && s.Free(hint, hint+n) {
		return hint, true
	}
	if a, ok := s.highest(n, s.Layout.MmapBase); ok {
		return a, true
	}
	return s.highest(n, Limit)
}

// highest returns the highest free place for n bytes that ends at or below top.
func (s *Space) highest(n, top uint64) (uint64, bool) {
	for i := s.after(top); ; i-- {
		if i < len(s.maps) {
			if top = min(top, s.floor(s.maps[i])); top == 0 {
				return 0, false
			}
		}
		low := uint64(mmapMin)
		if i > 0 {
			low = max(low, s.maps[i-1].End)
		}
		if top >= low && top-low >= n {
			return top - n, true
		}
		if i == 0 {
			return 0, false
		}
	}
}

// floor returns the highest address below m that a new mapping may reach.
func (s *Space) floor(m *Mapping) uint64 {
	if m.Flags&GrowsDown != 0 {
		return m.Start - min(m.Start, stackGap)
	}
	return m.Start
}

// Free reports whether nothing is mapped in [lo, hi).
func (s *Space) Free(lo, hi uint64) bool {
	i := s.after(lo)
	return i == len(s.maps) || s.floor(s.maps[i]) >= hi
}

// FindLow returns the lowest free place for n bytes in [lo, hi), for MAP_32BIT.
func (s *Space) FindLow(lo, hi, n uint64) (uint64, bool) {
	for i := s.after(lo); lo <= hi && hi-lo >= n; i++ {
		if i == len(s.maps) || s.floor(s.maps[i]) >= lo+n {
			return lo, true
		}
		lo = max(lo, s.maps[i].End)
	}
	return 0, false
}
