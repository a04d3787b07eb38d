package mem

// Populate brings [lo, hi) into memory as the program's own accesses would, for
// writing if write is set, and returns the first cause that stops it.
func (s *Space) Populate(lo, hi uint64, write bool) Cause {
	for a := lo &^ PageMask; a < hi; a += PageSize {
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
