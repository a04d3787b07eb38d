package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// mremap implements mremap(2).
func mremap(t *kernel.Thread, a Args) (uint64, error) {
	const fixed, mayMove, dontUnmap = abi.MREMAP_FIXED, abi.MREMAP_MAYMOVE, abi.MREMAP_DONTUNMAP
	flags := a[3]
	r := mem.Remapping{
		Old: a.Ptr(0), OldLen: pageUp(a[1]), NewLen: pageUp(a[2]),
		MayMove: flags&mayMove != 0, Fixed: flags&fixed != 0, DontUnmap: flags&dontUnmap != 0, New: a.Ptr(4),
	}
	switch {
	case flags&^(fixed|mayMove|dontUnmap) != 0,
		flags&(fixed|dontUnmap) != 0 && !r.MayMove,
		r.DontUnmap && r.OldLen != r.NewLen,
		!aligned(r.Old), r.NewLen == 0,
		r.Fixed && !aligned(r.New):
		return 0, abi.EINVAL
	case r.Old > mem.Limit || r.OldLen > mem.Limit-r.Old:
		return 0, abi.EFAULT
	case r.NewLen > mem.Limit:
		if r.Fixed {
			return 0, abi.EINVAL
		}
		return 0, abi.ENOMEM
	case r.DontUnmap && !r.Fixed:
		r.New &^= mem.PageMask
	}
	return space(t).Remap(r)
}
