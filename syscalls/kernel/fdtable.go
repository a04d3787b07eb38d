package kernel

import (
	"emurun/abi"
	"emurun/vfs"
)

// FDTable is a table of file descriptors, which CLONE_FILES shares.
type FDTable struct {
	slots []fdSlot
	refs  int
}

type fdSlot struct {
	file    *vfs.OpenFile
	cloexec bool
}

// File returns the open file description behind fd, or abi.EBADF.
func (t *Thread) File(fd int32) (*vfs.OpenFile, error) {
	s := t.Proc.FDs.slots
	if fd < 0 || int(fd) >= len(s) || s[fd].file == nil {
		return nil, abi.EBADF
	}
	return s[fd].file, nil
}
