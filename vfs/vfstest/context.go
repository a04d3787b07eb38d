package vfstest

import (
	"emurun/abi"
	"emurun/vfs"
)

// contextSystem is a System over a vfs.Context.
type contextSystem struct{ c *vfs.Context }

// Over returns the System of a file system of ours, for the superuser.
func Over(fs vfs.FileSystem) System {
	ns := vfs.NewNamespace(fs, "test", "test", 0)
	return &contextSystem{&vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Umask: 0o022, Now: 1_000_000_000}}
}

// Mkdir implements System.
func (s *contextSystem) Mkdir(path string, mode uint32) error { return s.c.Mkdir(nil, path, mode) }

// Mknod implements System.
func (s *contextSystem) Mknod(path string, mode uint32) error {
	_, err := s.c.Mknod(nil, path, mode, 0)
	return err
}

// Symlink implements System.
func (s *contextSystem) Symlink(target, path string) error { return s.c.Symlink(target, nil, path) }

// Link implements System.
func (s *contextSystem) Link(old, path string) error {
	d, err := s.c.Walk(nil, old, false)
	if err != nil {
		return err
	}
	return s.c.Link(d, nil, path)
}

// Unlink implements System.
func (s *contextSystem) Unlink(path string) error { return s.c.Unlink(nil, path) }

// Rmdir implements System.
func (s *contextSystem) Rmdir(path string) error { return s.c.Rmdir(nil, path) }

// Rename implements System.
func (s *contextSystem) Rename(path, newPath string, flags uint32) error {
	return s.c.Rename(nil, path, nil, newPath, flags)
}

// Stat implements System.
func (s *contextSystem) Stat(path string, follow bool) (vfs.Attr, error) {
	d, err := s.c.Walk(nil, path, follow)
	if err != nil {
		return vfs.Attr{}, err
	}
	return d.Node.Attr()
}

// Readlink implements System.
func (s *contextSystem) Readlink(path string) (string, error) {
	d, err := s.c.Walk(nil, path, false)
	if err != nil {
		return "", err
	}
	return d.Node.Readlink()
}

// on walks to path and performs f there.
func (s *contextSystem) on(path string, f func(d *vfs.Dentry) error) error {
	d, err := s.c.Walk(nil, path, true)
	if err != nil {
		return err
	}
	return f(d)
}

// Chmod implements System.
func (s *contextSystem) Chmod(path string, mode uint32) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Chmod(d, mode) })
}

// Chown implements System.
func (s *contextSystem) Chown(path string, uid, gid uint32) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Chown(d, uid, gid) })
}

// Utimens implements System.
func (s *contextSystem) Utimens(path string, atime, mtime int64) error {
	a, m := vfs.Time(atime), vfs.Time(mtime)
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Utimens(d, &a, &m, false) })
}

// Truncate implements System.
func (s *contextSystem) Truncate(path string, size int64) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Truncate(d, size) })
}

// Access implements System.
func (s *contextSystem) Access(path string, mode uint32) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.MayAccess(d, mode) })
}

// Setxattr implements System.
func (s *contextSystem) Setxattr(path, name, value string, flags int) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Setxattr(d, name, []byte(value), flags) })
}

// Getxattr implements System.
func (s *contextSystem) Getxattr(path, name string) (string, error) {
	var v []byte
	err := s.on(path, func(d *vfs.Dentry) (err error) {
		v, err = s.c.Getxattr(d, name)
		return err
	})
	return string(v), err
}

// Listxattr implements System.
func (s *contextSystem) Listxattr(path string) ([]string, error) {
	var names []string
	err := s.on(path, func(d *vfs.Dentry) (err error) {
		names, err = s.c.Listxattr(d)
		return err
	})
	return names, err
}

// Removexattr implements System.
func (s *contextSystem) Removexattr(path, name string) error {
	return s.on(path, func(d *vfs.Dentry) error { return s.c.Removexattr(d, name) })
}

// As implements System.
func (s *contextSystem) As(uid, gid uint32) { s.c.Cred = vfs.Cred{UID: uid, GID: gid} }

// Umask implements System.
func (s *contextSystem) Umask(mask uint32) { s.c.Umask = mask }

// Open implements System.
func (s *contextSystem) Open(path string, flags, mode uint32) (Handle, error) {
	f, err := s.c.Open(nil, path, vfs.How{Flags: flags, Mode: mode})
	if err != nil {
		return nil, err
	}
	return &contextHandle{s.c, f}, nil
}

// contextHandle is a Handle over a vfs.OpenFile.
type contextHandle struct {
	c *vfs.Context
	f *vfs.OpenFile
}

// Pread implements Handle.
func (h *contextHandle) Pread(n int, off int64) (string, error) {
	p := make([]byte, n)
	n, err := h.f.Pread(p, off)
	return string(p[:n]), err
}

// Pwrite implements Handle.
func (h *contextHandle) Pwrite(text string, off int64) error {
	_, err := h.f.Pwrite([]byte(text), off)
	return err
}

// Append implements Handle.
func (h *contextHandle) Append(text string) error {
	_, err := h.f.Write([]byte(text))
	return err
}

// Allocate implements Handle.
func (h *contextHandle) Allocate(mode uint32, off, length int64) error {
	if !h.f.Writable() {
		return abi.EBADF
	}
	return h.f.Node.Allocate(mode, off, length, h.c.Now)
}

// Truncate implements Handle.
func (h *contextHandle) Truncate(size int64) error { return h.c.Ftruncate(h.f, size) }

// Seek implements Handle.
func (h *contextHandle) Seek(off int64, whence int) (int64, error) { return h.f.Seek(off, whence) }

// Size implements Handle.
func (h *contextHandle) Size() (int64, error) {
	a, err := h.f.Node.Attr()
	return a.Size, err
}

// List implements Handle.
func (h *contextHandle) List() ([]string, error) {
	var names []string
	for {
		e, ok, err := h.f.Dirent()
		if err != nil || !ok {
			return names, err
		}
		h.f.DirPos++
		if e.Name != "." && e.Name != ".." {
			names = append(names, e.Name)
		}
	}
}

// Close implements Handle.
func (h *contextHandle) Close() { h.f.Unref() }
