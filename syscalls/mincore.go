package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// mincore implements mincore(2).
func mincore(t *kernel.Thread, a Args) (uint64, error) {
	start, n, vec := a.Ptr(0), pageUp(a[1]), a.Ptr(2)
	switch {
	case !aligned(start):
		return 0, abi.EINVAL
	case start > mem.Limit || a[1] > mem.Limit-start:
		return 0, abi.ENOMEM
	case vec > mem.Limit-n>>mem.PageShift:
		return 0, abi.EFAULT
	}
	s := t.Mem()
	buf := make([]byte, 0, mem.PageSize)
	for end := start + n; start < end; start += uint64(len(buf)) << mem.PageShift {
		buf = buf[:0]
		for p := start; p < end && len(buf) < cap(buf); p += mem.PageSize {
			if s.MappingAt(p) == nil {
				return 0, abi.ENOMEM
			}
			if s.InMemory(p) {
				buf = append(buf, 1)
			} else {
				buf = append(buf, 0)
			}
		}
		if _, err := s.WriteAt(buf, vec); err != nil {
			return 0, err
		}
		vec += uint64(len(buf))
	}
	return 0, nil
}
