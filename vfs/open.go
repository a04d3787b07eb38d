package vfs

import (
	"strconv"

	"emurun/abi"
)

// How says how Open opens, openat2(2).
type How struct {
	Flags   uint32 // abi.O_…
	Mode    uint32 // permission bits of a file it creates
	Resolve uint64 // abi.RESOLVE_…
}

// Tmpfiler is a directory in which O_TMPFILE makes files without a name.
type Tmpfiler interface {
	Tmpfile(n NewNode) (Node, error)
}

// flagsOnce are open(2) flags that act on opening and are no part of the description.
const flagsOnce = abi.O_CREAT | abi.O_EXCL | abi.O_NOCTTY | abi.O_TRUNC | abi.O_CLOEXEC

// Open implements open(2), openat(2) and openat2(2).
func (c *Context) Open(at *Dentry, path string, how How) (*OpenFile, error) {
	f := how.Flags
	const tmpfile = abi.O_TMPFILE &^ abi.O_DIRECTORY
	if f&abi.O_PATH != 0 {
		f &= abi.O_PATH | abi.O_DIRECTORY | abi.O_NOFOLLOW | abi.O_CLOEXEC
	}
	switch {
	case f&tmpfile != 0:
		if f&abi.O_DIRECTORY == 0 || f&abi.O_CREAT != 0 || f&(abi.O_WRONLY|abi.O_RDWR) == 0 {
			return nil, abi.EINVAL
		}
		return c.openTmpfile(at, path, how)
	case f&(abi.O_CREAT|abi.O_DIRECTORY) == abi.O_CREAT|abi.O_DIRECTORY:
		return nil, abi.EINVAL
	case f&abi.O_CREAT != 0:
		return c.openCreate(at, path, how)
	}
	d, err := c.WalkHow(at, path, f&abi.O_NOFOLLOW == 0, how.Resolve)
	if err != nil {
		return nil, err
	}
	return c.OpenAt(d, f)
}

// openCreate opens path, creating a regular file if it does not exist. A symbolic
// link at its end is followed even if it leads to nothing yet.
func (c *Context) openCreate(at *Dentry, path string, how How) (*OpenFile, error) {
	w, at, err := c.newWalk(at, path, how.Resolve)
	if err != nil {
		return nil, err
	}
	for {
		dir, name, slash, err := w.parent(at, path)
		if err != nil {
			return nil, err
		}
		if slash || name == "" || name == "." || name == ".." {
			return nil, abi.EISDIR
		}
		d, err := w.step(dir, name, false)
		switch {
		case err == abi.ENOENT && !dir.deleted:
			return c.createFile(dir, name, how)
		case err != nil:
			return nil, err
		case how.Flags&abi.O_EXCL != 0:
			return nil, abi.EEXIST
		case !d.isLink() || how.Flags&abi.O_NOFOLLOW != 0:
			return c.OpenAt(d, how.Flags)
		}
		if _, magic := d.Node.(Follower); magic {
			if d, err = w.follow(dir, d); err != nil {
				return nil, err
			}
			return c.OpenAt(d, how.Flags)
		}
		if err := w.countLink(); err != nil {
			return nil, err
		}
		if path, err = readTarget(d); err != nil {
			return nil, err
		}
		at = dir
	}
}

// createFile makes and opens a new regular file. Its own permission bits do not
// bind the descriptor that creates it, open(2).
func (c *Context) createFile(dir *Dentry, name string, how How) (*OpenFile, error) {
	a, err := c.mayChange(dir)
	if err != nil {
		return nil, err
	}
	n, err := dir.Node.Create(name, c.newNode(&a, abi.S_IFREG|how.Mode&0o7777))
	if err != nil {
		return nil, err
	}
	return c.openNode(dir.child(name, n), how.Flags)
}

// openTmpfile implements O_TMPFILE.
func (c *Context) openTmpfile(at *Dentry, path string, how How) (*OpenFile, error) {
	dir, err := c.WalkHow(at, path, true, how.Resolve)
	if err != nil {
		return nil, err
	}
	a, err := c.mayChange(dir)
	if err != nil {
		return nil, err
	}
	maker, ok := dir.Node.(Tmpfiler)
	if !ok {
		return nil, abi.EOPNOTSUPP
	}
	n, err := maker.Tmpfile(c.newNode(&a, abi.S_IFREG|how.Mode&0o7777))
	if err != nil {
		return nil, err
	}
	na, err := n.Attr()
	if err != nil {
		return nil, err
	}
	name := "#" + strconv.FormatUint(na.Ino, 10)
	d := &Dentry{Parent: dir, Name: name, Node: n, mount: dir.mount, deleted: true}
	return c.openNode(d, how.Flags)
}

// OpenAt opens the file at d, which exists, checking c's rights to it.
func (c *Context) OpenAt(d *Dentry, flags uint32) (*OpenFile, error) {
	a, err := d.Node.Attr()
	if err != nil {
		return nil, err
	}
	kind := a.Mode & abi.S_IFMT
	write := flags&abi.O_ACCMODE != abi.O_RDONLY
	switch {
	case flags&abi.O_DIRECTORY != 0 && kind != abi.S_IFDIR:
		return nil, abi.ENOTDIR
	case flags&abi.O_PATH != 0:
		return NewOpenFile(new(pathFile), d.Node, d, flags&^flagsOnce), nil
	case kind == abi.S_IFLNK:
		return nil, abi.ELOOP
	case kind == abi.S_IFDIR && (write || flags&(abi.O_CREAT|abi.O_TRUNC) != 0):
		return nil, abi.EISDIR
	}
	if err := c.mayOpen(d, &a, flags); err != nil {
		return nil, err
	}
	f, err := c.openNode(d, flags)
	if err == nil && flags&abi.O_TRUNC != 0 && kind == abi.S_IFREG {
		err = SetSize(d.Node, AttrSize, Attr{}, c.Now)
		if err != nil {
			f.Unref()
			return nil, err
		}
	}
	return f, err
}

// mayOpen checks the rights to an existing file.
func (c *Context) mayOpen(d *Dentry, a *Attr, flags uint32) error {
	want := uint32(MayRead)
	switch flags & abi.O_ACCMODE {
	case abi.O_WRONLY:
		want = MayWrite
	case abi.O_RDWR, abi.O_ACCMODE:
		want = MayRead | MayWrite
	}
	if flags&abi.O_TRUNC != 0 {
		want |= MayWrite
	}
	if want&MayWrite != 0 && onMount(a) {
		if err := d.writable(); err != nil {
			return err
		}
	}
	if err := c.Cred.May(a, want); err != nil {
		return err
	}
	kind := a.Mode & abi.S_IFMT
	if (kind == abi.S_IFCHR || kind == abi.S_IFBLK) && d.mount != nil && d.mount.Flags&abi.ST_NODEV != 0 {
		return abi.EACCES
	}
	if flags&abi.O_NOATIME != 0 && !c.Cred.Owns(a) {
		return abi.EPERM
	}
	return nil
}

// onMount reports whether writing to the file writes to its file system, unlike
// to a device, a FIFO or a socket.
func onMount(a *Attr) bool {
	switch a.Mode & abi.S_IFMT {
	case abi.S_IFREG, abi.S_IFDIR, abi.S_IFLNK:
		return true
	}
	return false
}

// openNode makes the description of a file that c may open.
func (c *Context) openNode(d *Dentry, flags uint32) (*OpenFile, error) {
	if flags&abi.O_ACCMODE != abi.O_RDONLY || flags&abi.O_TRUNC != 0 {
		if err := running(d.Node); err != nil {
			return nil, err
		}
	}
	f, err := d.Node.Open(flags)
	if err == abi.ENXIO && c.NS != nil && c.NS.Special != nil {
		a, aerr := d.Node.Attr()
		if aerr != nil {
			return nil, aerr
		}
		f, err = c.NS.Special(c, d, a, flags)
	}
	if err != nil {
		return nil, err
	}
	return NewOpenFile(f, d.Node, d, flags&^flagsOnce), nil
}
