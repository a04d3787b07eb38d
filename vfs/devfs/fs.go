package devfs

import (
	"sort"

	"emurun/abi"
	"emurun/vfs"
)

// Opener opens a device: it returns the file behind a new description.
type Opener func(flags uint32) (vfs.File, error)

// FS is a /dev. It implements vfs.FileSystem.
type FS struct {
	dev     uint64
	time    vfs.Time
	next    uint64
	root    *node
	random  func([]byte)
	openers map[uint64]Opener // by device number
}

// New returns a /dev with the memory devices. random fills its argument from the
// machine's random stream.
func New(dev uint64, time vfs.Time, random func([]byte)) *FS {
	f := &FS{dev: dev, time: time, next: 1, random: random, openers: map[uint64]Opener{}}
	f.root = f.node(abi.S_IFDIR | 0o755)
	f.Add("null", 0o666, abi.Mkdev(1, 3), func(uint32) (vfs.File, error) { return new(null), nil })
	f.Add("zero", 0o666, abi.Mkdev(1, 5), func(uint32) (vfs.File, error) { return new(zero), nil })
	f.Add("full", 0o666, abi.Mkdev(1, 7), func(uint32) (vfs.File, error) { return new(full), nil })
	f.Add("random", 0o666, abi.Mkdev(1, 8), func(uint32) (vfs.File, error) { return &randomFile{fs: f}, nil })
	f.Add("urandom", 0o666, abi.Mkdev(1, 9), func(uint32) (vfs.File, error) { return &randomFile{fs: f}, nil })
	return f
}

// Root implements vfs.FileSystem.
func (f *FS) Root() vfs.Node { return f.root }

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs() vfs.Statfs {
	return vfs.Statfs{Type: abi.TMPFS_MAGIC, Bsize: 4096, Namelen: abi.NAME_MAX}
}

// Add puts a character device at name with permission bits mode. Root owns it.
func (f *FS) Add(name string, mode uint32, rdev uint64, open Opener) {
	n := f.node(abi.S_IFCHR | mode)
	n.attr.Rdev = rdev
	f.openers[rdev] = open
	f.root.add(name, n)
}

// Symlink puts a symbolic link at name.
func (f *FS) Symlink(name, target string) {
	n := f.node(abi.S_IFLNK | 0o777)
	n.target, n.attr.Size = target, int64(len(target))
	f.root.add(name, n)
}

// Mkdir puts an empty directory at name, to mount on.
func (f *FS) Mkdir(name string) {
	f.root.add(name, f.node(abi.S_IFDIR|0o755))
	f.root.attr.Nlink++
}

// Open opens the device with number rdev, wherever its node is; ENXIO if there
// is none.
func (f *FS) Open(rdev uint64, flags uint32) (vfs.File, error) {
	open := f.openers[rdev]
	if open == nil {
		return nil, abi.ENXIO
	}
	return open(flags)
}

// node returns a new node with the given type and permission bits.
func (f *FS) node(mode uint32) *node {
	n := &node{fs: f, attr: vfs.Attr{
		Dev: f.dev, Ino: f.next, Mode: mode, Nlink: 1, Blksize: 4096,
		Atime: f.time, Mtime: f.time, Ctime: f.time, Btime: f.time,
	}}
	if mode&abi.S_IFMT == abi.S_IFDIR {
		n.attr.Nlink = 2
	}
	f.next++
	return n
}

// node is an entry of /dev. It implements vfs.Node.
type node struct {
	vfs.NodeDefaults
	fs      *FS
	attr    vfs.Attr
	entries []vfs.DirEntry // ascending
	nodes   map[string]*node
	target  string
}

// add puts a node at name, replacing one that is there.
func (n *node) add(name string, c *node) {
	if n.nodes == nil {
		n.nodes = make(map[string]*node)
	}
	n.nodes[name] = c
	i := sort.Search(len(n.entries), func(i int) bool { return n.entries[i].Name >= name })
	e := vfs.DirEntry{Name: name, Ino: c.attr.Ino, Type: vfs.DirentType(c.attr.Mode)}
	if i < len(n.entries) && n.entries[i].Name == name {
		n.entries[i] = e
		return
	}
	n.entries = append(n.entries[:i], append([]vfs.DirEntry{e}, n.entries[i:]...)...)
}

// Attr implements vfs.Node.
func (n *node) Attr() (vfs.Attr, error) { return n.attr, nil }

// SetAttr implements vfs.Node: owners, modes and times of devices can change, as
// on a devtmpfs. A size is accepted and ignored (open with O_TRUNC).
func (n *node) SetAttr(mask vfs.AttrMask, a vfs.Attr, now vfs.Time) error {
	if mask&vfs.AttrMode != 0 {
		n.attr.Mode = n.attr.Mode&abi.S_IFMT | a.Mode&0o7777
	}
	if mask&vfs.AttrUID != 0 {
		n.attr.UID = a.UID
	}
	if mask&vfs.AttrGID != 0 {
		n.attr.GID = a.GID
	}
	if mask&vfs.AttrAtime != 0 {
		n.attr.Atime = a.Atime
	}
	if mask&vfs.AttrMtime != 0 {
		n.attr.Mtime = a.Mtime
	}
	n.attr.Ctime = now
	return nil
}

// Lookup implements vfs.Node.
func (n *node) Lookup(name string) (vfs.Node, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFDIR {
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
	if n.attr.Mode&abi.S_IFMT != abi.S_IFDIR {
		return nil, abi.ENOTDIR
	}
	return n.entries, nil
}

// Readlink implements vfs.Node.
func (n *node) Readlink() (string, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFLNK {
		return "", abi.EINVAL
	}
	return n.target, nil
}

// Open implements vfs.Node.
func (n *node) Open(flags uint32) (vfs.File, error) {
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFDIR:
		return vfs.DirFile(n), nil
	case abi.S_IFCHR:
		return n.fs.Open(n.attr.Rdev, flags)
	}
	return nil, abi.ENXIO
}
