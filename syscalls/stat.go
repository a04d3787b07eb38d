package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// timespecOf converts a timestamp, which may lie before 1970.
func timespecOf(x vfs.Time) abi.Timespec {
	sec := int64(x) / 1e9
	if ns := int64(x) % 1e9; ns < 0 {
		return abi.Timespec{Sec: sec - 1, Nsec: ns + 1e9}
	}
	return abi.Timespec{Sec: sec, Nsec: int64(x) % 1e9}
}

// putStat writes struct stat to addr.
func putStat(t *kernel.Thread, n vfs.Node, addr uint64) (uint64, error) {
	a, err := n.Attr()
	if err != nil {
		return 0, err
	}
	s := abi.Stat{
		Dev: a.Dev, Ino: a.Ino, Nlink: uint64(a.Nlink), Mode: a.Mode, UID: a.UID, GID: a.GID, Rdev: a.Rdev,
		Size: a.Size, Blksize: a.Blksize, Blocks: a.Blocks,
		Atim: timespecOf(a.Atime), Mtim: timespecOf(a.Mtime), Ctim: timespecOf(a.Ctime),
	}
	var b [abi.StatSize]byte
	s.Put(b[:])
	return 0, t.Write(b[:], addr)
}

// statAt is stat(2) with the AT_ flags of newfstatat(2).
func statAt(t *kernel.Thread, dirfd int32, path, buf uint64, flags uint32) (uint64, error) {
	d, err := lookup(t, dirfd, path, flags)
	if err != nil {
		return 0, err
	}
	return putStat(t, d.Node, buf)
}

// stat implements stat(2).
func stat(t *kernel.Thread, a Args) (uint64, error) { return statAt(t, abi.AT_FDCWD, a[0], a[1], 0) }

// lstat implements lstat(2).
func lstat(t *kernel.Thread, a Args) (uint64, error) {
	return statAt(t, abi.AT_FDCWD, a[0], a[1], abi.AT_SYMLINK_NOFOLLOW)
}

// fstat implements fstat(2).
func fstat(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	return putStat(t, f.Node, a[1])
}

// newfstatat implements newfstatat(2).
func newfstatat(t *kernel.Thread, a Args) (uint64, error) {
	const known = abi.AT_SYMLINK_NOFOLLOW | abi.AT_NO_AUTOMOUNT | abi.AT_EMPTY_PATH
	if a.Uint(3)&^known != 0 {
		return 0, abi.EINVAL
	}
	return statAt(t, a.Int(0), a[1], a[2], a.Uint(3))
}

// statx implements statx(2).
func statx(t *kernel.Thread, a Args) (uint64, error) {
	const sync = abi.AT_STATX_FORCE_SYNC | abi.AT_STATX_DONT_SYNC
	const known = abi.AT_SYMLINK_NOFOLLOW | abi.AT_NO_AUTOMOUNT | abi.AT_EMPTY_PATH | sync
	flags := a.Uint(2)
	if flags&^known != 0 || flags&sync == sync || a.Uint(3)&abi.STATX__RESERVED != 0 {
		return 0, abi.EINVAL
	}
	d, err := lookup(t, a.Int(0), a[1], flags)
	if err != nil {
		return 0, err
	}
	at, err := d.Node.Attr()
	if err != nil {
		return 0, err
	}
	x := statxOf(&at, a.Uint(3))
	x.MntID = uint64(mountID(t, d))
	if m := d.Mount(); m != nil && m.Root == d {
		x.Attributes |= abi.STATX_ATTR_MOUNT_ROOT
	}
	var b [abi.StatxSize]byte
	x.Put(b[:])
	return 0, t.Write(b[:], a[4])
}

// statxOf converts attributes; the birth time is told only when asked for.
func statxOf(a *vfs.Attr, want uint32) abi.Statx {
	x := abi.Statx{
		Mask: abi.STATX_BASIC_STATS | abi.STATX_MNT_ID, Blksize: uint32(a.Blksize), Nlink: a.Nlink, UID: a.UID, GID: a.GID,
		Mode: uint16(a.Mode), Ino: a.Ino, Size: uint64(a.Size), Blocks: uint64(a.Blocks),
		AttributesMask: abi.STATX_ATTR_MOUNT_ROOT,
		Atime:          statxTime(a.Atime), Ctime: statxTime(a.Ctime), Mtime: statxTime(a.Mtime),
		RdevMajor: abi.Major(a.Rdev), RdevMinor: abi.Minor(a.Rdev), DevMajor: abi.Major(a.Dev), DevMinor: abi.Minor(a.Dev),
	}
	if want&abi.STATX_BTIME != 0 {
		x.Mask |= abi.STATX_BTIME
		x.Btime = statxTime(a.Btime)
	}
	return x
}

func statxTime(x vfs.Time) abi.StatxTime {
	s := timespecOf(x)
	return abi.StatxTime{Sec: s.Sec, Nsec: uint32(s.Nsec)}
}

// firstMountID is the mount ID of the first mount, /proc/self/mountinfo.
const firstMountID = 21

// mountID numbers the mount of d by its place in the namespace.
func mountID(t *kernel.Thread, d *vfs.Dentry) int {
	for i, m := range t.Kernel().Config().NS.Mounts() {
		if m == d.Mount() {
			return firstMountID + i
		}
	}
	return firstMountID - 1
}

// accessAt implements the access(2) family.
func accessAt(t *kernel.Thread, dirfd int32, path uint64, mode, flags uint32) (uint64, error) {
	const known = abi.AT_EACCESS | abi.AT_SYMLINK_NOFOLLOW | abi.AT_EMPTY_PATH
	if mode&^(abi.R_OK|abi.W_OK|abi.X_OK) != 0 || flags&^known != 0 {
		return 0, abi.EINVAL
	}
	c := t.VFS()
	if flags&abi.AT_EACCESS == 0 { // the real IDs count, access(2)
		c.Cred.UID, c.Cred.GID = t.Proc.Cred.RUID, t.Proc.Cred.RGID
	}
	p, err := argPlace(t, dirfd, path)
	if err != nil {
		return 0, err
	}
	var d *vfs.Dentry
	if p.path == "" && flags&abi.AT_EMPTY_PATH != 0 {
		d, err = fdDentry(t, dirfd)
	} else {
		d, err = c.Walk(p.at, p.path, flags&abi.AT_SYMLINK_NOFOLLOW == 0)
	}
	if err != nil {
		return 0, err
	}
	return 0, c.MayAccess(d, mode)
}

// access implements access(2).
func access(t *kernel.Thread, a Args) (uint64, error) {
	return accessAt(t, abi.AT_FDCWD, a[0], a.Uint(1), 0)
}

// faccessat implements the faccessat system call, which has no flags.
func faccessat(t *kernel.Thread, a Args) (uint64, error) {
	return accessAt(t, a.Int(0), a[1], a.Uint(2), 0)
}

// faccessat2 implements faccessat2(2).
func faccessat2(t *kernel.Thread, a Args) (uint64, error) {
	return accessAt(t, a.Int(0), a[1], a.Uint(2), a.Uint(3))
}

// putStatfs writes struct statfs of the file system that d is on.
func putStatfs(t *kernel.Thread, d *vfs.Dentry, addr uint64) (uint64, error) {
	var s abi.Statfs
	if m := d.Mount(); m != nil {
		f := m.FS.Statfs()
		s = abi.Statfs{
			Type: f.Type, Bsize: f.Bsize, Blocks: f.Blocks, Bfree: f.Bfree, Bavail: f.Bavail, Files: f.Files, Ffree: f.Ffree,
			Fsid: uint64(mountID(t, d)), Namelen: f.Namelen, Frsize: f.Bsize, Flags: int64(f.Flags | m.Flags | abi.ST_VALID),
		}
	} else {
		s = abi.Statfs{Type: anonType(d.Node), Bsize: 4096, Frsize: 4096, Namelen: 255, Flags: abi.ST_VALID}
	}
	var b [abi.StatfsSize]byte
	s.Put(b[:])
	return 0, t.Write(b[:], addr)
}

// anonType is the type of file system of a file without a place in one.
func anonType(n vfs.Node) int64 {
	a, err := n.Attr()
	switch {
	case err == nil && a.Mode&abi.S_IFMT == abi.S_IFIFO:
		return abi.PIPEFS_MAGIC
	case err == nil && a.Mode&abi.S_IFMT == abi.S_IFSOCK:
		return abi.SOCKFS_MAGIC
	case err == nil && a.Mode&abi.S_IFMT == abi.S_IFREG:
		return abi.TMPFS_MAGIC // a memfd
	}
	return abi.ANON_INODE_FS_MAGIC
}

// statfs implements statfs(2).
func statfs(t *kernel.Thread, a Args) (uint64, error) {
	d, err := lookup(t, abi.AT_FDCWD, a[0], 0)
	if err != nil {
		return 0, err
	}
	return putStatfs(t, d, a[1])
}

// fstatfs implements fstatfs(2).
func fstatfs(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	return putStatfs(t, f.Dentry, a[1])
}
