package syscalls

import (
	"strconv"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/syscalls/loader"
	"emurun/vfs"
)

// execve implements execve(2).
func execve(t *kernel.Thread, a Args) (uint64, error) {
	return exec(t, abi.AT_FDCWD, a[0], a[1], a[2], 0)
}

// execveat implements execveat(2).
func execveat(t *kernel.Thread, a Args) (uint64, error) {
	return exec(t, a.Int(0), a[1], a[2], a[3], a.Uint(4))
}

func exec(t *kernel.Thread, dirfd int32, path, argv, envp uint64, flags uint32) (uint64, error) {
	if flags&^(abi.AT_EMPTY_PATH|abi.AT_SYMLINK_NOFOLLOW) != 0 {
		return 0, abi.EINVAL
	}
	var e kernel.ExecArgs
	var err error
	if e.Dentry, e.Filename, err = execFile(t, dirfd, path, flags); err != nil {
		return 0, err
	}
	limit := int(loader.ArgLimit(t.Proc.Limits[abi.RLIMIT_STACK].Cur))
	if e.Argv, err = readStrings(t, argv, &limit); err != nil {
		return 0, err
	}
	if e.Envp, err = readStrings(t, envp, &limit); err != nil {
		return 0, err
	}
	return 0, t.Exec(e)
}

// execFile finds the program and the name it gets as AT_EXECFN.
func execFile(t *kernel.Thread, dirfd int32, addr uint64, flags uint32) (*vfs.Dentry, string, error) {
	path, err := readPath(t, addr)
	if err != nil {
		return nil, "", err
	}
	d, err := execDentry(t, dirfd, path, flags)
	if err != nil {
		return nil, "", err
	}
	name := path
	if dirfd != abi.AT_FDCWD && (path == "" || path[0] != '/') {
		name = "/dev/fd/" + strconv.Itoa(int(dirfd))
		if path != "" {
			name += "/" + path
		}
	}
	return d, name, nil
}

func execDentry(t *kernel.Thread, dirfd int32, path string, flags uint32) (*vfs.Dentry, error) {
	if path == "" {
		if flags&abi.AT_EMPTY_PATH == 0 {
			return nil, abi.ENOENT
		}
		f, err := t.File(dirfd)
		if err != nil {
			return nil, err
		}
		if f.Dentry == nil {
			return nil, abi.EACCES
		}
		return f.Dentry, nil
	}
	at, err := dirAt(t, dirfd, path)
	if err != nil {
		return nil, err
	}
	d, err := t.VFS().Walk(at, path, flags&abi.AT_SYMLINK_NOFOLLOW == 0)
	if err != nil {
		return nil, err
	}
	if a, err := d.Node.Attr(); err == nil && a.Mode&abi.S_IFMT == abi.S_IFLNK {
		return nil, abi.ELOOP
	}
	return d, nil
}

// readStrings reads a NULL-terminated array of strings. NULL is an empty array,
// execve(2), NOTES. limit is what is left of the space for all strings.
func readStrings(t *kernel.Thread, addr uint64, limit *int) ([]string, error) {
	var out []string
	if addr == 0 {
		return nil, nil
	}
	for ; ; addr += 8 {
		p, err := t.ReadU64(addr)
		if err != nil {
			return nil, err
		}
		if p == 0 {
			return out, nil
		}
		s, err := t.ReadString(p, 32*mem.PageSize)
		if err == abi.ENAMETOOLONG {
			return nil, abi.E2BIG
		}
		if err != nil {
			return nil, err
		}
		if *limit -= len(s) + 1 + 8; *limit < 0 {
			return nil, abi.E2BIG
		}
		out = append(out, s)
	}
}
