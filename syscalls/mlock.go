package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// Nothing is ever paged out, so that locking memory only counts it and brings it in.

// lockLimit returns why n more bytes cannot be locked: abi.EPERM or abi.ENOMEM. The
// superuser has no limit (CAP_IPC_LOCK).
func lockLimit(t *kernel.Thread, n uint64) error {
	if t.Proc.Cred.Capable(abi.CAP_IPC_LOCK) {
		return nil
	}
	limit := t.Proc.Limits[abi.RLIMIT_MEMLOCK].Cur
	switch {
	case limit == 0:
		return abi.EPERM
	case n > limit || t.Mem().LockedBytes() > limit-n:
		return abi.ENOMEM
	}
	return nil
}

// mlock implements mlock(2).
func mlock(t *kernel.Thread, a Args) (uint64, error) { return lockMemory(t, a.Ptr(0), a[1], true) }

// mlock2 implements mlock2(2).
func mlock2(t *kernel.Thread, a Args) (uint64, error) {
	if a[2]&^abi.MLOCK_ONFAULT != 0 {
		return 0, abi.EINVAL
	}
	return lockMemory(t, a.Ptr(0), a[1], a[2] == 0)
}

// mlockRange returns the pages that [addr, addr+n) touches.
func mlockRange(addr, n uint64) (lo, hi uint64, err error) {
	lo = addr &^ mem.PageMask
	hi = lo + pageUp(n+addr&mem.PageMask)
	if hi < lo {
		return 0, 0, abi.EINVAL
	}
	return lo, hi, nil
}

func lockMemory(t *kernel.Thread, addr, n uint64, now bool) (uint64, error) {
	lo, hi, err := mlockRange(addr, n)
	if err != nil {
		return 0, err
	}
	s := t.Mem()
	if err := lockLimit(t, hi-lo-s.LockedIn(lo, hi)); err != nil {
		return 0, err
	}
	if err := s.SetFlags(lo, hi, mem.Locked, 0); err != nil || !now {
		return 0, err
	}
	return 0, bringIn(s, lo, hi)
}

// bringIn brings [lo, hi) into memory, private memory with its own frames.
func bringIn(s *mem.Space, lo, hi uint64) error {
	var cause mem.Cause
	s.Each(lo, hi, func(m *mem.Mapping) {
		if cause == mem.CauseNone {
			write := m.Flags&mem.Shared == 0 && m.Prot&mem.Write != 0
			cause = s.Populate(max(lo, m.Start), min(hi, m.End), write)
		}
	})
	switch cause {
	case mem.CauseNone:
		return nil
	case mem.CauseOOM:
		return abi.EAGAIN
	}
	return abi.ENOMEM
}

// munlock implements munlock(2).
func munlock(t *kernel.Thread, a Args) (uint64, error) {
	lo, hi, err := mlockRange(a.Ptr(0), a[1])
	if err != nil {
		return 0, err
	}
	return 0, t.Mem().SetFlags(lo, hi, 0, mem.Locked)
}

// mlockall implements mlockall(2). MCL_FUTURE is accepted and has no effect that a
// program can see.
func mlockall(t *kernel.Thread, a Args) (uint64, error) {
	flags := a[0]
	if flags == 0 || flags&^(abi.MCL_CURRENT|abi.MCL_FUTURE|abi.MCL_ONFAULT) != 0 || flags == abi.MCL_ONFAULT {
		return 0, abi.EINVAL
	}
	s := t.Mem()
	if err := lockLimit(t, s.Size()-s.LockedBytes()); err != nil {
		return 0, err
	}
	if flags&abi.MCL_CURRENT == 0 {
		return 0, nil
	}
	_ = s.SetFlags(0, mem.Limit, mem.Locked, 0) // gaps do not matter
	if flags&abi.MCL_ONFAULT == 0 {
		_ = bringIn(s, 0, mem.Limit) // nor what cannot be brought in
	}
	return 0, nil
}

// munlockall implements munlockall(2).
func munlockall(t *kernel.Thread, _ Args) (uint64, error) {
	_ = t.Mem().SetFlags(0, mem.Limit, 0, mem.Locked)
	return 0, nil
}
