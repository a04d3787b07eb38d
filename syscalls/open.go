package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// openFlags of open(2) that Linux knows; older calls ignore others, openat2(2)
// refuses them.
const openKnown = abi.O_ACCMODE | abi.O_CREAT | abi.O_EXCL | abi.O_NOCTTY | abi.O_TRUNC | abi.O_APPEND | abi.O_NONBLOCK |
	abi.O_SYNC | abi.O_ASYNC | abi.O_DIRECT | abi.O_LARGEFILE | abi.O_DIRECTORY | abi.O_NOFOLLOW | abi.O_NOATIME |
	abi.O_CLOEXEC | abi.O_PATH | abi.O_TMPFILE

// install gives f the lowest free descriptor.
func install(t *kernel.Thread, f *vfs.OpenFile, cloexec bool) (uint64, error) {
	fd, err := t.Proc.FDs.Install(f, 0, t.Proc.Limits[abi.RLIMIT_NOFILE].Cur, cloexec)
	if err != nil {
		f.Unref()
		return 0, err
	}
	return uint64(fd), nil
}

// openPath opens the path at addr.
func openPath(t *kernel.Thread, dirfd int32, addr uint64, how vfs.How) (uint64, error) {
	p, err := argPlace(t, dirfd, addr)
	if err != nil {
		return 0, err
	}
	if how.Flags&abi.O_PATH == 0 {
		how.Flags |= abi.O_LARGEFILE // always, for 64-bit programs
	}
	if !t.Proc.FDs.Room(t.Proc.Limits[abi.RLIMIT_NOFILE].Cur) {
		return 0, abi.EMFILE // before a file is created or a FIFO waited for
	}
	f, err := t.VFS().Open(p.at, p.path, how)
	if err != nil {
		return 0, err
	}
	opened(t, f, how.Flags)
	return install(t, f, how.Flags&abi.O_CLOEXEC != 0)
}

// Opened is a file that wants to know who opened it: a terminal may become
// the controlling one.
type Opened interface {
	Opened(t *kernel.Thread, flags uint32)
}

func opened(t *kernel.Thread, f *vfs.OpenFile, flags uint32) {
	if o, ok := f.File.(Opened); ok {
		o.Opened(t, flags)
	}
}

// open implements open(2).
func open(t *kernel.Thread, a Args) (uint64, error) {
	return openPath(t, abi.AT_FDCWD, a[0], vfs.How{Flags: a.Uint(1) & openKnown, Mode: a.Uint(2) & 0o7777})
}

// openat implements openat(2).
func openat(t *kernel.Thread, a Args) (uint64, error) {
	return openPath(t, a.Int(0), a[1], vfs.How{Flags: a.Uint(2) & openKnown, Mode: a.Uint(3) & 0o7777})
}

// creat implements creat(2).
func creat(t *kernel.Thread, a Args) (uint64, error) {
	return openPath(t, abi.AT_FDCWD, a[0], vfs.How{Flags: abi.O_CREAT | abi.O_WRONLY | abi.O_TRUNC, Mode: a.Uint(1) & 0o7777})
}

// openHowMax is the largest struct open_how that openat2(2) looks at.
const openHowMax = 4096

// openat2 implements openat2(2).
func openat2(t *kernel.Thread, a Args) (uint64, error) {
	size := a[3]
	switch {
	case size < abi.OpenHowSize:
		return 0, abi.EINVAL
	case size > openHowMax:
		return 0, abi.E2BIG
	}
	b := make([]byte, size)
	if err := t.Read(b, a[2]); err != nil {
		return 0, err
	}
	if !allZero(b[abi.OpenHowSize:]) {
		return 0, abi.E2BIG
	}
	var h abi.OpenHow
	h.Decode(b)
	const resolve = abi.RESOLVE_NO_XDEV | abi.RESOLVE_NO_MAGICLINKS | abi.RESOLVE_NO_SYMLINKS | abi.RESOLVE_BENEATH |
		abi.RESOLVE_IN_ROOT | abi.RESOLVE_CACHED
	const both = abi.RESOLVE_BENEATH | abi.RESOLVE_IN_ROOT
	creates := h.Flags&abi.O_CREAT != 0 || h.Flags&abi.O_TMPFILE == abi.O_TMPFILE
	switch {
	case h.Flags&^openKnown != 0, h.Mode&^0o7777 != 0, h.Mode != 0 && !creates, h.Resolve&^resolve != 0, h.Resolve&both == both:
		return 0, abi.EINVAL
	case h.Flags&abi.O_PATH != 0 && h.Flags&^(abi.O_PATH|abi.O_DIRECTORY|abi.O_NOFOLLOW|abi.O_CLOEXEC) != 0:
		return 0, abi.EINVAL
	}
	return openPath(t, a.Int(0), a[1], vfs.How{Flags: uint32(h.Flags), Mode: uint32(h.Mode), Resolve: h.Resolve &^ abi.RESOLVE_CACHED})
}

// closeFD implements close(2).
func closeFD(t *kernel.Thread, a Args) (uint64, error) {
	return 0, t.Proc.FDs.Close(a.Int(0))
}

// closeRange implements close_range(2).
func closeRange(t *kernel.Thread, a Args) (uint64, error) {
	first, last, flags := a.Uint(0), a.Uint(1), a.Uint(2)
	if first > last || flags&^(abi.CLOSE_RANGE_UNSHARE|abi.CLOSE_RANGE_CLOEXEC) != 0 {
		return 0, abi.EINVAL
	}
	if flags&abi.CLOSE_RANGE_UNSHARE != 0 {
		t.Proc.FDs = t.Proc.FDs.Unshare()
	}
	fds := t.Proc.FDs
	for fd := first; fd <= last && fd < uint32(fds.Len()); fd++ {
		if flags&abi.CLOSE_RANGE_CLOEXEC != 0 {
			_ = fds.SetCloseOnExec(int32(fd), true) // EBADF: a gap in the range
		} else {
			_ = fds.Close(int32(fd))
		}
	}
	return 0, nil
}

// dup implements dup(2).
func dup(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	return install(t, f.Ref(), false)
}

// dupFrom gives the file behind fd the lowest free descriptor from min on.
func dupFrom(t *kernel.Thread, fd, min int32, cloexec bool) (uint64, error) {
	f, err := t.File(fd)
	if err != nil {
		return 0, err
	}
	limit := t.Proc.Limits[abi.RLIMIT_NOFILE].Cur
	if min < 0 || uint64(min) >= limit {
		return 0, abi.EINVAL
	}
	n, err := t.Proc.FDs.Install(f.Ref(), min, limit, cloexec)
	if err != nil {
		f.Unref()
		return 0, err
	}
	return uint64(n), nil
}

// dup2 implements dup2(2).
func dup2(t *kernel.Thread, a Args) (uint64, error) {
	old, fd := a.Int(0), a.Int(1)
	if old == fd {
		_, err := t.File(old)
		return uint64(fd), err
	}
	return dupTo(t, old, fd, false)
}

// dup3 implements dup3(2).
func dup3(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(2)&^abi.O_CLOEXEC != 0 || a.Int(0) == a.Int(1) {
		return 0, abi.EINVAL
	}
	return dupTo(t, a.Int(0), a.Int(1), a.Uint(2)&abi.O_CLOEXEC != 0)
}

func dupTo(t *kernel.Thread, old, fd int32, cloexec bool) (uint64, error) {
	f, err := t.File(old)
	if err != nil {
		return 0, err
	}
	if fd < 0 || uint64(fd) >= t.Proc.Limits[abi.RLIMIT_NOFILE].Cur {
		return 0, abi.EBADF
	}
	t.Proc.FDs.Set(fd, f.Ref(), cloexec)
	return uint64(fd), nil
}
