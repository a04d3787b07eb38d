package vfs

import "emurun/abi"

// MayAccess checks c's rights to the file at d (MayRead, MayWrite, MayExec), as
// faccessat2(2) does; 0 asks for nothing but existence.
func (c *Context) MayAccess(d *Dentry, want uint32) error {
	a, err := d.Node.Attr()
	if err != nil {
		return err
	}
	if want&MayWrite != 0 && onMount(&a) {
		if err := d.writable(); err != nil {
			return err
		}
	}
	if want&MayExec != 0 && a.Mode&abi.S_IFMT == abi.S_IFREG && d.mount != nil && d.mount.Flags&abi.ST_NOEXEC != 0 {
		return abi.EACCES
	}
	return c.Cred.May(&a, want)
}

// Chmod implements chmod(2) on the file at d.
func (c *Context) Chmod(d *Dentry, mode uint32) error {
	a, err := d.Node.Attr()
	if err != nil {
		return err
	}
	if err := d.writable(); err != nil {
		return err
	}
	switch {
	case a.Mode&abi.S_IFMT == abi.S_IFLNK:
		return abi.EOPNOTSUPP
	case !c.Cred.Owns(&a):
		return abi.EPERM
	}
	mode &= 0o7777
	if !c.Cred.super() && !c.Cred.InGroup(a.GID) {
		mode &^= abi.S_ISGID
	}
	return d.Node.SetAttr(AttrMode, Attr{Mode: a.Mode&abi.S_IFMT | mode}, c.Now)
}

// Chown implements chown(2) on the file at d; ^uint32(0) leaves an ID as it is.
func (c *Context) Chown(d *Dentry, uid, gid uint32) error {
	const keep = ^uint32(0)
	a, err := d.Node.Attr()
	if err != nil {
		return err
	}
	if err := d.writable(); err != nil {
		return err
	}
	if uid != keep && !c.Cred.super() && (c.Cred.UID != a.UID || uid != a.UID) {
		return abi.EPERM
	}
	if gid != keep && !c.Cred.super() && (c.Cred.UID != a.UID || gid != a.GID && !c.Cred.InGroup(gid)) {
		return abi.EPERM
	}
	mask := AttrMask(0)
	if uid != keep {
		mask |= AttrUID
	}
	if gid != keep {
		mask |= AttrGID
	}
	n := Attr{UID: uid, GID: gid, Mode: withoutSuid(a.Mode)}
	if a.Mode&abi.S_IFMT != abi.S_IFDIR && n.Mode != a.Mode {
		mask |= AttrMode
	}
	if mask == 0 {
		mask = AttrCtime
		n.Ctime = c.Now
	}
	return d.Node.SetAttr(mask, n, c.Now)
}

// withoutSuid is mode after a change that takes away set-user-ID and
// set-group-ID, chown(2): the latter only where the group may execute.
func withoutSuid(mode uint32) uint32 {
	mode &^= abi.S_ISUID
	if mode&abi.S_IXGRP != 0 {
		mode &^= abi.S_ISGID
	}
	return mode
}

// Utimens implements utimensat(2) on the file at d. A nil time is UTIME_OMIT;
// now says that every time given is UTIME_NOW, which writers may set too.
func (c *Context) Utimens(d *Dentry, atime, mtime *Time, now bool) error {
	a, err := d.Node.Attr()
	if err != nil || atime == nil && mtime == nil {
		return err
	}
	if err := d.writable(); err != nil {
		return err
	}
	if !c.Cred.Owns(&a) {
		if !now || atime == nil || mtime == nil {
			return abi.EPERM
		}
		if err := c.Cred.May(&a, MayWrite); err != nil {
			return err
		}
	}
	var mask AttrMask
	var n Attr
	if atime != nil {
		mask, n.Atime = mask|AttrAtime, *atime
	}
	if mtime != nil {
		mask, n.Mtime = mask|AttrMtime, *mtime
	}
	return d.Node.SetAttr(mask, n, c.Now)
}

// Truncate implements truncate(2) on the file at d.
func (c *Context) Truncate(d *Dentry, size int64) error {
	a, err := d.Node.Attr()
	switch {
	case err != nil:
		return err
	case size < 0:
		return abi.EINVAL
	case a.Mode&abi.S_IFMT == abi.S_IFDIR:
		return abi.EISDIR
	case a.Mode&abi.S_IFMT != abi.S_IFREG:
		return abi.EINVAL
	}
	if err := c.MayAccess(d, MayWrite); err != nil {
		return err
	}
	if err := running(d.Node); err != nil {
		return err
	}
	return c.setSize(d.Node, &a, size)
}

// Ftruncate implements ftruncate(2) on an open file.
func (c *Context) Ftruncate(f *OpenFile, size int64) error {
	if f.Node == nil || size < 0 || !f.Writable() {
		return abi.EINVAL
	}
	a, err := f.Node.Attr()
	switch {
	case err != nil:
		return err
	case a.Mode&abi.S_IFMT != abi.S_IFREG:
		return abi.EINVAL
	}
	return c.setSize(f.Node, &a, size)
}

func (c *Context) setSize(n Node, a *Attr, size int64) error {
	mask := AttrSize
	mode := a.Mode
	if !c.Cred.super() {
		mode = withoutSuid(mode)
	}
	if mode != a.Mode {
		mask |= AttrMode
	}
	return SetSize(n, mask, Attr{Size: size, Mode: mode}, c.Now)
}
