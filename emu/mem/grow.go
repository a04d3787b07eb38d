package mem

import "emurun/abi"

// stackGap is the distance that a growing stack keeps from what is below it,
// stack_guard_gap.
const stackGap = 256 << PageShift

// growStack extends a stack down to a if the next mapping above is one that grows
// and its limit allows it.
func (s *Space) growStack(a uint64) *Mapping {
	i := s.after(a)
	if i == len(s.maps) || s.maps[i].Flags&GrowsDown == 0 {
		return nil
	}
	m := s.maps[i]
	start := a &^ PageMask
	if m.End-start > s.Limits.Stack || start < mmapMin {
		return nil
	}
	if i > 0 {
		if below := s.maps[i-1]; below.Prot != 0 && below.Flags&GrowsDown == 0 && start < below.End+stackGap {
			return nil
		}
	}
	if s.Size()+m.Start-start > s.Limits.AS {
		return nil
	}
	m.Start = start
	return m
}

// Brk implements brk(2): it moves the end of the heap to a and returns where it is
// afterwards; a request that cannot be met moves nothing.
func (s *Space) Brk(a uint64) uint64 {
	l := &s.Layout
	if a < l.StartBrk || a-l.StartBrk > s.Limits.Data || a > Limit {
		return l.Brk
	}
	old, end := pageUp(l.Brk), pageUp(a)
	switch {
	case end < old:
		if s.Unmap(end, old) != nil {
			return l.Brk
		}
	case end > old:
		if s.mapHeap(old, end) != nil {
			return l.Brk
		}
	}
	l.Brk = a
	return a
}

// mapHeap adds [lo, hi) to the heap.
func (s *Space) mapHeap(lo, hi uint64) error {
	if hi >= Limit || !s.Free(lo, hi+PageSize) {
		return abi.ENOMEM
	}
	if err := s.Admit(hi-lo, 0); err != nil {
		return err
	}
	if err := s.AdmitData(hi - lo); err != nil {
		return err
	}
	return s.Map(Mapping{Start: lo, End: hi, Prot: Read | Write, Name: "[heap]"})
}

// Admit reports whether n more bytes may be mapped, with flags: abi.ENOMEM if they
// exceed RLIMIT_AS, or what is left of the machine's memory (the heuristic of
// vm.overcommit_memory 0: one request must be plausible; their sum need not be).
func (s *Space) Admit(n uint64, flags MapFlags) error {
	if n > Limit || s.Limits.AS != Infinity && s.Size()+n > s.Limits.AS {
		return abi.ENOMEM
	}
	if flags&NoReserve == 0 && n > s.pool.Available() {
		return abi.ENOMEM
	}
	return nil
}

// AdmitData reports whether n more bytes of private writable memory may be mapped:
// abi.ENOMEM if they exceed RLIMIT_DATA, which counts stacks apart (setrlimit(2)).
func (s *Space) AdmitData(n uint64) error {
	if s.Limits.Data == Infinity {
		return nil
	}
	for _, m := range s.maps {
		if m.Prot&Write != 0 && m.Flags&(Shared|GrowsDown) == 0 {
			n += m.Len()
		}
	}
	if n > s.Limits.Data {
		return abi.ENOMEM
	}
	return nil
}

// pageUp rounds a up to a page boundary.
func pageUp(a uint64) uint64 { return (a + PageMask) &^ PageMask }
