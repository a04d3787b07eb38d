package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// renameAt implements the rename(2) family.
func renameAt(t *kernel.Thread, oldfd int32, old uint64, newfd int32, new uint64, flags uint32) (uint64, error) {
	p, err := argPlace(t, oldfd, old)
	if err != nil {
		return 0, err
	}
	q, err := argPlace(t, newfd, new)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Rename(p.at, p.path, q.at, q.path, flags)
}

// rename implements rename(2).
func rename(t *kernel.Thread, a Args) (uint64, error) {
	return renameAt(t, abi.AT_FDCWD, a[0], abi.AT_FDCWD, a[1], 0)
}

// renameat implements renameat(2).
func renameat(t *kernel.Thread, a Args) (uint64, error) {
	return renameAt(t, a.Int(0), a[1], a.Int(2), a[3], 0)
}

// renameat2 implements renameat2(2).
func renameat2(t *kernel.Thread, a Args) (uint64, error) {
	return renameAt(t, a.Int(0), a[1], a.Int(2), a[3], a.Uint(4))
}

// linkAt implements the link(2) family.
func linkAt(t *kernel.Thread, oldfd int32, old uint64, newfd int32, new uint64, flags uint32) (uint64, error) {
	if flags&^(abi.AT_SYMLINK_FOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	at := flags & abi.AT_EMPTY_PATH
	if flags&abi.AT_SYMLINK_FOLLOW == 0 {
		at |= abi.AT_SYMLINK_NOFOLLOW
	}
	d, err := lookup(t, oldfd, old, at)
	if err != nil {
		return 0, err
	}
	p, err := argPlace(t, newfd, new)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Link(d, p.at, p.path)
}

// link implements link(2).
func link(t *kernel.Thread, a Args) (uint64, error) {
	return linkAt(t, abi.AT_FDCWD, a[0], abi.AT_FDCWD, a[1], 0)
}

// linkat implements linkat(2).
func linkat(t *kernel.Thread, a Args) (uint64, error) {
	return linkAt(t, a.Int(0), a[1], a.Int(2), a[3], a.Uint(4))
}

// symlinkAt implements the symlink(2) family.
func symlinkAt(t *kernel.Thread, target uint64, dirfd int32, path uint64) (uint64, error) {
	s, err := readPath(t, target)
	if err != nil {
		return 0, err
	}
	p, err := argPlace(t, dirfd, path)
	if err != nil {
		return 0, err
	}
	return 0, t.VFS().Symlink(s, p.at, p.path)
}

// symlink implements symlink(2).
func symlink(t *kernel.Thread, a Args) (uint64, error) {
	return symlinkAt(t, a[0], abi.AT_FDCWD, a[1])
}

// symlinkat implements symlinkat(2).
func symlinkat(t *kernel.Thread, a Args) (uint64, error) { return symlinkAt(t, a[0], a.Int(1), a[2]) }

// readlinkAt implements the readlink(2) family.
func readlinkAt(t *kernel.Thread, dirfd int32, path, buf uint64, size int32) (uint64, error) {
	if size <= 0 {
		return 0, abi.EINVAL
	}
	d, err := lookup(t, dirfd, path, abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if err != nil {
		return 0, err
	}
	if d == nil || d.Node == nil {
		return 0, abi.ENOENT
	}
	target, err := linkTarget(t, d)
	if err != nil {
		return 0, err
	}
	n := min(len(target), int(size))
	return uint64(n), t.Write([]byte(target[:n]), buf)
}

// linkTarget returns the text of the link at d. That of a magic link is the path
// of where it leads, as the caller sees it.
func linkTarget(t *kernel.Thread, d *vfs.Dentry) (string, error) {
	m, ok := d.Node.(vfs.Follower)
	if !ok {
		return d.Node.Readlink()
	}
	to, err := m.Follow()
	if err != nil {
		return "", err
	}
	path, _ := to.Path(t.Proc.FS.Root())
	return path, nil
}

// readlink implements readlink(2).
func readlink(t *kernel.Thread, a Args) (uint64, error) {
	return readlinkAt(t, abi.AT_FDCWD, a[0], a[1], a.Int(2))
}

// readlinkat implements readlinkat(2).
func readlinkat(t *kernel.Thread, a Args) (uint64, error) {
	return readlinkAt(t, a.Int(0), a[1], a[2], a.Int(3))
}
