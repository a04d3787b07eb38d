package mem

import "emurun/abi"

// Remapping says what mremap(2) shall do. All values are page boundaries.
type Remapping struct {
	Old, OldLen uint64
	NewLen      uint64
	MayMove     bool
	DontUnmap   bool   // leave the old mapping, empty
	Fixed       bool   // move to New
	New         uint64 // with Fixed
}

// Remap grows, shrinks or moves a mapping, mremap(2), and returns where it is.
func (s *Space) Remap(r Remapping) (uint64, error) {
	if r.Fixed || r.DontUnmap {
		return s.remapTo(r)
	}
	m := s.find(r.Old)
	if m == nil {
		return 0, abi.EFAULT
	}
	if r.OldLen >= r.NewLen {
		return r.Old, s.Unmap(r.Old+r.NewLen, r.Old+r.OldLen)
	}
	if err := s.resizable(m, r); err != nil {
		return 0, err
	}
	if r.OldLen > 0 && r.Old+r.OldLen == m.End && s.extend(m, r.NewLen-r.OldLen) {
		return r.Old, nil
	}
	if !r.MayMove {
		return 0, abi.ENOMEM
	}
	to, ok := s.FindFree(0, r.NewLen)
	if !ok {
		return 0, abi.ENOMEM
	}
	return to, s.move(m, r, to)
}

// remapTo is Remap with MREMAP_FIXED or MREMAP_DONTUNMAP.
func (s *Space) remapTo(r Remapping) (uint64, error) {
	to := r.New
	if r.Fixed {
		if r.NewLen > Limit || to > Limit-r.NewLen || to < r.Old+r.OldLen && r.Old < to+r.NewLen {
			return 0, abi.EINVAL
		}
		if to < mmapMin {
			return 0, abi.EPERM
		}
		if len(s.maps) >= MaxMappings-3 {
			return 0, abi.ENOMEM
		}
		if err := s.Unmap(to, to+r.NewLen); err != nil {
			return 0, err
		}
	}
	if r.OldLen > r.NewLen {
		if err := s.Unmap(r.Old+r.NewLen, r.Old+r.OldLen); err != nil {
			return 0, err
		}
		r.OldLen = r.NewLen
	}
	m := s.find(r.Old)
	if m == nil {
		return 0, abi.EFAULT
	}
	if err := s.resizable(m, r); err != nil {
		return 0, err
	}
	if !r.Fixed {
		var ok bool
		if to, ok = s.FindFree(r.New, r.NewLen); !ok {
			return 0, abi.ENOMEM
		}
	}
	return to, s.move(m, r, to)
}

// resizable returns why m cannot be resized as r says.
func (s *Space) resizable(m *Mapping, r Remapping) error {
	switch {
	case r.OldLen == 0 && m.Flags&Shared == 0:
		return abi.EINVAL // only a shared mapping can be duplicated
	case r.OldLen > m.End-r.Old:
		return abi.EFAULT
	case m.Object != nil && r.Old-m.Start+m.Offset > MaxObjectSize-r.NewLen:
		return abi.EINVAL
	case r.NewLen <= r.OldLen:
		return nil
	}
	flags := m.Flags
	if m.Prot&Write == 0 || flags&Shared != 0 {
		flags |= NoReserve
	}
	return s.Admit(r.NewLen-r.OldLen, flags)
}

// extend makes m longer by n if the place behind it is free.
func (s *Space) extend(m *Mapping, n uint64) bool {
	if n > Limit-m.End || !s.Free(m.End, m.End+n) {
		return false
	}
	m.End += n
	s.merge(m.Start, m.End)
	return true
}

// move moves [r.Old, r.Old+r.OldLen) of m to the free place to, with length r.NewLen.
func (s *Space) move(m *Mapping, r Remapping, to uint64) error {
	if len(s.maps) >= MaxMappings-3 {
		return abi.ENOMEM
	}
	n := *m
	n.Start, n.End = to, to+r.NewLen
	if n.Object != nil {
		n.Offset += r.Old - m.Start
		n.Object.Hold() // between its old mapping and its new one
		defer n.Object.Release()
	}
	s.dropCode(r.Old, r.Old+r.OldLen)
	s.TLB.flush(r.Old, r.Old+r.OldLen)
	if m.Flags&Shared == 0 {
		s.movePages(r.Old>>PageShift, to>>PageShift, r.OldLen>>PageShift)
	}
	if r.OldLen > 0 && !r.DontUnmap {
		if err := s.Unmap(r.Old, r.Old+r.OldLen); err != nil {
			return err
		}
	}
	s.insert(s.after(to), &n)
	s.merge(n.Start, n.End)
	return nil
}

// movePages moves the private pages of n page numbers from one place to another.
func (s *Space) movePages(from, to, n uint64) {
	var at []uint64
	s.tree.each(from, from+n, func(i uint64, _ pte) bool {
		at = append(at, i)
		return true
	})
	for _, i := range at {
		s.tree.set(to+i-from, s.tree.take(i))
	}
}
