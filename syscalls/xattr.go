package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Where an xattr(7) call finds its file: by path, by path without following a
// link at its end, or by descriptor.
type xattrFile func(t *kernel.Thread, a Args) (*vfs.Dentry, error)

func byPath(t *kernel.Thread, a Args) (*vfs.Dentry, error) {
	return lookup(t, abi.AT_FDCWD, a[0], 0)
}

func byLink(t *kernel.Thread, a Args) (*vfs.Dentry, error) {
	return lookup(t, abi.AT_FDCWD, a[0], abi.AT_SYMLINK_NOFOLLOW)
}

func byFD(t *kernel.Thread, a Args) (*vfs.Dentry, error) { return openDentry(t, a.Int(0)) }

// xattrName reads the name of an attribute.
func xattrName(t *kernel.Thread, addr uint64) (string, error) {
	name, err := t.ReadString(addr, abi.XATTR_NAME_MAX+1)
	if err == abi.ENAMETOOLONG || err == nil && name == "" {
		err = abi.ERANGE
	}
	return name, err
}

// giveBytes writes a value to a buffer of size bytes; size 0 asks for its length.
func giveBytes(t *kernel.Thread, addr, size uint64, v []byte) (uint64, error) {
	switch {
	case size == 0:
		return uint64(len(v)), nil
	case uint64(len(v)) > size:
		return 0, abi.ERANGE
	}
	return uint64(len(v)), t.Write(v, addr)
}

// setxattr returns the handler of setxattr(2), lsetxattr(2) or fsetxattr(2).
func setxattr(file xattrFile) Handler {
	return func(t *kernel.Thread, a Args) (uint64, error) {
		name, err := xattrName(t, a[1])
		if err != nil {
			return 0, err
		}
		if a[3] > abi.XATTR_SIZE_MAX {
			return 0, abi.E2BIG
		}
		value := make([]byte, a[3])
		if err := t.Read(value, a[2]); err != nil {
			return 0, err
		}
		d, err := file(t, a)
		if err != nil {
			return 0, err
		}
		return 0, t.VFS().Setxattr(d, name, value, int(a.Int(4)))
	}
}

// getxattr returns the handler of getxattr(2), lgetxattr(2) or fgetxattr(2).
func getxattr(file xattrFile) Handler {
	return func(t *kernel.Thread, a Args) (uint64, error) {
		name, err := xattrName(t, a[1])
		if err != nil {
			return 0, err
		}
		d, err := file(t, a)
		if err != nil {
			return 0, err
		}
		v, err := t.VFS().Getxattr(d, name)
		if err != nil {
			return 0, err
		}
		return giveBytes(t, a[2], a[3], v)
	}
}

// listxattr returns the handler of listxattr(2), llistxattr(2) or flistxattr(2).
func listxattr(file xattrFile) Handler {
	return func(t *kernel.Thread, a Args) (uint64, error) {
		d, err := file(t, a)
		if err != nil {
			return 0, err
		}
		names, err := t.VFS().Listxattr(d)
		if err != nil {
			return 0, err
		}
		var b []byte
		for _, n := range names {
			b = append(append(b, n...), 0)
		}
		return giveBytes(t, a[1], a[2], b)
	}
}

// removexattr returns the handler of removexattr(2), lremovexattr(2) or
// fremovexattr(2).
func removexattr(file xattrFile) Handler {
	return func(t *kernel.Thread, a Args) (uint64, error) {
		name, err := xattrName(t, a[1])
		if err != nil {
			return 0, err
		}
		d, err := file(t, a)
		if err != nil {
			return 0, err
		}
		return 0, t.VFS().Removexattr(d, name)
	}
}
