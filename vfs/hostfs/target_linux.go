package hostfs

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"emurun/internal/crashpoint"
	"emurun/vfs/commit"
)

// target applies a commit below a host directory. Every directory on the way to
// a name is opened without following symbolic links, so that nothing outside the
// tree can be reached, whatever was planted in it meanwhile. The last directory
// and the last file stay open, as operations come in their order.
type target struct {
	root    hostDir
	id      uint64
	dir     hostDir
	dirPath string // of dir; "" if it is the root
	file    int
	fileAt  string         // path of file; "" if there is none
	systems map[uint64]int // a descriptor on each file system that was reached
}

func openTarget(path string) (*target, error) {
	d, err := openRoot(path)
	if err != nil {
		return nil, err
	}
	st, err := d.stat("")
	if err != nil {
		d.close()
		return nil, err
	}
	t := &target{root: d, dir: d, id: st.id.ino, systems: map[uint64]int{}}
	t.reach(d)
	return t, nil
}

// rootID is the ID of the root.
func (t *target) rootID() uint64 { return t.id }

// reach remembers the file system of a directory, for sync.
func (t *target) reach(d hostDir) {
	st, err := d.stat("")
	if err != nil {
		return
	}
	if _, ok := t.systems[st.id.dev]; ok {
		return
	}
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		t.systems[st.id.dev] = fd
	}
}

func (t *target) close() {
	t.forget()
	for _, fd := range t.systems {
		_ = unix.Close(fd)
	}
	t.root.close()
}

// forget closes what stays open, since a path may lead elsewhere from now on.
func (t *target) forget() {
	if t.dirPath != "" {
		t.dir.close()
	}
	if t.fileAt != "" {
		_ = unix.Close(t.file)
	}
	t.dir, t.dirPath, t.fileAt = t.root, "", ""
}

// at opens the directory that name stands in. "" is the root itself, ".".
func (t *target) at(name string) (fd int, base string, err error) {
	if name == "" {
		return t.root.fd, ".", nil
	}
	dir, base := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	if dir == t.dirPath {
		return t.dir.fd, base, nil
	}
	d := t.root
	if dir != "" {
		for _, c := range strings.Split(dir, "/") {
			next, err := d.dir(c)
			if d != t.root {
				d.close()
			}
			if err != nil {
				return 0, "", Errno(err)
			}
			d = next
		}
	}
	if t.dirPath != "" {
		t.dir.close()
	}
	t.dir, t.dirPath = d, dir
	t.reach(d)
	return d.fd, base, nil
}

// Stat implements commit.Target.
func (t *target) Stat(name string) (uint32, uint64, error) {
	fd, base, err := t.at(name)
	if err != nil {
		return 0, 0, err
	}
	st, err := hostDir{fd}.stat(base)
	return st.attr.Mode, st.id.ino, Errno(err)
}

// Rename implements commit.Target.
func (t *target) Rename(name, to string) error {
	from, base, err := t.at(name)
	if err != nil {
		return err
	}
	if from, err = unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 0); err != nil {
		return Errno(err)
	}
	defer unix.Close(from)
	dir, toBase, err := t.at(to)
	if err != nil {
		return err
	}
	if err := unix.Renameat(from, base, dir, toBase); err != nil {
		return Errno(err)
	}
	if t.isDir(dir, toBase) || t.fileAt == name || t.fileAt == to {
		t.forget()
	}
	return nil
}

// isDir reports whether a name is a directory.
func (t *target) isDir(fd int, base string) bool {
	st, err := hostDir{fd}.stat(base)
	return err != nil || st.attr.Mode&unix.S_IFMT == unix.S_IFDIR
}

// on performs f on the directory and the base name of a path.
func (t *target) on(name string, f func(fd int, base string) error) error {
	fd, base, err := t.at(name)
	if err != nil {
		return err
	}
	return Errno(f(fd, base))
}

// Unlink implements commit.Target.
func (t *target) Unlink(name string) error {
	return t.on(name, func(fd int, base string) error { return unix.Unlinkat(fd, base, 0) })
}

// Rmdir implements commit.Target.
func (t *target) Rmdir(name string) error {
	t.forget()
	return t.on(name, func(fd int, base string) error { return unix.Unlinkat(fd, base, unix.AT_REMOVEDIR) })
}

// Mkdir implements commit.Target.
func (t *target) Mkdir(name string) error {
	return t.on(name, func(fd int, base string) error { return unix.Mkdirat(fd, base, 0o700) })
}

// Create implements commit.Target.
func (t *target) Create(name string) error {
	return t.open(name, unix.O_CREAT|unix.O_TRUNC)
}

// open makes name the open file.
func (t *target) open(name string, flags int) error {
	if name == t.fileAt && flags == 0 {
		return nil
	}
	fd, base, err := t.at(name)
	if err != nil {
		return err
	}
	flags |= unix.O_WRONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	f, err := ignoreEINTR(func() (int, error) { return unix.Openat(fd, base, flags, 0o600) })
	if err != nil {
		return Errno(err)
	}
	if t.fileAt != "" {
		_ = unix.Close(t.file)
	}
	t.file, t.fileAt = f, name
	return nil
}

// Symlink implements commit.Target.
func (t *target) Symlink(to, name string) error {
	return t.on(name, func(fd int, base string) error { return unix.Symlinkat(to, fd, base) })
}

// Mknod implements commit.Target.
func (t *target) Mknod(name string, mode uint32, rdev uint64) error {
	return t.on(name, func(fd int, base string) error { return unix.Mknodat(fd, base, mode, int(rdev)) })
}

// Link implements commit.Target.
func (t *target) Link(name, to string) error {
	from, base, err := t.at(name)
	if err != nil {
		return err
	}
	if from, err = unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 0); err != nil {
		return Errno(err)
	}
	defer unix.Close(from)
	return t.on(to, func(fd int, toBase string) error { return unix.Linkat(from, base, fd, toBase, 0) })
}

// Write implements commit.Target.
func (t *target) Write(name string, p []byte, off int64) error {
	if err := t.open(name, 0); err != nil {
		return err
	}
	torn := crashpoint.Reach("apply.write")
	if torn != nil {
		if !errors.Is(torn, crashpoint.ErrTorn) {
			return torn
		}
		p = p[:len(p)/2]
	}
	for len(p) > 0 {
		n, err := ignoreEINTR(func() (int, error) { return unix.Pwrite(t.file, p, off) })
		if err != nil {
			return Errno(err)
		}
		p, off = p[n:], off+int64(n)
	}
	return torn
}

// Zero implements commit.Target.
func (t *target) Zero(name string, off, size int64) error {
	if err := t.open(name, 0); err != nil {
		return err
	}
	const punch = unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE
	if unix.Fallocate(t.file, punch, off, size) == nil {
		return nil
	}
	zeros := make([]byte, min(size, commit.MaxData))
	for size > 0 {
		k := min(size, int64(len(zeros)))
		if err := t.Write(name, zeros[:k], off); err != nil {
			return err
		}
		off, size = off+k, size-k
	}
	return nil
}

// Truncate implements commit.Target.
func (t *target) Truncate(name string, size int64) error {
	if err := t.open(name, 0); err != nil {
		return err
	}
	return Errno(unix.Ftruncate(t.file, size))
}

// Chown implements commit.Target. Only the superuser can give files away; for
// others the owner stays who applies the commit.
func (t *target) Chown(name string, uid, gid uint32) error {
	err := t.on(name, func(fd int, base string) error {
		return unix.Fchownat(fd, base, int(uid), int(gid), unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil && unix.Geteuid() != 0 {
		return nil
	}
	return err
}

// Chmod implements commit.Target. The mode of a symbolic link cannot change: one
// that was planted is refused rather than followed.
func (t *target) Chmod(name string, mode uint32) error {
	return t.on(name, func(fd int, base string) error {
		f, err := unix.Openat(fd, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(f)
		var st unix.Stat_t
		if err := unix.Fstat(f, &st); err != nil {
			return err
		}
		if st.Mode&unix.S_IFMT == unix.S_IFLNK {
			return unix.ELOOP
		}
		return unix.Chmod(fdPath(f), mode)
	})
}

// Setxattr implements commit.Target.
func (t *target) Setxattr(name, attr string, value []byte) error {
	return t.on(name, func(fd int, base string) error {
		return unix.Lsetxattr(hostDir{fd}.xattrPath(base), attr, value, 0)
	})
}

// Removexattr implements commit.Target.
func (t *target) Removexattr(name, attr string) error {
	return t.on(name, func(fd int, base string) error {
		return unix.Lremovexattr(hostDir{fd}.xattrPath(base), attr)
	})
}

// Utimes implements commit.Target.
func (t *target) Utimes(name string, atime, mtime int64) error {
	spec := func(ns int64) unix.Timespec {
		if ns == commit.Omit {
			return unix.Timespec{Nsec: unix.UTIME_OMIT}
		}
		return unix.NsecToTimespec(ns)
	}
	ts := []unix.Timespec{spec(atime), spec(mtime)}
	return t.on(name, func(fd int, base string) error {
		return unix.UtimesNanoAt(fd, base, ts, unix.AT_SYMLINK_NOFOLLOW)
	})
}

// sync writes everything back to the disks.
func (t *target) sync() error {
	for _, fd := range t.systems {
		if err := unix.Syncfs(fd); err != nil {
			return Errno(err)
		}
	}
	return nil
}
