package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/anon"
)

// setfl is the flags that F_SETFL may change.
const setfl = abi.O_APPEND | abi.O_ASYNC | abi.O_DIRECT | abi.O_NOATIME | abi.O_NONBLOCK

// fcntl implements fcntl(2).
func fcntl(t *kernel.Thread, a Args) (uint64, error) {
	fd, cmd := a.Int(0), a.Int(1)
	f, err := t.File(fd)
	if err != nil {
		return 0, err
	}
	fds := t.Proc.FDs
	switch cmd {
	case abi.F_DUPFD, abi.F_DUPFD_CLOEXEC:
		return dupFrom(t, fd, a.Int(2), cmd == abi.F_DUPFD_CLOEXEC)
	case abi.F_GETFD:
		on, err := fds.CloseOnExec(fd)
		return boolResult(on), err
	case abi.F_SETFD:
		return 0, fds.SetCloseOnExec(fd, a[2]&abi.FD_CLOEXEC != 0)
	case abi.F_GETFL:
		return uint64(f.Flags), nil
	}
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	switch cmd {
	case abi.F_SETFL:
		return 0, setStatusFlags(t, f, a.Uint(2))
	case abi.F_GETLK, abi.F_SETLK, abi.F_SETLKW, abi.F_OFD_GETLK, abi.F_OFD_SETLK, abi.F_OFD_SETLKW:
		return recordLock(t, f, cmd, a[2])
	case abi.F_GETPIPE_SZ, abi.F_SETPIPE_SZ:
		return pipeSize(t, f, cmd, a[2])
	case abi.F_ADD_SEALS, abi.F_GET_SEALS:
		return fileSeals(f, cmd, a.Uint(2))
	case abi.F_SETOWN, abi.F_GETOWN, abi.F_SETSIG, abi.F_GETSIG, abi.F_SETOWN_EX, abi.F_GETOWN_EX:
		return fileOwner(t, f, cmd, a)
	case abi.F_NOTIFY: // like F_SETOWN: accepted, and nobody is ever told
		if !isDir(f.Node) {
			return 0, abi.ENOTDIR
		}
		return 0, nil
	case abi.F_GETLEASE:
		return abi.F_UNLCK, nil
	case abi.F_GET_RW_HINT, abi.F_GET_FILE_RW_HINT:
		return 0, t.WriteU64(a[2], 0)
	case abi.F_SET_RW_HINT, abi.F_SET_FILE_RW_HINT:
		return 0, nil
	}
	return 0, abi.EINVAL
}

func boolResult(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// setStatusFlags implements F_SETFL.
func setStatusFlags(t *kernel.Thread, f *vfs.OpenFile, flags uint32) error {
	if flags&abi.O_NOATIME != 0 && f.Flags&abi.O_NOATIME == 0 {
		a, err := f.Node.Attr()
		if err != nil {
			return err
		}
		if c := t.VFS().Cred; !c.Owns(&a) {
			return abi.EPERM
		}
	}
	f.Flags = f.Flags&^setfl | flags&setfl
	if p, ok := f.File.(*anon.PipeEnd); ok {
		p.SetPacket(flags&abi.O_DIRECT != 0)
	}
	return nil
}

// pipeSize implements F_GETPIPE_SZ and F_SETPIPE_SZ.
func pipeSize(t *kernel.Thread, f *vfs.OpenFile, cmd int32, size uint64) (uint64, error) {
	p, ok := f.File.(*anon.PipeEnd)
	if !ok {
		return 0, abi.EBADF
	}
	if cmd == abi.F_GETPIPE_SZ {
		return uint64(p.Capacity()), nil
	}
	n, err := p.SetCapacity(size&0xffffffff, t.Proc.Cred.Capable(abi.CAP_SYS_RESOURCE))
	return uint64(n), err
}

// Sealed is a file that can be sealed, memfd_create(2).
type Sealed interface {
	Seals() uint32
	AddSeals(seals uint32) error
}

// fileSeals implements F_ADD_SEALS and F_GET_SEALS.
func fileSeals(f *vfs.OpenFile, cmd int32, seals uint32) (uint64, error) {
	s, ok := f.Node.(Sealed)
	if !ok {
		return 0, abi.EINVAL
	}
	if cmd == abi.F_GET_SEALS {
		return uint64(s.Seals()), nil
	}
	if !f.Writable() {
		return 0, abi.EPERM
	}
	return 0, s.AddSeals(seals)
}

// fileOwner implements F_SETOWN and its kin: who gets SIGIO. Nobody is sent one,
// so the owner is only remembered.
func fileOwner(t *kernel.Thread, f *vfs.OpenFile, cmd int32, a Args) (uint64, error) {
	switch cmd {
	case abi.F_GETOWN:
		return uint64(int64(f.Owner)), nil
	case abi.F_SETOWN:
		f.Owner = a.Int(2)
	case abi.F_GETSIG:
		return uint64(f.Signal), nil
	case abi.F_SETSIG:
		if a[2] > uint64(abi.SIGMAX) {
			return 0, abi.EINVAL
		}
		f.Signal = a.Uint(2)
	case abi.F_GETOWN_EX:
		o := abi.FOwnerEx{Type: abi.F_OWNER_PID, PID: f.Owner}
		if f.Owner < 0 {
			o = abi.FOwnerEx{Type: abi.F_OWNER_PGRP, PID: -f.Owner}
		}
		var b [abi.FOwnerExSize]byte
		o.Put(b[:])
		return 0, t.Write(b[:], a[2])
	case abi.F_SETOWN_EX:
		var b [abi.FOwnerExSize]byte
		if err := t.Read(b[:], a[2]); err != nil {
			return 0, err
		}
		var o abi.FOwnerEx
		o.Decode(b[:])
		if o.Type < abi.F_OWNER_TID || o.Type > abi.F_OWNER_PGRP {
			return 0, abi.EINVAL
		}
		f.Owner = o.PID
		if o.Type == abi.F_OWNER_PGRP {
			f.Owner = -o.PID
		}
	}
	return 0, nil
}
