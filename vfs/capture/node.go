package capture

import (
	"errors"
	"maps"
	"slices"
	"sort"
	"strings"

	"emurun/abi"
	"emurun/vfs"
)

// answer is what the backing tree said to a question, if it was asked: an error or a value.
type answer[T any] struct {
	asked bool
	err   abi.Errno
	v     T
}

// get returns the answer.
func (a *answer[T]) get() (T, error) {
	if a.err != 0 {
		var none T
		return none, a.err
	}
	return a.v, nil
}

// node is a file of the lower tree that was seen. It implements vfs.Node, read-only.
type node struct {
	vfs.NodeDefaults
	fs     *FS
	parent *node // with name, where the file was first seen
	name   string
	attr   vfs.Attr
	device uint64 // tells host file systems apart

	names   map[string]answer[*node] // that were looked up
	list    answer[[]vfs.DirEntry]
	target  answer[string]
	xlist   answer[[]string]
	xattrs  map[string]answer[[]byte]
	opened  answer[struct{}]
	holes   answer[[]extent]
	small   answer[[]byte] // content in spite of a size of 0
	content content

	// What this process knows of the backing tree.
	back vfs.Node
	same bool   // back has the attributes that are remembered
	at   string // the path in the backing tree, if a commit moved it

	checked uint8 // by climbs
}

// extent is bytes that are no hole.
type extent struct{ from, to int64 }

func (n *node) isDir() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFDIR }
func (n *node) isReg() bool { return n.attr.Mode&abi.S_IFMT == abi.S_IFREG }

// path is where n was first seen.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	return join(n.parent.path(), n.name)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// each calls do with n and all that were seen below it, in order.
func (n *node) each(do func(*node)) {
	do(n)
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		if c := n.names[name].v; c != nil && c.parent == n && c.name == name {
			c.each(do)
		}
	}
}

// resolve finds n in the backing tree.
func (n *node) resolve() (vfs.Node, error) {
	if n.back != nil {
		return n.back, nil
	}
	back, err := n.find()
	if err != nil {
		return nil, err
	}
	a, err := back.Attr()
	switch {
	case err != nil:
		return nil, err
	case a.Mode&abi.S_IFMT != n.attr.Mode&abi.S_IFMT:
		return nil, abi.ESTALE
	}
	n.same = a.Size == n.attr.Size && a.Mtime == n.attr.Mtime
	n.back = back
	return back, nil
}

// find looks n up in the backing tree.
func (n *node) find() (vfs.Node, error) {
	switch {
	case n.fs.back == nil:
		return nil, abi.EIO
	case n.parent == nil:
		return n.fs.back.Root(), nil
	case n.at == "":
		up, err := n.parent.resolve()
		if err != nil {
			return nil, err
		}
		return up.Lookup(n.name)
	}
	back := n.fs.back.Root()
	for _, name := range strings.Split(n.at, "/") {
		var err error
		if back, err = back.Lookup(name); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// MovedTo says that n is at path in the backing tree, since a commit moved it.
func (n *node) MovedTo(path string) { n.at = path }

// Backing is the file of the backing tree; nil if there is none.
func (n *node) Backing() vfs.Node {
	back, err := n.resolve()
	if err != nil {
		return nil
	}
	return back
}

// HostDevice tells apart the host file systems that the lower tree spans.
func (n *node) HostDevice() uint64 { return n.device }

// HostID is the inode number on the host, by which a commit knows the file again; 0 if
// the host does not have it.
func (n *node) HostID() uint64 {
	back, err := n.resolve()
	if err != nil {
		return 0
	}
	if h, ok := back.(interface{ HostID() uint64 }); ok {
		return h.HostID()
	}
	return 0
}

// ask returns the answer to a question about n, or about name in it, which is put to the
// backing tree once. An error of ours is no answer, nor is that there is nobody to ask.
func ask[T any](n *node, a *answer[T], question, name string, put func(back vfs.Node) (T, error)) (T, error) {
	if a.asked {
		return a.get()
	}
	var v T
	back, err := n.resolve()
	if err == nil {
		v, err = put(back)
	}
	var errno abi.Errno
	if err != nil && (n.fs.back == nil || !errors.As(err, &errno)) {
		return v, err
	}
	a.asked, a.err = true, errno
	if errno == 0 {
		a.v = v
	}
	n.fs.observe(n, name, question, err)
	return a.get()
}

// Attr implements vfs.Node.
func (n *node) Attr() (vfs.Attr, error) { return n.attr, nil }

// Lookup implements vfs.Node.
func (n *node) Lookup(name string) (vfs.Node, error) {
	a, ok := n.names[name]
	switch {
	case ok:
	case !n.isDir():
		return nil, abi.ENOTDIR
	case n.list.asked && n.list.err == 0 && n.listed(name) == nil:
		return nil, abi.ENOENT
	default:
		_, err := ask(n, &a, "lookup", name, func(back vfs.Node) (*node, error) {
			c, err := back.Lookup(name)
			if err != nil {
				return nil, err
			}
			return n.fs.see(n, name, c)
		})
		if !a.asked {
			return nil, err
		}
		if n.names == nil {
			n.names = make(map[string]answer[*node])
		}
		n.names[name] = a
	}
	if a.err != 0 {
		return nil, a.err
	}
	return a.v, nil
}

// listed returns the entry called name of a directory that was listed; nil for none.
func (n *node) listed(name string) *vfs.DirEntry {
	es := n.list.v
	i := sort.Search(len(es), func(i int) bool { return es[i].Name >= name })
	if i < len(es) && es[i].Name == name {
		return &es[i]
	}
	return nil
}

// Entries implements vfs.Node.
func (n *node) Entries() ([]vfs.DirEntry, error) {
	if !n.isDir() {
		return nil, abi.ENOTDIR
	}
	return ask(n, &n.list, "list", "", func(back vfs.Node) ([]vfs.DirEntry, error) {
		es, err := back.Entries()
		if n.fs.recount {
			es = slices.Clone(es)
		}
		for i, e := range es {
			if ino := n.entry(e); ino != e.Ino {
				es[i].Ino = ino
			}
		}
		return es, err
	})
}

// entry returns the number here of an entry of the backing directory.
func (n *node) entry(e vfs.DirEntry) uint64 {
	if c := n.names[e.Name].v; c != nil && n.fs.recount {
		n.fs.numbers[e.Ino] = c.attr.Ino
	}
	return n.fs.number(e.Ino)
}

// Readlink implements vfs.Node.
func (n *node) Readlink() (string, error) {
	if n.attr.Mode&abi.S_IFMT != abi.S_IFLNK {
		return "", abi.EINVAL
	}
	return ask(n, &n.target, "readlink", "", vfs.Node.Readlink)
}

// Listxattr implements vfs.Node.
func (n *node) Listxattr() ([]string, error) {
	return ask(n, &n.xlist, "listxattr", "", vfs.Node.Listxattr)
}

// Getxattr implements vfs.Node.
func (n *node) Getxattr(name string) ([]byte, error) {
	a := n.xattrs[name]
	v, err := ask(n, &a, "getxattr", "", func(back vfs.Node) ([]byte, error) { return back.Getxattr(name) })
	if a.asked {
		if n.xattrs == nil {
			n.xattrs = make(map[string]answer[[]byte])
		}
		n.xattrs[name] = a
	}
	return v, err
}
