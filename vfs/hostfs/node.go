package hostfs

import (
	"slices"
	"sort"

	"emurun/abi"
	"emurun/vfs"
)

// hostID tells host files apart: device and inode number; zero where the host
// has none.
type hostID struct{ dev, ino uint64 }

// hostStat is what lstat tells of a host file.
type hostStat struct {
	id   hostID
	attr vfs.Attr
}

// hostEntry is a name in a host directory.
type hostEntry struct {
	name string
	ino  uint64 // 0: unknown
	kind uint8  // abi.DT_…
}

// node is a host file. It implements vfs.Node, read-only.
type node struct {
	vfs.NodeDefaults
	fs     *FS
	parent *node // with name, one place where the file was seen
	name   string
	id     hostID
	attr   vfs.Attr
	target string // of a symbolic link, once read

	children map[string]*node // names looked up; nil: there is none
	entries  []vfs.DirEntry   // once listed
	listed   bool

	dir  slot[hostDir]  // handle of a directory
	file slot[hostFile] // handle of a regular file

	at   string     // the path on the host, if a commit moved it
	also []sighting // where else it was seen, of a file with hard links
	kept *hostFile  // the file, which a commit removed
}

// Attr implements vfs.Node.
func (n *node) Attr() (vfs.Attr, error) { return n.attr, nil }

// HostDevice tells file systems of the host apart: between two of them neither
// rename nor link works.
func (n *node) HostDevice() uint64 { return n.id.dev }

// HostID is the inode number on the host, by which a commit knows the file again.
func (n *node) HostID() uint64 { return n.id.ino }

// SetAttr refuses: the view is read-only.
func (n *node) SetAttr(vfs.AttrMask, vfs.Attr, vfs.Time) error { return abi.EROFS }

// Create refuses: the view is read-only.
func (n *node) Create(string, vfs.NewNode) (vfs.Node, error) { return nil, abi.EROFS }

// Link refuses: the view is read-only.
func (n *node) Link(string, vfs.Node, vfs.Time) error { return abi.EROFS }

// Unlink refuses: the view is read-only.
func (n *node) Unlink(string, vfs.Time) error { return abi.EROFS }

// Rmdir refuses: the view is read-only.
func (n *node) Rmdir(string, vfs.Time) error { return abi.EROFS }

// Rename refuses: the view is read-only.
func (n *node) Rename(string, vfs.Node, string, uint32, vfs.Time) error { return abi.EROFS }

// WriteAt refuses: the view is read-only.
func (n *node) WriteAt([]byte, int64, vfs.Time) (int, error) { return 0, abi.EROFS }

// Allocate refuses: the view is read-only.
func (n *node) Allocate(uint32, int64, int64, vfs.Time) error { return abi.EROFS }

// Setxattr refuses: the view is read-only.
func (n *node) Setxattr(string, []byte, int, vfs.Time) error { return abi.EROFS }

// Removexattr refuses: the view is read-only.
func (n *node) Removexattr(string, vfs.Time) error { return abi.EROFS }

// sighting is a place where a file was seen.
type sighting struct {
	parent *node
	name   string
}

// sighted remembers one more name of a file.
func (n *node) sighted(parent *node, name string) {
	s := sighting{parent, name}
	if s != (sighting{n.parent, n.name}) && !slices.Contains(n.also, s) {
		n.also = append(n.also, s)
	}
}

func (n *node) isDir() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFDIR }

// Lookup implements vfs.Node. The host is asked once for each name.
func (n *node) Lookup(name string) (vfs.Node, error) {
	if c, ok := n.children[name]; ok {
		if c == nil {
			return nil, abi.ENOENT
		}
		return c, nil
	}
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	if n.listed && !n.lists(name) {
		return nil, abi.ENOENT
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	return n.ask(name)
}

// ask looks name up on the host.
func (n *node) ask(name string) (vfs.Node, error) {
	d, err := n.fs.handle(n)
	if err != nil {
		return nil, Errno(err)
	}
	st, err := d.stat(name)
	if err != nil {
		err = Errno(err)
		if err == abi.ENOENT {
			n.remember(name, nil)
		}
		return nil, err
	}
	c := n.fs.see(n, name, st)
	n.remember(name, c)
	return c, nil
}

// remember keeps the answer for name.
func (n *node) remember(name string, c *node) {
	if n.children == nil {
		n.children = make(map[string]*node)
	}
	n.children[name] = c
}

// lists reports whether the listed entries contain name.
func (n *node) lists(name string) bool {
	i := sort.Search(len(n.entries), func(i int) bool { return n.entries[i].Name >= name })
	return i < len(n.entries) && n.entries[i].Name == name
}

// Entries implements vfs.Node.
func (n *node) Entries() ([]vfs.DirEntry, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	if n.listed {
		return n.entries, nil
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	d, err := n.fs.handle(n)
	if err != nil {
		return nil, Errno(err)
	}
	es, err := d.list()
	if err != nil {
		return nil, Errno(err)
	}
	sort.Slice(es, func(i, j int) bool { return es[i].name < es[j].name })
	out := make([]vfs.DirEntry, 0, len(es))
	for _, e := range es {
		if de, ok := n.entry(e); ok {
			out = append(out, de)
		}
	}
	n.entries, n.listed = out, true
	return out, nil
}

// entry numbers a listed name; one that went away meanwhile is left out.
func (n *node) entry(e hostEntry) (vfs.DirEntry, bool) {
	if e.ino != 0 && e.kind != abi.DT_UNKNOWN {
		return vfs.DirEntry{Name: e.name, Ino: n.fs.number(hostID{n.id.dev, e.ino}), Type: e.kind}, true
	}
	c := n.children[e.name]
	if c == nil {
		asked, err := n.ask(e.name)
		if err != nil {
			return vfs.DirEntry{}, false
		}
		c = asked.(*node)
	}
	a := c.attr
	return vfs.DirEntry{Name: e.name, Ino: a.Ino, Type: vfs.DirentType(a.Mode)}, true
}

// Readlink implements vfs.Node.
func (n *node) Readlink() (string, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFLNK {
		return "", abi.EINVAL
	}
	if n.target != "" {
		return n.target, nil
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	err := n.fs.on(n, func(d hostDir, name string) (err error) {
		n.target, err = d.readlink(name)
		return err
	})
	return n.target, Errno(err)
}

// ReadAt implements vfs.Node. Files of a size of 0 are read all the same, as
// those of /proc and /sys have content in spite of it.
func (n *node) ReadAt(p []byte, off int64) (int, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFREG {
		return 0, abi.EINVAL
	}
	if left := n.attr.Size - off; n.attr.Size > 0 && left < int64(len(p)) {
		if left <= 0 {
			return 0, nil
		}
		p = p[:left]
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	f, err := n.fs.fileHandle(n)
	if err != nil {
		return 0, Errno(err)
	}
	total := 0
	for total < len(p) {
		k, err := f.readAt(p[total:], off+int64(total))
		if err != nil {
			return total, Errno(err)
		}
		if k <= 0 {
			break
		}
		total += k
	}
	return total, nil
}

// NextData implements vfs.Extents.
func (n *node) NextData(off int64, data bool) (int64, error) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	f, err := n.fs.fileHandle(n)
	if err != nil {
		return 0, Errno(err)
	}
	pos, err := f.nextData(off, data)
	return pos, Errno(err)
}

// Open implements vfs.Node. Devices, sockets and FIFOs of the host stay closed.
func (n *node) Open(flags uint32) (vfs.File, error) {
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFDIR:
		return vfs.DirFile(n), nil
	case abi.S_IFREG:
		n.fs.mu.RLock()
		defer n.fs.mu.RUnlock()
		if _, err := n.fs.fileHandle(n); err != nil {
			return nil, Errno(err)
		}
		return vfs.NodeFile(n), nil
	}
	return nil, abi.ENXIO
}

// Getxattr implements vfs.Node.
func (n *node) Getxattr(name string) (v []byte, err error) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	err = n.place(func(d hostDir, base string) (err error) {
		v, err = d.getxattr(base, name)
		return err
	})
	return v, Errno(err)
}

// Listxattr implements vfs.Node.
func (n *node) Listxattr() ([]string, error) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	var names []string
	absent := false
	err := n.place(func(d hostDir, base string) (err error) {
		names, err = d.listxattr(base)
		absent = err != nil && isXattrAbsent(err)
		return err
	})
	if absent {
		return nil, nil
	}
	sort.Strings(names)
	return names, Errno(err)
}

// place calls do with a directory handle and the name by which the host reaches n from there.
func (n *node) place(do func(d hostDir, base string) error) error {
	if n.parent == nil {
		return do(n.fs.base, ".")
	}
	return n.fs.on(n, do)
}
