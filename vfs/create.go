package vfs

import "emurun/abi"

// newName walks to a name that must not exist yet, for mkdir(2), mknod(2),
// symlink(2) and link(2), and checks that c may make it.
func (c *Context) newName(at *Dentry, path string, dir bool) (place, Attr, error) {
	p, err := c.last(at, path)
	switch {
	case err != nil:
		return p, Attr{}, err
	case p.special() || p.d != nil:
		return p, Attr{}, abi.EEXIST
	case p.slash && !dir:
		return p, Attr{}, abi.ENOENT
	}
	a, err := c.mayChange(p.dir)
	return p, a, err
}

// make creates a node at path.
func (c *Context) make(at *Dentry, path string, mode uint32, rdev uint64, target string) (*Dentry, error) {
	p, a, err := c.newName(at, path, mode&abi.S_IFMT == abi.S_IFDIR)
	if err != nil {
		return nil, err
	}
	// Only the superuser makes devices, but for the character device 0:0, which
	// marks a whiteout and gives access to nothing.
	kind := mode & abi.S_IFMT
	if (kind == abi.S_IFCHR && rdev != 0 || kind == abi.S_IFBLK) && !c.Cred.super() {
		return nil, abi.EPERM
	}
	n := c.newNode(&a, mode)
	n.Rdev, n.Target = rdev, target
	node, err := p.dir.Node.Create(p.name, n)
	if err != nil {
		return nil, err
	}
	return p.dir.child(p.name, node), nil
}

// Mkdir implements mkdirat(2).
func (c *Context) Mkdir(at *Dentry, path string, mode uint32) error {
	_, err := c.make(at, path, abi.S_IFDIR|mode&0o1777, 0, "")
	return err
}

// Mknod implements mknodat(2) and returns the new name, which bind(2) of a UNIX
// socket needs. A mode without a type makes a regular file.
func (c *Context) Mknod(at *Dentry, path string, mode uint32, rdev uint64) (*Dentry, error) {
	switch mode & abi.S_IFMT {
	case 0:
		mode |= abi.S_IFREG
	case abi.S_IFREG, abi.S_IFIFO, abi.S_IFSOCK:
		rdev = 0
	case abi.S_IFCHR, abi.S_IFBLK: // CAP_MKNOD is asked for after the directory
	case abi.S_IFDIR:
		return nil, abi.EPERM
	default:
		return nil, abi.EINVAL
	}
	return c.make(at, path, mode&(abi.S_IFMT|0o7777), rdev, "")
}

// Symlink implements symlinkat(2).
func (c *Context) Symlink(target string, at *Dentry, path string) error {
	switch {
	case target == "":
		return abi.ENOENT
	case len(target) >= abi.PATH_MAX:
		return abi.ENAMETOOLONG
	}
	_, err := c.make(at, path, abi.S_IFLNK|0o777, 0, target)
	return err
}

// Link implements linkat(2): path becomes another name of the file at old.
func (c *Context) Link(old *Dentry, at *Dentry, path string) error {
	p, _, err := c.newName(at, path, false)
	if err == abi.EACCES && old.mount != p.dir.mount {
		err = abi.EXDEV
	}
	if err != nil {
		return err
	}
	if old.mount != p.dir.mount {
		return abi.EXDEV
	}
	a, err := old.Node.Attr()
	if err != nil {
		return err
	}
	if a.Mode&abi.S_IFMT == abi.S_IFDIR || !c.mayLink(&a) {
		return abi.EPERM
	}
	if err := p.dir.Node.Link(p.name, old.Node, c.Now); err != nil {
		return err
	}
	d := p.dir.child(p.name, old.Node)
	if old.deleted && a.Nlink == 0 { // an O_TMPFILE gets its name
		old.Parent, old.Name, old.deleted = p.dir, p.name, false
		old.pins += d.pins
		p.dir.children[p.name] = old
	}
	return nil
}

// mayLink is /proc/sys/fs/protected_hardlinks = 1, proc(5): only who owns a file
// or may read and write it makes names for it.
func (c *Context) mayLink(a *Attr) bool {
	if c.Cred.Owns(a) {
		return true
	}
	safe := a.Mode&abi.S_IFMT == abi.S_IFREG && a.Mode&abi.S_ISUID == 0 &&
		a.Mode&(abi.S_ISGID|abi.S_IXGRP) != abi.S_ISGID|abi.S_IXGRP
	return safe && c.Cred.May(a, MayRead|MayWrite) == nil
}
