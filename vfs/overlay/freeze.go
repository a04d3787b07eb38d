package overlay

import (
	"maps"
	"slices"

	"emurun/snapshot/wire"
	"emurun/vfs"
)

// maxText bounds the names and targets of frozen state.
const maxText = 1 << 16

// Kinds adds the kinds of objects of this package. next returns the FS that each of a machine
// that thaws has in place of one that was frozen, in order; nil if there are no more.
func Kinds(k *wire.Kinds, next func() *FS) {
	wire.Add(k, "overlay.FS", next)
	wire.Add(k, "overlay.node", func() *node { return new(node) })
}

// Freeze implements wire.Object. What a host has of the overlay is not in it, nor is where
// its pages are.
func (f *FS) Freeze(e *wire.Encoder) {
	e.Ref(f.opt.Lower)
	e.Uint64(f.opt.Dev)
	e.Int64(f.pages.most)
	e.Int64(int64(f.opt.NodeLimit))
	e.Ref(f.root)
	e.Uint64(f.next)
	e.Count(len(f.nodes))
	for _, n := range f.sorted() {
		e.Ref(n)
	}
	e.Count(len(f.seen))
	for _, n := range f.seen {
		e.Ref(n)
	}
	e.Contents("file", f.pages.contents(f.eachPage))
}

// eachPage calls yield with all pages.
func (f *FS) eachPage(yield func(*page)) {
	for _, n := range f.nodes { // order: of no matter
		for _, p := range n.pages { // order: of no matter
			yield(p)
		}
	}
}

// Thaw implements wire.Object. What a fresh FS has of its host stays: clock, scratch file,
// limit of memory, observer.
func (f *FS) Thaw(d *wire.Decoder) {
	f.opt.Lower = wire.Ref[vfs.FileSystem](d)
	f.opt.Dev = d.Uint64()
	s := &f.pages
	*s = store{limit: s.limit, scratch: s.scratch, most: d.Int64(), gen: 1, changed: map[int64]change{}}
	f.opt.NodeLimit = int(d.Int64())
	f.root = wire.Ref[*node](d)
	f.next = d.Uint64()
	nodes := thawNodes(d)
	f.seen = thawNodes(d)
	f.changed, f.placed, f.marked, f.busy, f.synced = nil, false, false, false, false
	if s.source = d.Contents(); s.source != nil {
		s.base = s.source.Root()
	}
	if s.most < 0 || f.root == nil || f.opt.NodeLimit < 0 {
		d.Fail("a limit of %d pages or %d files, or no root", s.most, f.opt.NodeLimit)
		return
	}
	d.Filled(func() error { return f.index(nodes) })
}

// thawNodes reads a list of nodes.
func thawNodes(d *wire.Decoder) []*node {
	nodes := make([]*node, d.Count(wire.MaxLen, 4))
	for i := range nodes {
		if nodes[i] = wire.Ref[*node](d); nodes[i] == nil {
			d.Fail("node %d is missing", i)
			break
		}
	}
	return nodes
}

// index finds nodes by their numbers and by what they show of the lower tree.
func (f *FS) index(nodes []*node) error {
	f.nodes = make(map[uint64]*node, len(nodes))
	f.byLower = make(map[vfs.Node]*node, len(f.seen))
	for _, n := range nodes {
		if f.nodes[n.attr.Ino] != nil || !n.bound || n.fs != f {
			return wire.Corrupt("file %d is there twice, or not known", n.attr.Ino)
		}
		f.nodes[n.attr.Ino] = n
	}
	for _, n := range f.seen {
		if n.lower == nil || f.byLower[n.lower] != nil || n.fs != f {
			return wire.Corrupt("two files show the same of the lower tree, or one shows nothing of it")
		}
		f.byLower[n.lower] = n
	}
	switch r := f.root; {
	case f.nodes[rootIno] != r || !r.isDir() || r.up != nil:
		return wire.Corrupt("the root is not file %d", rootIno)
	case (f.opt.Lower != nil) != (r.lower != nil) || r.lower != nil && r.lower != f.opt.Lower.Root():
		return wire.Corrupt("the root does not show that of the lower tree")
	}
	return nil
}

// Link implements wire.Linker: each page has a number of its own.
func (f *FS) Link() error {
	var all []span
	for _, n := range f.sorted() {
		all = append(all, n.runs...)
		n.runs = nil
	}
	taken, ok := union(all)
	if !ok {
		return wire.Corrupt("two files share a page")
	}
	f.pages.taken = taken
	f.findMapped()
	return nil
}

// Freeze implements wire.Object.
func (n *node) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Ref(n.fs)
	n.attr.Freeze(e)
	e.Ref(n.lower)
	e.Bool(n.bound)
	e.Int64(int64(n.opens))
	e.Ref(n.originDir)
	e.String(n.originName)
	e.Count(len(n.others))
	for _, s := range n.others {
		e.Ref(s.dir)
		e.String(s.name)
	}
	e.Ref(n.up)
	e.String(n.name)
	e.Count(len(n.names))
	for _, name := range sortedNames(n.names) {
		e.String(name)
		e.Ref(n.names[name])
	}
	e.Uint64(n.domain)
	e.String(n.target)
	e.Bool(n.copied)
	e.Count(len(n.xattrs))
	for _, name := range slices.Sorted(maps.Keys(n.xattrs)) {
		e.String(name)
		e.Bytes(n.xattrs[name])
	}
	n.freezePages(e)
}

// Thaw implements wire.Object.
func (n *node) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.fs = wire.Ref[*FS](d)
	n.attr.Thaw(d)
	n.lower = wire.Ref[vfs.Node](d)
	n.bound = d.Bool()
	n.opens = int(d.Int64())
	n.originDir = wire.Ref[*node](d)
	n.originName = d.String(maxText)
	for range d.Count(wire.MaxLen, 8) {
		s := sighting{wire.Ref[*node](d), d.String(maxText)}
		if s.dir == nil {
			d.Fail("%q in no directory", s.name)
		}
		n.others = append(n.others, s)
	}
	n.up = wire.Ref[*node](d)
	n.name = d.String(maxText)
	n.thawNames(d)
	n.domain = d.Uint64()
	n.target = d.String(maxText)
	n.thawXattrs(d)
	n.thawPages(d)
	if n.fs == nil || n.opens < 0 {
		d.Fail("a file of no file system, or %d times open", n.opens)
		return
	}
	d.Filled(n.check)
}

func (n *node) thawNames(d *wire.Decoder) {
	last := ""
	for i := range d.Count(wire.MaxLen, 8) {
		name, c := d.String(maxText), wire.Ref[*node](d)
		if i > 0 && name <= last {
			d.Fail("name %q is not in order", name)
			return
		}
		last = name
		if n.names == nil {
			n.names = make(map[string]*node)
		}
		n.names[name] = c
	}
}

func (n *node) thawXattrs(d *wire.Decoder) {
	n.copied = d.Bool()
	last := ""
	if n.copied {
		n.xattrs = make(map[string][]byte)
	}
	for i := range d.Count(wire.MaxLen, 8) {
		name, v := d.String(maxText), d.Bytes(maxText)
		if i > 0 && name <= last || !n.copied {
			d.Fail("attribute %q is not in order, or the lower file's", name)
			return
		}
		last = name
		n.xattrs[name] = append([]byte{}, v...)
	}
}

// check tests what later accesses trust: that who walks up or down comes to an end, and
// that all are of one file system.
func (n *node) check() error {
	if n.climbs() {
		return wire.Corrupt("file %d stands below itself", n.attr.Ino)
	}
	if n.originDir != nil && n.originDir.fs != n.fs || n.up != nil && n.up.fs != n.fs ||
		!n.bound && (n.originDir == nil || n.lower == nil) {
		return wire.Corrupt("file %d stands nowhere", n.attr.Ino)
	}
	for _, s := range n.others {
		if s.dir.fs != n.fs {
			return wire.Corrupt("file %d stands in another file system", n.attr.Ino)
		}
	}
	for name, c := range n.names { // order: all are tested
		if !n.isDir() || c != nil && (c.fs != n.fs || c.isDir() && (c.up != n || c.name != name)) {
			return wire.Corrupt("file %d stands elsewhere than as %q in %d", c.attr.Ino, name, n.attr.Ino)
		}
	}
	return nil
}

// What node.checked says.
const (
	checking = 1 + iota // the way up is being walked
	checkedUp
)

// climbs reports whether a way up from n leads back: that of now, or that in the lower tree.
func (n *node) climbs() bool {
	return cyclic(n, func(x *node) (*node, *uint8) { return x.up, &x.checked[0] }) ||
		cyclic(n, func(x *node) (*node, *uint8) { return x.originDir, &x.checked[1] })
}

// cyclic reports whether a way from n leads back. next returns the next on it and what is
// known of this one, so that each is walked over once.
func cyclic(n *node, next func(*node) (*node, *uint8)) bool {
	for x := n; x != nil; {
		up, known := next(x)
		switch *known {
		case checking:
			return true
		case checkedUp:
			x = nil
		default:
			*known, x = checking, up
		}
	}
	for x := n; x != nil; {
		up, known := next(x)
		if *known == checkedUp {
			break
		}
		*known, x = checkedUp, up
	}
	return false
}

// holes stands for the number of pages that are holes.
const holes = -1

// run is pages that follow each other, in the file and in the contents.
type run struct{ first, n, pos int64 }

// freezePages writes which pages there are, and what is seen of the lower file.
func (n *node) freezePages(e *wire.Encoder) {
	e.Int64(n.lowerSize)
	e.Bool(n.pages != nil)
	var runs []run
	for _, i := range n.storedPages() {
		p := n.pages[i]
		pos := p.pos
		if p.where == hole {
			pos = holes
		}
		if k := len(runs); k > 0 && runs[k-1].followedBy(i, pos) {
			runs[k-1].n++
			continue
		}
		runs = append(runs, run{i, 1, pos})
	}
	e.Count(len(runs))
	for _, r := range runs {
		e.Int64(r.first)
		e.Int64(r.n)
		e.Int64(r.pos)
	}
}

// followedBy reports whether page i at pos is the next of r.
func (r *run) followedBy(i, pos int64) bool {
	return i == r.first+r.n && (pos == r.pos+r.n && r.pos != holes || pos == holes && r.pos == holes)
}

// thawPages reads what freezePages wrote. The pages are made when the size of the contents
// is known.
func (n *node) thawPages(d *wire.Decoder) {
	n.lowerSize = d.Int64()
	own := d.Bool()
	runs := make([]run, d.Count(wire.MaxLen, 24))
	end := int64(0)
	for i := range runs {
		r := run{d.Int64(), d.Int64(), d.Int64()}
		if r.first < end || r.n <= 0 || r.pos < holes || r.n > maxPages || r.first > maxSize/pageSize || r.pos > maxPages {
			d.Fail("pages %d to %d at %d", r.first, r.first+r.n, r.pos)
			return
		}
		end, runs[i] = r.first+r.n, r
	}
	pages := (n.attr.Size + pageSize - 1) / pageSize
	if n.lowerSize < 0 || n.lowerSize > n.attr.Size || n.lowerSize > 0 && n.lower == nil || end > pages ||
		len(runs) > 0 && !own || !n.isReg() && (own || n.lowerSize > 0) {
		d.Fail("%d pages of a file of %d bytes of mode %o, %d of them from below", end, n.attr.Size, n.attr.Mode, n.lowerSize)
		return
	}
	d.Filled(func() error { return n.makePages(own, runs) })
}

// makePages makes the pages of n that runs has.
func (n *node) makePages(own bool, runs []run) error {
	if own {
		n.pages = make(map[int64]*page)
	}
	for _, r := range runs {
		if err := n.makeRun(r); err != nil {
			return err
		}
	}
	n.count()
	return nil
}

// makeRun makes pages that follow each other, no more than the contents have and than there
// may be holes.
func (n *node) makeRun(r run) error {
	s := &n.fs.pages
	below := (n.lowerSize + pageSize - 1) / pageSize
	switch {
	case r.pos == holes && (r.first+r.n > below || r.n > maxHoles-s.holes):
		return wire.Corrupt("%d holes from page %d on, of %d pages below", r.n, r.first, below)
	case r.pos == holes:
		s.holes += r.n
	case r.pos+r.n > s.thawable() || s.used+r.n > s.thawable():
		return wire.Corrupt("pages %d to %d of %d", r.pos, r.pos+r.n, s.thawable())
	default:
		s.used += r.n
		n.runs = append(n.runs, span{r.pos, r.pos + r.n})
	}
	for i := range r.n {
		p := &page{}
		if r.pos != holes {
			p.pos, p.where = r.pos+i, thawed
		}
		n.pages[r.first+i] = p
	}
	return nil
}

// thawable is how many pages there are to thaw.
func (s *store) thawable() int64 {
	if s.source == nil {
		return maxHoles
	}
	return int64(min(s.source.Size()/pageSize, maxPages))
}
