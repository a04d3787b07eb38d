package vfs

import "emurun/abi"

// busy reports a name that may not go because it is, or carries, a mount.
func (p *place) busy() bool {
	return p.d.Parent == nil || p.d.mounted != nil
}

// Unlink implements unlinkat(2) without AT_REMOVEDIR.
func (c *Context) Unlink(at *Dentry, path string) error {
	p, err := c.last(at, path)
	switch {
	case err != nil:
		return err
	case p.special():
		return abi.EISDIR
	case p.d == nil:
		return abi.ENOENT
	case p.slash && p.d.isDir():
		return abi.EISDIR
	case p.slash:
		return abi.ENOTDIR
	}
	if err := c.mayDelete(p.dir, p.d.Node); err != nil {
		return err
	}
	switch {
	case p.d.isDir():
		return abi.EISDIR
	case p.busy():
		return abi.EBUSY
	}
	if err := p.dir.Node.Unlink(p.name, c.Now); err != nil {
		return err
	}
	p.dir.drop(p.name)
	return nil
}

// Rmdir implements rmdir(2).
func (c *Context) Rmdir(at *Dentry, path string) error {
	p, err := c.last(at, path)
	switch {
	case err != nil:
		return err
	case p.name == ".":
		return abi.EINVAL
	case p.name == "..":
		return abi.ENOTEMPTY
	case p.name == "":
		return abi.EBUSY
	case p.d == nil:
		return abi.ENOENT
	}
	if !p.busy() {
		if err := c.mayDelete(p.dir, p.d.Node); err != nil {
			return err
		}
	}
	switch {
	case !p.d.isDir():
		return abi.ENOTDIR
	case p.busy():
		return abi.EBUSY
	}
	if err := p.dir.Node.Rmdir(p.name, c.Now); err != nil {
		return err
	}
	p.dir.drop(p.name)
	return nil
}

// Rename implements renameat2(2).
func (c *Context) Rename(at *Dentry, path string, newAt *Dentry, newPath string, flags uint32) error {
	const both = abi.RENAME_NOREPLACE | abi.RENAME_EXCHANGE
	if flags&^both != 0 || flags == both {
		return abi.EINVAL
	}
	p, err := c.last(at, path)
	if err != nil {
		return err
	}
	q, err := c.last(newAt, newPath)
	if err != nil {
		return err
	}
	if err := renameShape(&p, &q, flags); err != nil {
		return err
	}
	if q.d != nil && q.d.Node == p.d.Node {
		return nil // two names of one file: nothing happens, rename(2)
	}
	if err := c.mayRename(&p, &q, flags); err != nil {
		return err
	}
	if err := p.dir.Node.Rename(p.name, q.dir.Node, q.name, flags, c.Now); err != nil {
		return err
	}
	if flags&abi.RENAME_EXCHANGE != 0 {
		p.dir.exchange(p.name, q.dir, q.name)
	} else {
		p.dir.move(p.name, q.dir, q.name)
	}
	return nil
}

// renameShape checks what needs no rights: kinds of names, slashes, loops.
func renameShape(p, q *place, flags uint32) error {
	exchange := flags&abi.RENAME_EXCHANGE != 0
	switch {
	case p.dir.mount != q.dir.mount:
		return abi.EXDEV
	case p.special():
		return abi.EBUSY
	case q.special() && flags&abi.RENAME_NOREPLACE != 0:
		return abi.EEXIST
	case q.special():
		return abi.EBUSY
	case p.d == nil:
		return abi.ENOENT
	case q.d != nil && flags&abi.RENAME_NOREPLACE != 0:
		return abi.EEXIST
	case q.d == nil && exchange:
		return abi.ENOENT
	case exchange && q.slash && !q.d.isDir():
		return abi.ENOTDIR
	case !p.d.isDir() && (p.slash || q.slash && !exchange):
		return abi.ENOTDIR
	case q.dir.below(p.d):
		return abi.EINVAL
	case q.d != nil && p.dir.below(q.d) && exchange:
		return abi.EINVAL
	case q.d != nil && p.dir.below(q.d):
		return abi.ENOTEMPTY
	}
	return nil
}

// mayRename checks the rights to both names and that their kinds fit.
func (c *Context) mayRename(p, q *place, flags uint32) error {
	if err := c.mayDelete(p.dir, p.d.Node); err != nil {
		return err
	}
	var err error
	if q.d == nil {
		_, err = c.mayChange(q.dir)
	} else {
		err = c.mayDelete(q.dir, q.d.Node)
	}
	if err != nil {
		return err
	}
	pdir, qdir := p.d.isDir(), q.d != nil && q.d.isDir()
	if q.d != nil && flags&abi.RENAME_EXCHANGE == 0 {
		switch {
		case pdir && !qdir:
			return abi.ENOTDIR
		case !pdir && qdir:
			return abi.EISDIR
		}
	}
	if p.busy() || q.d != nil && q.busy() {
		return abi.EBUSY
	}
	// A directory that changes its parent is itself written to: its "..".
	if p.dir == q.dir {
		return nil
	}
	if pdir {
		if err := c.MayAccess(p.d, MayWrite); err != nil {
			return err
		}
	}
	if qdir && flags&abi.RENAME_EXCHANGE != 0 {
		return c.MayAccess(q.d, MayWrite)
	}
	return nil
}
