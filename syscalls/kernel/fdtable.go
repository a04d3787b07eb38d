package kernel

import (
	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/lock"
)

// FDTable is a table of file descriptors, which CLONE_FILES shares.
type FDTable struct {
	slots []fdSlot
	refs  int32
	free  int         // no descriptor below it is free
	locks *lock.Table // where the table's record locks are; nil before its first
}

type fdSlot struct {
	file    *vfs.OpenFile
	cloexec bool
}

// NewFDTable returns an empty table with one user.
func NewFDTable() *FDTable { return &FDTable{refs: 1} }

// File returns the open file description behind fd, or abi.EBADF.
func (f *FDTable) File(fd int32) (*vfs.OpenFile, error) {
	if fd < 0 || int(fd) >= len(f.slots) || f.slots[fd].file == nil {
		return nil, abi.EBADF
	}
	return f.slots[fd].file, nil
}

// Install gives file the lowest free descriptor that is at least from and below
// limit, or returns abi.EMFILE. The caller's reference becomes the table's.
func (f *FDTable) Install(file *vfs.OpenFile, from int32, limit uint64, cloexec bool) (int32, error) {
	for fd := max(int(from), f.free); uint64(fd) < limit; fd++ {
		if fd >= len(f.slots) || f.slots[fd].file == nil {
			f.Set(int32(fd), file, cloexec)
			if int(from) <= f.free {
				f.free = fd + 1
			}
			return int32(fd), nil
		}
	}
	return 0, abi.EMFILE
}

// Set puts file at fd, closing what was there. The caller's reference becomes
// the table's.
func (f *FDTable) Set(fd int32, file *vfs.OpenFile, cloexec bool) {
	for int(fd) >= len(f.slots) {
		f.slots = append(f.slots, fdSlot{})
	}
	old := f.slots[fd].file
	f.slots[fd] = fdSlot{file, cloexec}
	if old != nil {
		f.unref(old)
	}
}

// unref ends the table's use of a description. Closing any descriptor of an inode
// gives up the record locks that the table has on it, fcntl_locking(2).
func (f *FDTable) unref(file *vfs.OpenFile) {
	if f.locks != nil {
		if a, err := file.Node.Attr(); err == nil {
			f.locks.Release(lock.ID{Dev: a.Dev, Ino: a.Ino}, f)
		}
	}
	file.Unref()
}

// UseLocks says that the table owns record locks in t.
func (f *FDTable) UseLocks(t *lock.Table) { f.locks = t }

// Close closes fd.
func (f *FDTable) Close(fd int32) error {
	file, err := f.File(fd)
	if err != nil {
		return err
	}
	f.slots[fd] = fdSlot{}
	f.free = min(f.free, int(fd))
	f.unref(file)
	return nil
}

// CloseOnExec returns the FD_CLOEXEC flag of fd.
func (f *FDTable) CloseOnExec(fd int32) (bool, error) {
	_, err := f.File(fd)
	return err == nil && f.slots[fd].cloexec, err
}

// SetCloseOnExec sets the FD_CLOEXEC flag of fd.
func (f *FDTable) SetCloseOnExec(fd int32, on bool) error {
	if _, err := f.File(fd); err != nil {
		return err
	}
	f.slots[fd].cloexec = on
	return nil
}

// Len is one more than the highest descriptor that may be open.
func (f *FDTable) Len() int32 { return int32(len(f.slots)) }

// Room reports whether a descriptor below limit is free.
func (f *FDTable) Room(limit uint64) bool {
	if uint64(len(f.slots)) < limit {
		return true
	}
	for _, s := range f.slots[:limit] {
		if s.file == nil {
			return true
		}
	}
	return false
}

// Unshare returns a table that only the caller uses, CLOSE_RANGE_UNSHARE: f
// itself, or a copy.
func (f *FDTable) Unshare() *FDTable {
	if f.refs == 1 {
		return f
	}
	f.refs--
	return f.clone()
}

// clone returns a copy for fork(2): the same descriptions, one user.
func (f *FDTable) clone() *FDTable {
	n := &FDTable{refs: 1, free: f.free, slots: append([]fdSlot(nil), f.slots...)}
	for _, s := range n.slots {
		if s.file != nil {
			s.file.Ref()
		}
	}
	return n
}

// closeExec closes what execve(2) closes.
func (f *FDTable) closeExec() {
	for fd, s := range f.slots {
		if s.file != nil && s.cloexec {
			f.Close(int32(fd))
		}
	}
}

// release ends one use of the table; the last closes everything.
func (f *FDTable) release() {
	f.refs--
	if f.refs > 0 {
		return
	}
	for fd := range f.slots {
		f.Close(int32(fd))
	}
}
