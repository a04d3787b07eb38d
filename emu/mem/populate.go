package mem

// Populate brings [lo, hi) into memory as the program's own accesses would, for
// writing if write is set, and returns the first cause that stops it.
func (s *Space) Populate(lo, hi uint64, write bool) Cause {
	for a := lo &^ PageMask; a < hi; {
		m := s.find(a)
		if m == nil {
			return CauseMapErr
		}
		end := min(hi, m.End)
		if cause := s.populate(m, a, end, write); cause != CauseNone {
			return cause
		}
		a = end
	}
	return CauseNone
}

// populate is Populate within m. Reading anonymous memory needs no frame, however
// much of it there is.
func (s *Space) populate(m *Mapping, a, end uint64, write bool) Cause {
	if m.Prot == 0 {
		return CauseAccErr
	}
	if m.Object == nil && !write {
		return CauseNone
	}
	for ; a < end; a += PageSize {
		var cause Cause
		if write {
			_, _, cause = s.writePage(a)
		} else {
			_, cause = s.readPage(a, anyProt)
		}
		if cause != CauseNone {
			return cause
		}
	}
	return CauseNone
}
