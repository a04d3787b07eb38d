package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// mprotect implements mprotect(2).
func mprotect(t *kernel.Thread, a Args) (uint64, error) {
	const grows = abi.PROT_GROWSDOWN | abi.PROT_GROWSUP
	start, n, prot := a.Ptr(0), pageUp(a[1]), a[2]&^grows
	s := space(t)
	end := start + n
	switch {
	case a[2]&grows == grows, !aligned(start):
		return 0, abi.EINVAL
	case a[1] == 0:
		return 0, nil
	case end <= start:
		return 0, abi.ENOMEM
	case prot&^(abi.PROT_READ|abi.PROT_WRITE|abi.PROT_EXEC|abi.PROT_SEM) != 0:
		return 0, abi.EINVAL
	case end > mem.Limit:
		end = mem.Limit
	}
	if a[2]&grows != 0 {
		m := s.MappingAt(start)
		if m == nil {
			return 0, abi.ENOMEM
		}
		if a[2]&abi.PROT_GROWSUP != 0 || m.Flags&mem.GrowsDown == 0 {
			return 0, abi.EINVAL
		}
		start = m.Start
	}
	if prot&abi.PROT_WRITE != 0 && s.Charge(start, end) > s.Pool().Available() {
		return 0, abi.ENOMEM
	}
	return 0, s.Protect(start, end, protOf(prot))
}

// pkeyMprotect implements pkey_mprotect(2). The CPU has no protection keys: only
// key -1, "none", is valid.
func pkeyMprotect(t *kernel.Thread, a Args) (uint64, error) {
	if a.Int(3) != -1 {
		return 0, abi.EINVAL
	}
	return mprotect(t, a)
}

// pkeyAlloc implements pkey_alloc(2) for a CPU without protection keys.
func pkeyAlloc(_ *kernel.Thread, a Args) (uint64, error) {
	if a[0] != 0 || a[1]&^3 != 0 {
		return 0, abi.EINVAL
	}
	return 0, abi.ENOSPC
}

// pkeyFree implements pkey_free(2): no key is ever allocated.
func pkeyFree(*kernel.Thread, Args) (uint64, error) { return 0, abi.EINVAL }
