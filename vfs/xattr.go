package vfs

import (
	"strings"

	"emurun/abi"
)

// mayXattr checks the rights to an extended attribute by its namespace, xattr(7).
func (c *Context) mayXattr(d *Dentry, name string, want uint32) error {
	if name == "" || len(name) > abi.XATTR_NAME_MAX {
		return abi.ERANGE
	}
	a, err := d.Node.Attr()
	if err != nil {
		return err
	}
	if want == MayWrite {
		if err := d.writable(); err != nil {
			return err
		}
	}
	space, rest, _ := strings.Cut(name, ".")
	switch {
	case rest == "":
		return abi.EOPNOTSUPP
	case space == "user":
		if kind := a.Mode & abi.S_IFMT; kind != abi.S_IFREG && kind != abi.S_IFDIR {
			if want == MayWrite {
				return abi.EPERM
			}
			return abi.ENODATA
		}
		return c.Cred.May(&a, want)
	case space == "trusted" && !c.Cred.super():
		if want == MayWrite {
			return abi.EPERM
		}
		return abi.ENODATA
	case space == "security" && want == MayWrite && !c.Cred.super():
		return abi.EPERM
	case space == "system":
		return abi.EOPNOTSUPP // access control lists, acl(5): as on a mount with noacl
	}
	return nil
}

// Getxattr implements getxattr(2) on the file at d.
func (c *Context) Getxattr(d *Dentry, name string) ([]byte, error) {
	if err := c.mayXattr(d, name, MayRead); err != nil {
		return nil, err
	}
	return d.Node.Getxattr(name)
}

// Setxattr implements setxattr(2) on the file at d.
func (c *Context) Setxattr(d *Dentry, name string, value []byte, flags int) error {
	switch {
	case flags&^(abi.XATTR_CREATE|abi.XATTR_REPLACE) != 0:
		return abi.EINVAL
	case len(value) > abi.XATTR_SIZE_MAX:
		return abi.E2BIG
	}
	if err := c.mayXattr(d, name, MayWrite); err != nil {
		return err
	}
	return d.Node.Setxattr(name, value, flags, c.Now)
}

// Listxattr implements listxattr(2) on the file at d.
func (c *Context) Listxattr(d *Dentry) ([]string, error) {
	names, err := d.Node.Listxattr()
	if c.Cred.super() {
		return names, err
	}
	var seen []string
	for _, n := range names {
		if !strings.HasPrefix(n, "trusted.") {
			seen = append(seen, n)
		}
	}
	return seen, err
}

// Removexattr implements removexattr(2) on the file at d.
func (c *Context) Removexattr(d *Dentry, name string) error {
	if err := c.mayXattr(d, name, MayWrite); err != nil {
		return err
	}
	return d.Node.Removexattr(name, c.Now)
}
