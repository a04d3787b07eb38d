package vfs

import (
	"slices"

	"emurun/abi"
)

// Cred is whose rights a path operation uses: the file system user and group
// IDs of credentials(7).
type Cred struct {
	UID, GID uint32
	Groups   []uint32
}

// Context is the caller of a path operation: where its paths begin, whose rights
// it uses, and what the files it makes look like. Its methods are the system
// calls on paths. Their at is the directory that relative paths begin in; nil is Cwd.
type Context struct {
	NS    *Namespace
	Root  *Dentry
	Cwd   *Dentry
	Cred  Cred
	Umask uint32
	Now   Time
}

// Rights that May asks for, as in access(2).
const (
	MayExec  = abi.X_OK
	MayWrite = abi.W_OK
	MayRead  = abi.R_OK
)

// InGroup reports whether gid is among the groups of c.
func (c *Cred) InGroup(gid uint32) bool { return c.GID == gid || slices.Contains(c.Groups, gid) }

// super reports whether c has the capabilities of the superuser
// (CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_CHOWN, CAP_FSETID), capabilities(7).
func (c *Cred) super() bool { return c.UID == 0 }

// Owns reports whether c may do what only the owner of a file may.
func (c *Cred) Owns(a *Attr) bool { return c.UID == a.UID || c.super() }

// May returns EACCES unless a grants the rights want to c. The superuser may do
// all but execute a file that nobody may execute (CAP_DAC_OVERRIDE).
func (c *Cred) May(a *Attr, want uint32) error {
	if c.super() {
		if want&MayExec != 0 && a.Mode&abi.S_IFMT != abi.S_IFDIR && a.Mode&0o111 == 0 {
			return abi.EACCES
		}
		return nil
	}
	bits := a.Mode
	switch {
	case c.UID == a.UID:
		bits >>= 6
	case c.InGroup(a.GID):
		bits >>= 3
	}
	if want&^bits&7 != 0 {
		return abi.EACCES
	}
	return nil
}

// mayChange checks that names in dir may be added or removed.
func (c *Context) mayChange(dir *Dentry) (Attr, error) {
	a, err := dir.Node.Attr()
	if err != nil {
		return a, err
	}
	if a.Mode&abi.S_IFMT != abi.S_IFDIR {
		return a, abi.ENOTDIR
	}
	if err := c.Cred.May(&a, MayWrite|MayExec); err != nil {
		return a, err
	}
	return a, dir.writable()
}

// mayDelete checks that victim may be removed from dir: the sticky bit reserves
// that to the owners of either, inode(7).
func (c *Context) mayDelete(dir *Dentry, victim Node) error {
	da, err := c.mayChange(dir)
	if err != nil {
		return err
	}
	va, err := victim.Attr()
	if err != nil {
		return err
	}
	if da.Mode&abi.S_ISVTX != 0 && !c.Cred.Owns(&da) && !c.Cred.Owns(&va) {
		return abi.EPERM
	}
	return nil
}

// newNode describes a file that c makes in a directory with attributes dir. A
// set-group-ID directory hands its group down, and itself to directories.
func (c *Context) newNode(dir *Attr, mode uint32) NewNode {
	n := NewNode{Mode: mode &^ (c.Umask & 0o777), UID: c.Cred.UID, GID: c.Cred.GID, Time: c.Now}
	if mode&abi.S_IFMT == abi.S_IFLNK {
		n.Mode = abi.S_IFLNK | 0o777
	}
	if dir.Mode&abi.S_ISGID == 0 {
		return n
	}
	n.GID = dir.GID
	switch {
	case mode&abi.S_IFMT == abi.S_IFDIR:
		n.Mode |= abi.S_ISGID
	case mode&(abi.S_ISGID|abi.S_IXGRP) == abi.S_ISGID|abi.S_IXGRP && !c.Cred.super() && !c.Cred.InGroup(dir.GID):
		n.Mode &^= abi.S_ISGID
	}
	return n
}
