package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// madvise implements madvise(2). Advice about paging changes nothing; MADV_FREE frees
// at once, which it may.
func madvise(t *kernel.Thread, a Args) (uint64, error) {
	start, n, advice := a.Ptr(0), pageUp(a[1]), a.Int(2)
	end := start + n
	switch {
	case !aligned(start), !knownAdvice(advice), a[1] != 0 && n == 0, end < start:
		return 0, abi.EINVAL
	case n == 0:
		return 0, nil
	case end > mem.Limit:
		end = mem.Limit
		if start >= end {
			return 0, abi.ENOMEM
		}
	}
	return 0, advise(t, t.Mem(), start, end, advice)
}

func knownAdvice(advice int32) bool {
	return advice >= abi.MADV_NORMAL && advice <= abi.MADV_DONTNEED ||
		advice >= abi.MADV_FREE && advice <= abi.MADV_COLLAPSE
}

// advise acts on [lo, hi). Where nothing is mapped it returns abi.ENOMEM, after
// acting on the rest.
func advise(t *kernel.Thread, s *mem.Space, lo, hi uint64, advice int32) error {
	switch advice {
	case abi.MADV_DONTNEED, abi.MADV_DONTNEED_LOCKED, abi.MADV_FREE, abi.MADV_REMOVE:
		return discard(t, s, lo, hi, advice)
	case abi.MADV_DONTFORK:
		return s.SetFlags(lo, hi, mem.DontFork, 0)
	case abi.MADV_DOFORK:
		return s.SetFlags(lo, hi, 0, mem.DontFork)
	case abi.MADV_DONTDUMP:
		return s.SetFlags(lo, hi, mem.DontDump, 0)
	case abi.MADV_DODUMP:
		return s.SetFlags(lo, hi, 0, mem.DontDump)
	case abi.MADV_WIPEONFORK:
		if anyMapping(s, lo, hi, notAnonymous) {
			return abi.EINVAL
		}
		return s.SetFlags(lo, hi, mem.WipeOnFork, 0)
	case abi.MADV_KEEPONFORK:
		return s.SetFlags(lo, hi, 0, mem.WipeOnFork)
	case abi.MADV_POPULATE_READ, abi.MADV_POPULATE_WRITE:
		return populate(s, lo, hi, advice == abi.MADV_POPULATE_WRITE)
	}
	if !s.Covered(lo, hi) {
		return abi.ENOMEM
	}
	return nil
}

// notAnonymous reports whether m is something other than private anonymous memory.
func notAnonymous(m *mem.Mapping) bool { return m.Object != nil }

// anyMapping reports whether a mapping in [lo, hi) is as is says.
func anyMapping(s *mem.Space, lo, hi uint64, is func(*mem.Mapping) bool) bool {
	found := false
	s.Each(lo, hi, func(m *mem.Mapping) { found = found || is(m) })
	return found
}

// discard is MADV_DONTNEED and its kin.
func discard(t *kernel.Thread, s *mem.Space, lo, hi uint64, advice int32) error {
	refuses := func(m *mem.Mapping) bool {
		switch advice {
		case abi.MADV_DONTNEED:
			return m.Flags&mem.Locked != 0
		case abi.MADV_FREE:
			return notAnonymous(m) || m.Flags&mem.Locked != 0
		case abi.MADV_REMOVE:
			return m.Flags&mem.Shared == 0 || m.Flags&mem.Locked != 0
		}
		return false
	}
	if anyMapping(s, lo, hi, refuses) {
		return abi.EINVAL
	}
	if advice != abi.MADV_REMOVE {
		return s.Discard(lo, hi)
	}
	if !s.Covered(lo, hi) {
		return abi.ENOMEM
	}
	var err error
	s.Each(lo, hi, func(m *mem.Mapping) {
		if err == nil {
			err = punch(t, m, max(lo, m.Start), min(hi, m.End))
		}
	})
	return err
}

// punch makes a hole in what m shows at [lo, hi).
func punch(t *kernel.Thread, m *mem.Mapping, lo, hi uint64) error {
	if m.MaxProt != 0 && m.MaxProt&mem.Write == 0 {
		return abi.EACCES
	}
	off := lo - m.Start + m.Offset
	if m.Object.Source() == nil {
		m.Object.Punch(off, hi-lo)
		return nil
	}
	return t.Kernel().PunchHole(m.Object, off, hi-lo)
}

// populate is MADV_POPULATE_READ and MADV_POPULATE_WRITE.
func populate(s *mem.Space, lo, hi uint64, write bool) error {
	need := mem.Read | mem.Write | mem.Exec
	if write {
		need = mem.Write
	}
	switch {
	case !s.Covered(lo, hi):
		return abi.ENOMEM
	case anyMapping(s, lo, hi, func(m *mem.Mapping) bool { return m.Prot&need == 0 }):
		return abi.EINVAL
	}
	switch s.Populate(lo, hi, write) {
	case mem.CauseNone:
		return nil
	case mem.CauseOOM:
		return abi.ENOMEM
	}
	return abi.EFAULT
}
