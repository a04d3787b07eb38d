package tarfs

import (
	"errors"
	"io"
	"maps"
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// node is a file of the archive. It implements vfs.Node, read-only.
type node struct {
	vfs.NodeDefaults
	fs     *FS
	attr   vfs.Attr
	nodes  map[string]*node // of a directory
	sorted []vfs.DirEntry   // once listed
	target string           // of a symbolic link
	off    int64            // of the content in the archive
	data   []byte           // the content, if it is not in the archive as it is
	xattrs map[string]string
}

func (n *node) isDir() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFDIR }

// put makes c the entry name, replacing an earlier one.
func (n *node) put(name string, c *node) {
	if n.nodes == nil {
		n.nodes = make(map[string]*node)
	}
	if old := n.nodes[name]; old != nil {
		if old.isDir() {
			n.attr.Nlink--
		} else {
			old.attr.Nlink--
		}
	}
	n.nodes[name] = c
	if c.isDir() {
		n.attr.Nlink++
	}
}

// Attr implements vfs.Node.
func (n *node) Attr() (vfs.Attr, error) { return n.attr, nil }

// SetAttr refuses: the archive does not change.
func (n *node) SetAttr(vfs.AttrMask, vfs.Attr, vfs.Time) error { return abi.EROFS }

// Create refuses: the archive does not change.
func (n *node) Create(string, vfs.NewNode) (vfs.Node, error) { return nil, abi.EROFS }

// Link refuses: the archive does not change.
func (n *node) Link(string, vfs.Node, vfs.Time) error { return abi.EROFS }

// Unlink refuses: the archive does not change.
func (n *node) Unlink(string, vfs.Time) error { return abi.EROFS }

// Rmdir refuses: the archive does not change.
func (n *node) Rmdir(string, vfs.Time) error { return abi.EROFS }

// Rename refuses: the archive does not change.
func (n *node) Rename(string, vfs.Node, string, uint32, vfs.Time) error { return abi.EROFS }

// Lookup implements vfs.Node.
func (n *node) Lookup(name string) (vfs.Node, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	c := n.nodes[name]
	if c == nil {
		return nil, abi.ENOENT
	}
	return c, nil
}

// Entries implements vfs.Node.
func (n *node) Entries() ([]vfs.DirEntry, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	if n.sorted == nil {
		n.sorted = make([]vfs.DirEntry, 0, len(n.nodes))
		for _, name := range slices.Sorted(maps.Keys(n.nodes)) {
			a := &n.nodes[name].attr
			n.sorted = append(n.sorted, vfs.DirEntry{Name: name, Ino: a.Ino, Type: vfs.DirentType(a.Mode)})
		}
	}
	return n.sorted, nil
}

// Readlink implements vfs.Node.
func (n *node) Readlink() (string, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFLNK {
		return "", abi.EINVAL
	}
	return n.target, nil
}

// ReadAt implements vfs.Node. An archive that was cut short reads as EIO.
func (n *node) ReadAt(p []byte, off int64) (int, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFREG {
		return 0, abi.EINVAL
	}
	left := n.attr.Size - off
	if left <= 0 {
		return 0, nil
	}
	p = p[:min(int64(len(p)), left)]
	if n.data != nil {
		return copy(p, n.data[off:]), nil
	}
	k, err := n.fs.r.ReadAt(p, n.off+off)
	if k == len(p) || err == nil {
		return k, nil
	}
	if errors.Is(err, io.EOF) {
		return k, abi.EIO
	}
	return k, err
}

// Open implements vfs.Node.
func (n *node) Open(uint32) (vfs.File, error) {
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFDIR:
		return vfs.DirFile(n), nil
	case abi.S_IFREG:
		return vfs.NodeFile(n), nil
	}
	return nil, abi.ENXIO
}

// Getxattr implements vfs.Node.
func (n *node) Getxattr(name string) ([]byte, error) {
	v, ok := n.xattrs[name]
	if !ok {
		return nil, abi.ENODATA
	}
	return []byte(v), nil
}

// Listxattr implements vfs.Node.
func (n *node) Listxattr() ([]string, error) { return slices.Sorted(maps.Keys(n.xattrs)), nil }
