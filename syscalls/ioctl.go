package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Ioctler is a file some of whose requests depend on who asks: a terminal.
// handled is false for requests that are vfs.File's.
type Ioctler interface {
	IoctlBy(t *kernel.Thread, f *vfs.OpenFile, req uint32, arg uint64) (ret uint64, handled bool, err error)
}

// ioctl implements ioctl(2): requests that any file knows, then those of its kind.
func ioctl(t *kernel.Thread, a Args) (uint64, error) {
	fd, req, arg := a.Int(0), a.Uint(1), a[2]
	f, err := t.File(fd)
	if err != nil {
		return 0, err
	}
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	switch req {
	case abi.FIOCLEX, abi.FIONCLEX:
		return 0, t.Proc.FDs.SetCloseOnExec(fd, req == abi.FIOCLEX)
	case abi.FIONBIO, abi.FIOASYNC:
		on, err := t.ReadU32(arg)
		if err != nil {
			return 0, err
		}
		bit := uint32(abi.O_NONBLOCK)
		if req == abi.FIOASYNC {
			bit = abi.O_ASYNC
		}
		f.Flags &^= bit
		if on != 0 {
			f.Flags |= bit
		}
		return 0, nil
	}
	if i, ok := f.File.(Ioctler); ok {
		if ret, handled, err := i.IoctlBy(t, f, req, arg); handled {
			return ret, err
		}
	}
	ret, err := f.File.Ioctl(req, arg, t.Proc.Mem)
	if err == abi.ENOTTY {
		return fileIoctl(t, f, req, arg)
	}
	return ret, err
}

// fileIoctl is the requests of regular files and directories.
func fileIoctl(t *kernel.Thread, f *vfs.OpenFile, req uint32, arg uint64) (uint64, error) {
	a, err := f.Node.Attr()
	if err != nil {
		return 0, err
	}
	switch kind := a.Mode & abi.S_IFMT; {
	case req == abi.FIONREAD && kind == abi.S_IFREG:
		return 0, t.WriteU32(arg, uint32(a.Size-f.Pos))
	case req == abi.FIOQSIZE && (kind == abi.S_IFREG || kind == abi.S_IFDIR):
		return 0, t.WriteU64(arg, uint64(a.Size))
	case req == abi.FIGETBSZ && kind == abi.S_IFREG:
		return 0, t.WriteU32(arg, uint32(a.Blksize))
	case (req == abi.FICLONE || req == abi.FICLONERANGE || req == abi.FIDEDUPERANGE || req == abi.FS_IOC_FIEMAP) && kind == abi.S_IFREG:
		return 0, abi.EOPNOTSUPP
	}
	return 0, abi.ENOTTY
}
