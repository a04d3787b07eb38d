package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// now is the time that file timestamps get.
func now(t *kernel.Thread) vfs.Time { return vfs.Time(t.Kernel().Realtime()) }

// readPath reads a file name.
func readPath(t *kernel.Thread, addr uint64) (string, error) {
	return t.ReadString(addr, abi.PATH_MAX)
}

// dirAt returns the directory that relative paths of an "at" call begin in: nil
// for AT_FDCWD and for absolute paths, which do not look at dirfd.
func dirAt(t *kernel.Thread, dirfd int32, path string) (*vfs.Dentry, error) {
	if dirfd == abi.AT_FDCWD || path != "" && path[0] == '/' {
		return nil, nil
	}
	f, err := t.File(dirfd)
	if err != nil {
		return nil, err
	}
	if path != "" && (f.Dentry == nil || f.Node == nil || !isDir(f.Node)) {
		return nil, abi.ENOTDIR
	}
	return f.Dentry, nil
}

func isDir(n vfs.Node) bool {
	a, err := n.Attr()
	return err == nil && a.Mode&abi.S_IFMT == abi.S_IFDIR
}

// place is a path that a call names: a directory to begin in and a path.
type place struct {
	at   *vfs.Dentry
	path string
}

// argPlace reads the path at addr, relative to dirfd.
func argPlace(t *kernel.Thread, dirfd int32, addr uint64) (place, error) {
	path, err := readPath(t, addr)
	if err != nil {
		return place{}, err
	}
	at, err := dirAt(t, dirfd, path)
	return place{at, path}, err
}

// lookup walks to the file that dirfd, the path at addr and the AT_ flags name.
// With AT_EMPTY_PATH an empty path is dirfd itself.
func lookup(t *kernel.Thread, dirfd int32, addr uint64, flags uint32) (*vfs.Dentry, error) {
	var p place
	var err error
	if addr != 0 || flags&abi.AT_EMPTY_PATH == 0 { // since Linux 6.11 NULL is an empty path too
		if p, err = argPlace(t, dirfd, addr); err != nil {
			return nil, err
		}
	}
	if p.path == "" && flags&abi.AT_EMPTY_PATH != 0 {
		return fdDentry(t, dirfd)
	}
	return t.VFS().Walk(p.at, p.path, flags&abi.AT_SYMLINK_NOFOLLOW == 0)
}

// fdDentry returns the place of an open file, or the working directory.
func fdDentry(t *kernel.Thread, fd int32) (*vfs.Dentry, error) {
	if fd == abi.AT_FDCWD {
		return t.Proc.FS.Cwd(), nil
	}
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	return placeOf(f), nil
}

// placeOf returns the place of an open file; a file without a name has one that
// nothing else leads to.
func placeOf(f *vfs.OpenFile) *vfs.Dentry {
	if f.Dentry == nil {
		return &vfs.Dentry{Node: f.Node}
	}
	return f.Dentry
}
