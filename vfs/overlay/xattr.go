package overlay

import (
	"maps"
	"slices"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// Getxattr implements vfs.Node.
func (n *node) Getxattr(name string) ([]byte, error) {
	if n.lower != nil && !n.copied {
		return n.lower.Getxattr(name)
	}
	v, ok := n.xattrs[name]
	if !ok {
		return nil, abi.ENODATA
	}
	return v, nil
}

// Listxattr implements vfs.Node.
func (n *node) Listxattr() ([]string, error) {
	if n.lower != nil && !n.copied {
		return n.lower.Listxattr()
	}
	return slices.Sorted(maps.Keys(n.xattrs)), nil
}

// Setxattr implements vfs.Node.
func (n *node) Setxattr(name string, value []byte, flags int, now vfs.Time) error {
	_, err := n.Getxattr(name)
	switch {
	case err == nil && flags&abi.XATTR_CREATE != 0:
		return abi.EEXIST
	case err != nil && flags&abi.XATTR_REPLACE != 0:
		return abi.ENODATA
	}
	ino, err := n.fs.bind(n)
	if err != nil {
		return err
	}
	return n.fs.do(&journal.Record{Type: journal.Setxattr, Ino: ino, Name: name, Data: value, Time: int64(now)})
}

// Removexattr implements vfs.Node.
func (n *node) Removexattr(name string, now vfs.Time) error {
	if _, err := n.Getxattr(name); err != nil {
		return err
	}
	ino, err := n.fs.bind(n)
	if err != nil {
		return err
	}
	return n.fs.do(&journal.Record{Type: journal.Removexattr, Ino: ino, Name: name, Time: int64(now)})
}

// copyXattrs takes over the extended attributes of the lower file before the
// first change.
func (n *node) copyXattrs() error {
	if n.copied {
		return nil
	}
	all := make(map[string][]byte)
	if n.lower != nil {
		names, err := n.lower.Listxattr()
		if err != nil {
			return err
		}
		for _, name := range names {
			v, err := n.lower.Getxattr(name)
			if err != nil {
				return err
			}
			all[name] = v
		}
	}
	n.xattrs, n.copied = all, true
	return nil
}
