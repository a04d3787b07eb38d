package overlay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/commit"
)

// place returns a path in the present tree of a file that the host has; "" if none is known.
func (p *planner) place(n *node) string {
	switch {
	case n.isDir() && n.attr.Nlink == 0:
		return ""
	case n.isDir():
		return n.path()
	case p.placed[n] != "":
		return p.placed[n]
	}
	return n.somewhere()
}

// stayed returns a path of a file that has a name which it had at the mark.
func (p *planner) stayed(n *node) string {
	for _, s := range n.places() {
		if s.dir.attr.Nlink > 0 && s.dir.after(s.name) == n && s.dir.onHost() && s.dir.before(s.name) == n {
			return join(s.dir.path(), s.name)
		}
	}
	return ""
}

// contentChanged reports whether a regular file that the host has differs in its bytes.
func (n *node) contentChanged() bool {
	p := n.past
	return p != nil && (len(p.pages) > 0 || p.attr.Size != n.attr.Size || p.cut < p.attr.Size)
}

// touched reports whether the content of a file or directory that the host has differs.
func (n *node) touched() bool {
	return n.isDir() && n.past != nil && len(n.past.names) > 0 || n.isReg() && n.contentChanged()
}

// contents changes in place what was written in files that the host has.
func (p *planner) contents() {
	for _, n := range p.known() {
		path := ""
		if n.isReg() && n.contentChanged() {
			path = p.place(n)
		}
		if path == "" {
			continue
		}
		if n.past.cut < n.past.attr.Size {
			p.do(commit.Op{Kind: commit.Truncate, Path: path, ID: n.hostID(), Size: n.past.cut})
		}
		p.pages(n, path, slices.Sorted(maps.Keys(n.past.pages)))
		p.do(commit.Op{Kind: commit.Truncate, Path: path, ID: n.hostID(), Size: n.attr.Size})
	}
}

// allPages returns the numbers of all pages that a copy of n has to get.
func (n *node) allPages() []int64 {
	pages := n.storedPages()
	for i := range n.fs.over[n] { // order: sorted below
		if n.pages[i] == nil && i*pageSize >= n.lowerSize {
			pages = append(pages, i)
		}
	}
	for i := int64(0); i*pageSize < n.lowerSize; i++ {
		if n.pages[i] == nil {
			pages = append(pages, i)
		}
	}
	slices.Sort(pages)
	return pages
}

// attributes brings owners, modes, extended attributes and times of what the host has
// and of all directories up to date, deepest directories last but one, so that a
// parent's time is set after its children's.
func (p *planner) attributes() {
	var dirs []made
	for _, n := range p.known() {
		path := p.place(n)
		switch {
		case path == "" && n != p.fs.root:
		case n.isDir():
			dirs = append(dirs, made{n, path})
		default:
			p.attrs(n, path)
		}
	}
	for _, n := range p.tops {
		dirs = append(dirs, made{n, n.path()})
	}
	slices.SortStableFunc(dirs, func(a, b made) int { return cmp.Compare(depth(b.path), depth(a.path)) })
	for _, d := range dirs {
		p.attrs(d.n, d.path)
	}
}

// attrs sets the attributes of n, all of a new file and those that differ of another.
func (p *planner) attrs(n *node, path string) {
	a, was := n.attr, vfs.Attr{UID: ^uint32(0), Atime: -1, Mtime: -1}
	if n.onHost() {
		was = n.was()
	}
	owner := a.UID != was.UID || a.GID != was.GID
	if owner {
		p.do(commit.Op{Kind: commit.Chown, Path: path, UID: a.UID, GID: a.GID})
	}
	_, locked := p.locked[n]
	link := a.Mode&abi.S_IFMT == abi.S_IFLNK
	if !link && (owner || locked || a.Mode != was.Mode || n.onHost() && n.touched() && a.Mode&(abi.S_ISUID|abi.S_ISGID) != 0) { // chown(2) and write(2) clear bits
		p.do(commit.Op{Kind: commit.Chmod, Path: path, Mode: a.Mode & 0o7777})
	}
	p.xattrs(n, path)
	o := commit.Op{Kind: commit.Utimes, Path: path, Atime: int64(a.Atime), Mtime: int64(a.Mtime)}
	if a.Atime == was.Atime {
		o.Atime = commit.Omit
	}
	if a.Mtime == was.Mtime && !n.touched() { // else the commit itself changes it
		o.Mtime = commit.Omit
	}
	if o.Atime != commit.Omit || o.Mtime != commit.Omit {
		p.do(o)
	}
}

// xattrs brings the extended attributes of n up to date.
func (p *planner) xattrs(n *node, path string) {
	was := map[string][]byte{}
	switch {
	case !n.onHost():
	case !n.past.xattred:
		return
	default:
		was = n.past.xattrs
	}
	names, err := n.Listxattr()
	p.unknown(n, err)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if !slices.Contains(names, name) {
			p.do(commit.Op{Kind: commit.Removexattr, Path: path, Name: name})
		}
	}
	for _, name := range names {
		v, err := n.Getxattr(name)
		if old, ok := was[name]; err == nil && (!ok || string(old) != string(v)) {
			p.do(commit.Op{Kind: commit.Setxattr, Path: path, Name: name, Data: v})
		}
	}
}

// unknown remembers that something about n could not be found out, which for a file that the
// host is to get back is an error.
func (p *planner) unknown(n *node, err error) {
	if p.fs.foreign && err != nil && err != abi.EOPNOTSUPP && p.err == nil {
		p.err = fmt.Errorf("file %d, which is to come back: %w", n.attr.Ino, err)
	}
}
