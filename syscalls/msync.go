package syscalls

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// msync implements msync(2). What it writes reaches the journal at once; the real
// files at the next commit.
func msync(t *kernel.Thread, a Args) (uint64, error) {
	start, n, flags := a.Ptr(0), pageUp(a[1]), a[2]
	end := start + n
	switch {
	case flags&^(abi.MS_ASYNC|abi.MS_INVALIDATE|abi.MS_SYNC) != 0, !aligned(start),
		flags&abi.MS_ASYNC != 0 && flags&abi.MS_SYNC != 0:
		return 0, abi.EINVAL
	case end < start:
		return 0, abi.ENOMEM
	case end == start:
		return 0, nil
	}
	s := t.Mem()
	var err error
	s.Each(start, end, func(m *mem.Mapping) {
		lo, hi := max(start, m.Start), min(end, m.End)
		switch {
		case err != nil:
		case flags&abi.MS_INVALIDATE != 0 && m.Flags&mem.Locked != 0:
			err = abi.EBUSY
		case m.Flags&mem.Shared != 0:
			err = t.Kernel().FlushObject(m.Object, lo-m.Start+m.Offset, hi-lo)
			if err == nil && flags&abi.MS_SYNC != 0 {
				err = t.Kernel().SyncObject(m.Object)
			}
		}
	})
	if err == nil && !s.Covered(start, end) {
		err = abi.ENOMEM
	}
	return 0, err
}
