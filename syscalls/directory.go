package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// getdentsMax is how much of a larger buffer getdents64(2) uses at once.
const getdentsMax = 1 << 20

// dirents fills the buffer of getdents64(2) or getdents(2).
func dirents(t *kernel.Thread, a Args, size func(*abi.Dirent64) int, put func(*abi.Dirent64, []byte)) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	if !f.Readable() {
		return 0, abi.EBADF
	}
	b := make([]byte, min(a[2]&0xffffffff, getdentsMax))
	n := 0
	for {
		e, ok, err := f.Dirent()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		d := abi.Dirent64{Ino: e.Ino, Off: int64(f.DirPos) + 1, Type: e.Type, Name: e.Name}
		if n+size(&d) > len(b) {
			if n == 0 {
				return 0, abi.EINVAL
			}
			break
		}
		put(&d, b[n:])
		n += size(&d)
		f.DirPos++
	}
	return uint64(n), t.Write(b[:n], a[1])
}

// getdents64 implements getdents64(2).
func getdents64(t *kernel.Thread, a Args) (uint64, error) {
	return dirents(t, a, (*abi.Dirent64).Size, (*abi.Dirent64).Put)
}

// getdents implements getdents(2).
func getdents(t *kernel.Thread, a Args) (uint64, error) {
	return dirents(t, a, (*abi.Dirent64).OldSize, (*abi.Dirent64).PutOld)
}

// getcwd implements the getcwd system call, which returns the length with the NUL.
func getcwd(t *kernel.Thread, a Args) (uint64, error) {
	path, err := t.Proc.FS.Cwd().Getcwd(t.Proc.FS.Root())
	if err != nil {
		return 0, err
	}
	if uint64(len(path)+1) > a[1] {
		return 0, abi.ERANGE
	}
	return uint64(len(path) + 1), t.Write(append([]byte(path), 0), a[0])
}

// enter checks that the directory at d may become a working or root directory.
func enter(t *kernel.Thread, d *vfs.Dentry) error {
	if !isDir(d.Node) {
		return abi.ENOTDIR
	}
	return t.VFS().MayAccess(d, vfs.MayExec)
}

// chdir implements chdir(2).
func chdir(t *kernel.Thread, a Args) (uint64, error) {
	d, err := lookup(t, abi.AT_FDCWD, a[0], 0)
	if err != nil {
		return 0, err
	}
	return 0, setCwd(t, d)
}

// fchdir implements fchdir(2).
func fchdir(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, setCwd(t, f.Dentry)
}

func setCwd(t *kernel.Thread, d *vfs.Dentry) error {
	if err := enter(t, d); err != nil {
		return err
	}
	t.Proc.FS.SetCwd(d)
	return nil
}

// chroot implements chroot(2).
func chroot(t *kernel.Thread, a Args) (uint64, error) {
	d, err := lookup(t, abi.AT_FDCWD, a[0], 0)
	if err != nil {
		return 0, err
	}
	if err := enter(t, d); err != nil {
		return 0, err
	}
	if !t.Proc.Cred.Capable(abi.CAP_SYS_CHROOT) {
		return 0, abi.EPERM
	}
	t.Proc.FS.SetRoot(d)
	return 0, nil
}

// umask implements umask(2).
func umask(t *kernel.Thread, a Args) (uint64, error) {
	old := t.Proc.FS.Umask
	t.Proc.FS.Umask = a.Uint(0) & 0o777
	return uint64(old), nil
}

// mkdir implements mkdir(2).
func mkdir(t *kernel.Thread, a Args) (uint64, error) {
	return mkdirAt(t, abi.AT_FDCWD, a[0], a.Uint(1))
}

// mkdirat implements mkdirat(2).
func mkdirat(t *kernel.Thread, a Args) (uint64, error) { return mkdirAt(t, a.Int(0), a[1], a.Uint(2)) }

func mkdirAt(t *kernel.Thread, dirfd int32, path uint64, mode uint32) (uint64, error) {
	p, err := argPlace(t, dirfd, path)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Mkdir(p.at, p.path, mode)
}

// mknod implements mknod(2).
func mknod(t *kernel.Thread, a Args) (uint64, error) {
	return mknodAt(t, abi.AT_FDCWD, a[0], a.Uint(1), a.Uint(2))
}

// mknodat implements mknodat(2).
func mknodat(t *kernel.Thread, a Args) (uint64, error) {
	return mknodAt(t, a.Int(0), a[1], a.Uint(2), a.Uint(3))
}

func mknodAt(t *kernel.Thread, dirfd int32, path uint64, mode, dev uint32) (uint64, error) {
	p, err := argPlace(t, dirfd, path)
	if err != nil {
		return 0, err
	}
	_, err = t.VFS().Mknod(p.at, p.path, mode&0xffff, uint64(dev))
	return 0, err
}

// rmdir implements rmdir(2).
func rmdir(t *kernel.Thread, a Args) (uint64, error) {
	return unlinkAt(t, abi.AT_FDCWD, a[0], abi.AT_REMOVEDIR)
}

// unlink implements unlink(2).
func unlink(t *kernel.Thread, a Args) (uint64, error) { return unlinkAt(t, abi.AT_FDCWD, a[0], 0) }

// unlinkat implements unlinkat(2).
func unlinkat(t *kernel.Thread, a Args) (uint64, error) {
	return unlinkAt(t, a.Int(0), a[1], a.Uint(2))
}

func unlinkAt(t *kernel.Thread, dirfd int32, path uint64, flags uint32) (uint64, error) {
	if flags&^abi.AT_REMOVEDIR != 0 {
		return 0, abi.EINVAL
	}
	p, err := argPlace(t, dirfd, path)
	if err != nil {
		return 0, err
	}
	if flags != 0 {
		return 0, t.VFS().Rmdir(p.at, p.path)
	}
	return 0, t.VFS().Unlink(p.at, p.path)
}
