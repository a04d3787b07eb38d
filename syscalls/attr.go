package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// openDentry returns the place of an open file that is not only a place itself.
func openDentry(t *kernel.Thread, fd int32) (*vfs.Dentry, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	if f.Flags&abi.O_PATH != 0 {
		return nil, abi.EBADF
	}
	return placeOf(f), nil
}

func chmodAt(t *kernel.Thread, dirfd int32, path uint64, mode, flags uint32) (uint64, error) {
	if flags&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	d, err := lookup(t, dirfd, path, flags)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Chmod(d, mode)
}

// chmod implements chmod(2).
func chmod(t *kernel.Thread, a Args) (uint64, error) {
	return chmodAt(t, abi.AT_FDCWD, a[0], a.Uint(1), 0)
}

// fchmod implements fchmod(2).
func fchmod(t *kernel.Thread, a Args) (uint64, error) {
	d, err := openDentry(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Chmod(d, a.Uint(1))
}

// fchmodat implements the fchmodat system call, which has no flags.
func fchmodat(t *kernel.Thread, a Args) (uint64, error) {
	return chmodAt(t, a.Int(0), a[1], a.Uint(2), 0)
}

// fchmodat2 implements fchmodat2(2).
func fchmodat2(t *kernel.Thread, a Args) (uint64, error) {
	return chmodAt(t, a.Int(0), a[1], a.Uint(2), a.Uint(3))
}

func chownAt(t *kernel.Thread, dirfd int32, path uint64, uid, gid, flags uint32) (uint64, error) {
	if flags&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	d, err := lookup(t, dirfd, path, flags)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Chown(d, uid, gid)
}

// chown implements chown(2).
func chown(t *kernel.Thread, a Args) (uint64, error) {
	return chownAt(t, abi.AT_FDCWD, a[0], a.Uint(1), a.Uint(2), 0)
}

// lchown implements lchown(2).
func lchown(t *kernel.Thread, a Args) (uint64, error) {
	return chownAt(t, abi.AT_FDCWD, a[0], a.Uint(1), a.Uint(2), abi.AT_SYMLINK_NOFOLLOW)
}

// fchown implements fchown(2).
func fchown(t *kernel.Thread, a Args) (uint64, error) {
	d, err := openDentry(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Chown(d, a.Uint(1), a.Uint(2))
}

// fchownat implements fchownat(2).
func fchownat(t *kernel.Thread, a Args) (uint64, error) {
	return chownAt(t, a.Int(0), a[1], a.Uint(2), a.Uint(3), a.Uint(4))
}

// setTimes sets the timestamps of the file at d; times nil is the time now.
func setTimes(t *kernel.Thread, d *vfs.Dentry, times *[2]abi.Timespec) (uint64, error) {
	c := t.VFS()
	if times == nil {
		n := c.Now
		return 0, c.Utimens(d, &n, &n, true)
	}
	var at [2]*vfs.Time
	allNow := true
	for i, x := range times {
		if x.Nsec == abi.UTIME_OMIT {
			allNow = false
			continue
		}
		v := c.Now
		if x.Nsec != abi.UTIME_NOW {
			allNow = false
			if x.Nsec < 0 || x.Nsec > 999999999 {
				return 0, abi.EINVAL
			}
			v = vfs.Time(x.Sec*1e9 + x.Nsec)
		}
		at[i] = &v
	}
	return 0, c.Utimens(d, at[0], at[1], allNow)
}

// utimensat implements utimensat(2). A NULL path is the file dirfd itself, which
// is how futimens(3) is made.
func utimensat(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(3)
	if flags&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	var times *[2]abi.Timespec
	if a[2] != 0 {
		var b [2 * abi.TimespecSize]byte
		if err := t.Read(b[:], a[2]); err != nil {
			return 0, err
		}
		times = new([2]abi.Timespec)
		times[0].Decode(b[:])
		times[1].Decode(b[abi.TimespecSize:])
		if times[0].Nsec == abi.UTIME_OMIT && times[1].Nsec == abi.UTIME_OMIT {
			return 0, nil
		}
	}
	var d *vfs.Dentry
	var err error
	if a[1] == 0 && a.Int(0) != abi.AT_FDCWD {
		if flags != 0 {
			return 0, abi.EINVAL
		}
		d, err = openDentry(t, a.Int(0))
	} else {
		d, err = lookup(t, a.Int(0), a[1], flags)
	}
	if err != nil {
		return 0, err
	}
	return setTimes(t, d, times)
}

// utimesAt implements the calls with struct timeval.
func utimesAt(t *kernel.Thread, dirfd int32, path, addr uint64) (uint64, error) {
	var times *[2]abi.Timespec
	if addr != 0 {
		var b [2 * abi.TimevalSize]byte
		if err := t.Read(b[:], addr); err != nil {
			return 0, err
		}
		times = new([2]abi.Timespec)
		for i := range times {
			var v abi.Timeval
			v.Decode(b[i*abi.TimevalSize:])
			if v.Usec < 0 || v.Usec > 999999 {
				return 0, abi.EINVAL
			}
			times[i] = abi.Timespec{Sec: v.Sec, Nsec: v.Usec * 1000}
		}
	}
	d, err := lookup(t, dirfd, path, 0)
	if err != nil {
		return 0, err
	}
	return setTimes(t, d, times)
}

// utimes implements utimes(2).
func utimes(t *kernel.Thread, a Args) (uint64, error) {
	return utimesAt(t, abi.AT_FDCWD, a[0], a[1])
}

// futimesat implements futimesat(2).
func futimesat(t *kernel.Thread, a Args) (uint64, error) { return utimesAt(t, a.Int(0), a[1], a[2]) }

// utime implements utime(2), whose struct utimbuf has seconds only.
func utime(t *kernel.Thread, a Args) (uint64, error) {
	d, err := lookup(t, abi.AT_FDCWD, a[0], 0)
	if err != nil {
		return 0, err
	}
	if a[1] == 0 {
		return setTimes(t, d, nil)
	}
	var b [16]byte
	if err := t.Read(b[:], a[1]); err != nil {
		return 0, err
	}
	return setTimes(t, d, &[2]abi.Timespec{{Sec: int64(le.Uint64(b[:]))}, {Sec: int64(le.Uint64(b[8:]))}})
}

// truncate implements truncate(2).
func truncate(t *kernel.Thread, a Args) (uint64, error) {
	if a.Off(1) < 0 {
		return 0, abi.EINVAL
	}
	d, err := lookup(t, abi.AT_FDCWD, a[0], 0)
	if err != nil {
		return 0, err
	}
	if err := sizeLimit(t, a[1]); err != nil {
		return 0, err
	}
	return 0, t.VFS().Truncate(d, a.Off(1))
}

// ftruncate implements ftruncate(2).
func ftruncate(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	if err := sizeLimit(t, a[1]); err != nil {
		return 0, err
	}
	return 0, t.VFS().Ftruncate(f, a.Off(1))
}

// sizeLimit checks RLIMIT_FSIZE.
func sizeLimit(t *kernel.Thread, size uint64) error {
	if size <= t.Proc.Limits[abi.RLIMIT_FSIZE].Cur || int64(size) < 0 {
		return nil
	}
	if err := t.Send(kernel.KernelInfo(abi.SIGXFSZ)); err != nil {
		return err
	}
	return abi.EFBIG
}

// fallocate implements fallocate(2).
func fallocate(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	mode, off, n := a.Uint(1), a.Off(2), a.Off(3)
	if off < 0 || n <= 0 {
		return 0, abi.EINVAL
	}
	if !f.Writable() {
		return 0, abi.EBADF
	}
	at, err := f.Node.Attr()
	if err != nil {
		return 0, err
	}
	switch kind := at.Mode & abi.S_IFMT; {
	case mode&^0x7f != 0, mode&abi.FALLOC_FL_PUNCH_HOLE != 0 && mode&abi.FALLOC_FL_KEEP_SIZE == 0:
		return 0, abi.EOPNOTSUPP
	case kind == abi.S_IFIFO:
		return 0, abi.ESPIPE
	case kind == abi.S_IFDIR:
		return 0, abi.EISDIR
	case kind != abi.S_IFREG:
		return 0, abi.ENODEV
	case off+n < 0:
		return 0, abi.EFBIG
	}
	if mode&abi.FALLOC_FL_KEEP_SIZE == 0 {
		if err := sizeLimit(t, uint64(off+n)); err != nil {
			return 0, err
		}
	}
	if err := t.VFS().RemovePrivs(f.Node); err != nil {
		return 0, err
	}
	return 0, vfs.AllocateContent(f.Node, mode, off, n, now(t))
}

// fsync implements fsync(2) and fdatasync(2). What it promises to survive a crash
// is kept by the journal: the commit at the machine's next checkpoint or end.
func fsync(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	if f.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	a2, err := f.Node.Attr()
	if err != nil {
		return 0, err
	}
	if kind := a2.Mode & abi.S_IFMT; kind != abi.S_IFREG && kind != abi.S_IFDIR && kind != abi.S_IFBLK {
		return 0, abi.EINVAL
	}
	return 0, vfs.SyncContent(f.Node)
}

// syncFS implements sync(2): what fsync(2) does, to every file system. It cannot fail.
func syncFS(t *kernel.Thread, _ Args) (uint64, error) {
	if err := t.Kernel().FlushCaches(); err != nil {
		return 0, err
	}
	ns := t.VFS().NS
	if ns == nil {
		return 0, nil
	}
	for _, m := range ns.Mounts() {
		if err := m.FS.Root().Sync(); err != nil && !isErrno(err) {
			return 0, err
		}
	}
	return 0, nil
}

// syncfs implements syncfs(2).
func syncfs(t *kernel.Thread, a Args) (uint64, error) {
	d, err := openDentry(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if err := t.Kernel().FlushCaches(); err != nil {
		return 0, err
	}
	return 0, d.Node.Sync()
}

// syncFileRange implements sync_file_range(2).
func syncFileRange(t *kernel.Thread, a Args) (uint64, error) {
	const known = abi.SYNC_FILE_RANGE_WAIT_BEFORE | abi.SYNC_FILE_RANGE_WRITE | abi.SYNC_FILE_RANGE_WAIT_AFTER
	d, err := openDentry(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if a.Uint(3)&^known != 0 || a.Off(1) < 0 || a.Off(2) < 0 || a.Off(1)+a.Off(2) < 0 {
		return 0, abi.EINVAL
	}
	at, err := d.Node.Attr()
	if err == nil && at.Mode&abi.S_IFMT == abi.S_IFIFO {
		err = abi.ESPIPE
	}
	return 0, err
}

// fadvise64 implements posix_fadvise(2): advice changes nothing here.
func fadvise64(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	at, err := f.Node.Attr()
	switch {
	case err != nil:
		return 0, err
	case f.Flags&abi.O_PATH != 0:
		return 0, abi.EBADF
	case at.Mode&abi.S_IFMT == abi.S_IFIFO:
		return 0, abi.ESPIPE
	case a.Uint(3) > abi.POSIX_FADV_NOREUSE, a.Off(2) < 0:
		return 0, abi.EINVAL
	}
	return 0, nil
}

// readahead implements readahead(2).
func readahead(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	if !f.Readable() {
		return 0, abi.EBADF
	}
	at, err := f.Node.Attr()
	if err == nil && at.Mode&abi.S_IFMT != abi.S_IFREG {
		err = abi.EINVAL
	}
	return 0, err
}
