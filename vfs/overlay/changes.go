package overlay

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/commit"
)

// planner derives the operations that turn the lower tree into the whole.
type planner struct {
	fs     *FS
	emit   func(*commit.Op) error
	prefix string // of temporary names
	temps  int
	err    error // the first of emit

	dirs   []*node            // lower directories with other names than before
	added  map[*node]int      // how many names a file has that it had not
	gone   map[*node]bool     // lower directories that moved or were removed
	aside  map[*node]string   // temporary path of a lower file that moved
	placed map[*node]string   // path of a file that the build has put in place
	links  []commit.Op        // hard links, made when all files are in place
	tops   []*node            // new directories, parents first
	locked map[*node]struct{} // lower files whose mode Unlock changes
}

// Changes calls emit with the operations, in order, that turn the lower tree
// into what the guest sees. Temporary names begin with prefix.
func (f *FS) Changes(prefix string, emit func(*commit.Op) error) error {
	p := &planner{
		fs: f, emit: emit, prefix: prefix,
		added: map[*node]int{}, gone: map[*node]bool{}, aside: map[*node]string{}, placed: map[*node]string{},
		locked: map[*node]struct{}{},
	}
	p.survey()
	p.unlock()
	p.clear()
	p.build()
	for i := range p.links {
		p.do(&p.links[i])
	}
	p.contents()
	p.attributes()
	return p.err
}

// do emits an operation, unless one failed before.
func (p *planner) do(o *commit.Op) {
	if p.err == nil {
		p.err = p.emit(o)
	}
}

// known returns the nodes of the lower tree that a record mentioned, by number.
func (p *planner) known() []*node {
	var out []*node
	for _, ino := range slices.Sorted(maps.Keys(p.fs.nodes)) {
		if n := p.fs.nodes[ino]; n.lower != nil {
			out = append(out, n)
		}
	}
	return out
}

// before returns the node that dir has as name in the lower tree.
func (p *planner) before(dir *node, name string) *node {
	if dir.lower == nil {
		return nil
	}
	l, err := dir.lower.Lookup(name)
	if err != nil {
		return nil
	}
	return p.fs.byLower[l]
}

// survey finds the changed directories, and which files get names and lose them.
func (p *planner) survey() {
	for _, d := range p.known() {
		if !d.isDir() || len(d.names) == 0 {
			continue
		}
		p.dirs = append(p.dirs, d)
		for name, after := range d.names { // order: fills a set
			if b := p.before(d, name); b != nil && b != after && b.isDir() {
				p.gone[b] = true
			}
		}
		p.surveyAdded(d)
	}
}

// surveyAdded counts the new names in d, and in new directories below it.
func (p *planner) surveyAdded(d *node) {
	for name, after := range d.names { // order: only counts
		if after == nil || after == p.before(d, name) {
			continue
		}
		p.added[after]++
		if after.lower == nil && after.isDir() {
			p.surveyAdded(after)
		}
	}
}

// origin is the path of a lower directory in the lower tree.
func (n *node) origin() string {
	if n.originDir == nil {
		return ""
	}
	return join(n.originDir.origin(), n.originName)
}

// path is the path of a directory in the whole tree.
func (n *node) path() string {
	if n.up == nil {
		return ""
	}
	return join(n.up.path(), n.name)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// depth counts the components of a path.
func depth(path string) int {
	if path == "" {
		return 0
	}
	return strings.Count(path, "/") + 1
}

// stable returns the nearest directory at or above d that keeps its path.
func (p *planner) stable(d *node) *node {
	s := d
	for x := d; x != nil; x = x.originDir {
		if p.gone[x] {
			s = x.originDir
		}
	}
	return s
}

// temp returns a new temporary path in dir.
func (p *planner) temp(dir string) string {
	p.temps++
	return join(dir, p.prefix+strconv.Itoa(p.temps))
}

// unlock makes changeable what the guest changed although its mode on the host
// forbids that to its owner: the guest had changed the mode before.
func (p *planner) unlock() {
	for _, n := range p.known() {
		a, err := n.lower.Attr()
		if err != nil || n.attr.Nlink == 0 && !n.isDir() {
			continue
		}
		need := uint32(0o200)
		if n.isDir() {
			need = 0o700
		}
		if n.touched() && a.Mode&need != need && a.Mode&abi.S_IFMT != abi.S_IFLNK {
			p.locked[n] = struct{}{}
			p.do(&commit.Op{Kind: commit.Unlock, Path: n.origin(), Mode: a.Mode&0o7777 | need})
		}
	}
}

// clear puts aside the lower files that moved and removes those that are gone,
// deepest directories first, so that all paths are still those of the lower tree.
func (p *planner) clear() {
	dirs := slices.Clone(p.dirs)
	slices.SortStableFunc(dirs, func(a, b *node) int { return depth(b.origin()) - depth(a.origin()) })
	for _, d := range dirs {
		for _, name := range slices.Sorted(maps.Keys(d.names)) {
			if b := p.before(d, name); b != nil && b != d.names[name] {
				p.clearName(d, name, b)
			}
		}
	}
}

// clearName takes b away from its lower place.
func (p *planner) clearName(d *node, name string, b *node) {
	path := join(d.origin(), name)
	after := d.names[name]
	switch {
	case p.added[b] > 0 && p.aside[b] == "":
		p.aside[b] = p.temp(p.stable(d).origin())
		p.do(&commit.Op{Kind: commit.Aside, Path: path, Other: p.aside[b], ID: hostID(b)})
	case b.isDir():
		p.do(&commit.Op{Kind: commit.Rmdir, Path: path, ID: hostID(b)})
	case after != nil && !after.isDir():
		// What comes replaces it in one step.
	default:
		p.do(&commit.Op{Kind: commit.Unlink, Path: path, ID: hostID(b)})
	}
}

// hostID is the inode number of a lower file on the host.
func hostID(n *node) uint64 {
	if h, ok := n.lower.(interface{ HostID() uint64 }); ok {
		return h.HostID()
	}
	return 0
}

// build puts every new name in place, from above.
func (p *planner) build() {
	dirs := slices.DeleteFunc(slices.Clone(p.dirs), func(d *node) bool { return d.attr.Nlink == 0 })
	slices.SortFunc(dirs, func(a, b *node) int {
		return slices.Compare(strings.Split(a.path(), "/"), strings.Split(b.path(), "/"))
	})
	for _, d := range dirs {
		p.buildDir(d)
	}
}

func (p *planner) buildDir(d *node) {
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		n := d.names[name]
		if n == nil || n == p.before(d, name) {
			continue
		}
		path := join(d.path(), name)
		switch {
		case p.placed[n] != "":
			p.link(p.placed[n], path, d)
		case n.lower == nil && n.isDir():
			p.do(&commit.Op{Kind: commit.Mkdir, Path: path})
			p.tops = append(p.tops, n)
			p.buildDir(n)
		case n.lower == nil:
			p.placed[n] = path
			p.create(n, path, d)
		case p.aside[n] != "":
			p.placed[n] = path
			p.do(&commit.Op{Kind: commit.Place, Path: p.aside[n], Other: path})
		default: // a new name of a file that stays where it was
			p.link(p.place(n), path, d)
		}
	}
}

// link makes path, in d, another name of from, later.
func (p *planner) link(from, path string, d *node) {
	p.links = append(p.links, commit.Op{Kind: commit.Link, Path: from, Other: path, Name: p.temp(d.path())})
}

// create makes a new file under a temporary name and puts it in place when it is
// complete.
func (p *planner) create(n *node, path string, d *node) {
	temp := p.temp(d.path())
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFREG:
		p.do(&commit.Op{Kind: commit.Create, Path: temp})
		p.pages(n, temp)
		p.do(&commit.Op{Kind: commit.Truncate, Path: temp, Size: n.attr.Size})
	case abi.S_IFLNK:
		p.do(&commit.Op{Kind: commit.Symlink, Path: temp, Other: n.target})
	default:
		p.do(&commit.Op{Kind: commit.Mknod, Path: temp, Mode: n.attr.Mode, Rdev: n.attr.Rdev})
	}
	p.attrs(n, temp)
	p.do(&commit.Op{Kind: commit.Place, Path: temp, Other: path})
}

// place returns a path in the whole tree of a lower file; "" if it has none.
func (p *planner) place(n *node) string {
	switch {
	case n.isDir() && n.attr.Nlink == 0:
		return ""
	case n.isDir():
		return n.path()
	case p.placed[n] != "":
		return p.placed[n]
	}
	for _, s := range append([]sighting{{n.originDir, n.originName}}, n.others...) {
		if now, ok := s.dir.names[s.name]; (!ok || now == n) && s.dir.attr.Nlink > 0 {
			return join(s.dir.path(), s.name)
		}
	}
	return ""
}

// contentChanged reports whether a lower regular file differs in its bytes.
func (n *node) contentChanged() bool {
	a, err := n.lower.Attr()
	return err != nil || len(n.pages) > 0 || n.attr.Size != a.Size || n.lowerSize != a.Size
}

// touched reports whether the content of a lower file or directory differs.
func (n *node) touched() bool {
	return n.isDir() && len(n.names) > 0 || n.isReg() && n.lower != nil && n.contentChanged()
}

// contents changes in place what was written in lower files.
func (p *planner) contents() {
	for _, n := range p.known() {
		path := ""
		if n.isReg() && n.contentChanged() {
			path = p.place(n)
		}
		if path == "" {
			continue
		}
		if a, err := n.lower.Attr(); err != nil || n.lowerSize < a.Size {
			p.do(&commit.Op{Kind: commit.Truncate, Path: path, ID: hostID(n), Size: n.lowerSize})
		}
		p.pages(n, path)
		p.do(&commit.Op{Kind: commit.Truncate, Path: path, ID: hostID(n), Size: n.attr.Size})
	}
}

// pages writes the pages of n's upper layer to path.
func (p *planner) pages(n *node, path string) {
	id := uint64(0)
	if n.lower != nil {
		id = hostID(n)
	}
	buf := make([]byte, 0, commit.MaxData)
	start, next := int64(0), int64(-1)
	flush := func() {
		if len(buf) > 0 {
			p.do(&commit.Op{Kind: commit.Write, Path: path, ID: id, Off: start, Data: buf})
			buf = buf[:0]
		}
	}
	for _, i := range n.storedPages() {
		size := min(pageSize, n.attr.Size-i*pageSize)
		if size <= 0 {
			continue
		}
		if i != next || len(buf)+pageSize > cap(buf) || n.pages[i].where == hole {
			flush()
			start = i * pageSize
		}
		next = i + 1
		if n.pages[i].where == hole {
			p.do(&commit.Op{Kind: commit.Zero, Path: path, ID: id, Off: i * pageSize, Size: size})
			start = next * pageSize
			continue
		}
		at := len(buf)
		buf = buf[:at+int(size)]
		if err := n.fs.pages.read(n.pages[i], buf[at:], 0); err != nil && p.err == nil {
			p.err = err
		}
	}
	flush()
}

// attributes brings owners, modes, extended attributes and times of lower files
// and of all directories up to date, deepest directories last but one, so that a
// parent's time is set after its children's.
func (p *planner) attributes() {
	type at struct {
		n    *node
		path string
	}
	var dirs []at
	for _, n := range p.known() {
		path := p.place(n)
		switch {
		case path == "" && n.up != nil || path == "" && !n.isDir():
		case n.isDir():
			dirs = append(dirs, at{n, path})
		default:
			p.attrs(n, path)
		}
	}
	for _, n := range p.tops {
		dirs = append(dirs, at{n, n.path()})
	}
	slices.SortStableFunc(dirs, func(a, b at) int { return depth(b.path) - depth(a.path) })
	for _, d := range dirs {
		p.attrs(d.n, d.path)
	}
}

// attrs sets the attributes of n, all of a new file and those that differ of a
// lower one.
func (p *planner) attrs(n *node, path string) {
	a, was := n.attr, vfs.Attr{UID: ^uint32(0), Atime: -1, Mtime: -1}
	if n.lower != nil {
		var err error
		if was, err = n.lower.Attr(); err != nil {
			return
		}
	}
	owner := a.UID != was.UID || a.GID != was.GID
	if owner {
		p.do(&commit.Op{Kind: commit.Chown, Path: path, UID: a.UID, GID: a.GID})
	}
	_, locked := p.locked[n]
	link := a.Mode&abi.S_IFMT == abi.S_IFLNK
	if !link && (owner || locked || a.Mode != was.Mode) { // chown(2) clears bits
		p.do(&commit.Op{Kind: commit.Chmod, Path: path, Mode: a.Mode & 0o7777})
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
		p.do(&o)
	}
}

// xattrs brings the extended attributes of n up to date.
func (p *planner) xattrs(n *node, path string) {
	if !n.copied {
		return
	}
	was := map[string]string{}
	if n.lower != nil {
		names, _ := n.lower.Listxattr()
		for _, name := range names {
			v, _ := n.lower.Getxattr(name)
			was[name] = string(v)
			if _, ok := n.xattrs[name]; !ok {
				p.do(&commit.Op{Kind: commit.Removexattr, Path: path, Name: name})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.xattrs)) {
		v := n.xattrs[name]
		if old, ok := was[name]; !ok || old != string(v) {
			p.do(&commit.Op{Kind: commit.Setxattr, Path: path, Name: name, Data: v})
		}
	}
}
