package overlay

import (
	"errors"
	"slices"

	"emurun/vfs"
	"emurun/vfs/commit"
)

// Update is what makes of the tree at the mark that which the overlay was when the update
// was taken. The guest may go on meanwhile: the update keeps the pages that it needs.
type Update struct {
	fs     *FS
	items  []item
	pasts  []aged
	made   []made
	moves  []Move
	lost   []vfs.Node
	laid   []laid
	hold   uint64
	synced bool
}

// Move is a file of the lower tree and its path after an update.
type Move struct {
	Lower vfs.Node
	Path  string
	n     *node
}

// item is an operation, without the Data of a Write: that is in pages.
type item struct {
	commit.Op
	pages []page
}

// aged is a node and what it was at the mark before.
type aged struct {
	n *node
	p *past
}

// errBusy is taking an update before the last one was released.
var errBusy = errors.New("the last update of the host's files is not finished")

// Take returns the difference between the mark and the present. Temporary names begin with
// prefix. It takes as long as there are changed files and pages, not as the pages' bytes
// need. Release must be called before the next Take.
func (f *FS) Take(prefix string) (*Update, error) {
	if f.busy {
		return nil, errBusy
	}
	if !f.marked {
		f.MarkLower()
	}
	f.findPlaces()
	u := &Update{fs: f, synced: f.synced}
	var err error
	if u.laid, err = f.lay(); err != nil {
		return nil, err
	}
	defer func() { f.over = nil }()
	p := &planner{fs: f, prefix: prefix}
	var failed error
	p.do = func(o commit.Op) { u.items = append(u.items, item{Op: o}) }
	p.pages = func(n *node, path string, pages []int64) {
		if err := u.take(n, path, pages); err != nil && failed == nil {
			failed = err
		}
	}
	p.plan()
	if failed == nil {
		failed = p.err
	}
	if failed != nil {
		return nil, failed
	}
	u.made, u.moves = p.made, f.moves()
	u.findLost(p)
	for _, n := range f.changed {
		u.pasts = append(u.pasts, aged{n, n.past})
		n.past = nil
	}
	f.changed, f.busy, f.synced, u.hold = nil, true, false, f.pages.hold()
	return u, nil
}

// take adds operations that write pages of n to path.
func (u *Update) take(n *node, path string, pages []int64) error {
	id := uint64(0)
	if n.onHost() {
		id = n.hostID()
	}
	var last *item
	for _, i := range pages {
		size := min(pageSize, n.attr.Size-i*pageSize)
		if size <= 0 {
			continue
		}
		p, err := n.snapshot(i)
		if err != nil {
			return err
		}
		kind := commit.Write
		if p.where == hole {
			kind = commit.Zero
		}
		full := last != nil && (last.Kind != kind || last.Off+last.Size != i*pageSize ||
			kind == commit.Write && last.Size+size > commit.MaxData)
		if last == nil || full {
			u.items = append(u.items, item{Op: commit.Op{Kind: kind, Path: path, ID: id, Off: i * pageSize}})
			last = &u.items[len(u.items)-1]
		}
		last.Size += size
		if kind == commit.Write {
			last.pages = append(last.pages, p)
		}
	}
	return nil
}

// snapshot returns page i of n as it is now. One that is seen from below, or was thawed and
// not seen since, is read.
func (n *node) snapshot(i int64) (page, error) {
	if data := n.fs.over[n][i]; data != nil {
		return page{data: data, where: inMemory}, nil
	}
	switch p := n.pages[i]; {
	case p != nil && p.where == thawed:
		data := new([pageSize]byte)
		return page{data: data, where: inMemory}, n.fs.pages.fetch(p, data)
	case p != nil:
		return *p, nil
	case i*pageSize >= n.lowerSize:
		return page{}, nil
	}
	data := new([pageSize]byte)
	return page{data: data, where: inMemory}, n.readLower(data[:], i*pageSize)
}

// moves returns the files of the lower tree that are elsewhere than at the mark, by number.
func (f *FS) moves() []Move {
	for _, n := range f.changed {
		if _, ok := f.strayed[n]; !ok && n.lower != nil && n.strays() {
			f.strayed[n] = n.origin()
		}
	}
	var out []Move
	for n, was := range f.strayed { // order: sorted below
		switch path := n.somewhere(); {
		case n.attr.Nlink == 0:
			delete(f.strayed, n)
		case path != "" && path != was:
			out = append(out, Move{n.lower, path, n})
		}
	}
	slices.SortFunc(out, func(a, b Move) int { return compareInos(a.n, b.n) })
	return out
}

// Strayed returns the files of the lower tree that are elsewhere than the guest first saw them,
// which a lower tree that was thawed has to know when the host has the present state.
func (f *FS) Strayed() []Move {
	f.findPlaces()
	f.strayed = map[*node]string{}
	out := []Move{}
	for _, n := range f.sorted() {
		if path := n.somewhere(); n.lower != nil && n.attr.Nlink > 0 && path != "" && n.strays() {
			f.strayed[n] = path
			out = append(out, Move{n.lower, path, n})
		}
	}
	return out
}

// strays reports whether a file of the lower tree is not where it was first seen.
func (n *node) strays() bool {
	if n.isDir() {
		return n.up != n.originDir || n.name != n.originName
	}
	return n.originDir == nil || n.originDir.after(n.originName) != n
}

// origin is the path of a file in the lower tree.
func (n *node) origin() string {
	if n.originDir == nil {
		return ""
	}
	return join(n.originDir.origin(), n.originName)
}

// somewhere is a path of n in the present tree; "" for the root, and if none is known.
func (n *node) somewhere() string {
	if n.isDir() {
		return n.path()
	}
	for _, s := range n.places() {
		if s.dir.attr.Nlink > 0 && s.dir.after(s.name) == n {
			return join(s.dir.path(), s.name)
		}
	}
	return ""
}

// findLost finds the files of the lower tree that the update removes from the host, while the
// guest has them open and sees their content. What it changes in others is not seen: only
// pages of the upper layer are written.
func (u *Update) findLost(p *planner) {
	for _, n := range p.known() {
		if n.lower != nil && n.isReg() && n.lowerSize > 0 && n.attr.Nlink == 0 {
			u.lost = append(u.lost, n.lower)
		}
	}
}

// Made returns the paths of the files that are new with the update.
func (u *Update) Made() []string {
	paths := make([]string, len(u.made))
	for i, m := range u.made {
		paths[i] = m.path
	}
	return paths
}

// Moves returns the files of the lower tree that the update moves, and all that it moves with
// them and that were moved before.
func (u *Update) Moves() []Move { return u.moves }

// Lost returns the files of the lower tree that the update removes while the guest sees their
// content.
func (u *Update) Lost() []vfs.Node { return u.lost }

// Empty reports whether there is nothing to do.
func (u *Update) Empty() bool { return len(u.items) == 0 }

// Synced reports whether the guest asked for something since the last update to be on
// the disk.
func (u *Update) Synced() bool { return u.synced }

// Emit calls emit with the operations in order. It may be called on any goroutine. emit must
// not keep them.
func (u *Update) Emit(emit func(*commit.Op) error) error {
	var buf []byte
	for i := range u.items {
		o := u.items[i].Op
		if o.Kind == commit.Write {
			buf = slices.Grow(buf[:0], int(o.Size))[:o.Size]
			for j, p := range u.items[i].pages {
				part := buf[j*pageSize : min((j+1)*pageSize, len(buf))]
				if err := u.fs.pages.read(&p, part, 0); err != nil {
					return err
				}
			}
			o.Data, o.Size = buf, 0
		}
		if err := emit(&o); err != nil {
			return err
		}
	}
	return nil
}

// Release ends the use of the update, on the guest's goroutine. If it was applied the mark
// moves to where the update was taken; ids are the IDs that the files in Made have on the
// host, or nil. Otherwise the mark stays.
func (u *Update) Release(applied bool, ids []uint64) {
	f := u.fs
	f.busy = false
	f.pages.unhold(u.hold)
	if applied {
		for i, m := range u.made {
			if m.n.id = 0; i < len(ids) {
				m.n.id = ids[i]
			}
		}
		for _, m := range u.moves {
			f.strayed[m.n] = m.Path
		}
		for _, l := range u.laid {
			l.n.changePage(l.page) // the host has other bytes than the file
		}
		return
	}
	f.synced = f.synced || u.synced
	for _, a := range u.pasts {
		if a.n.past == nil {
			a.n.past = a.p
			f.changed = append(f.changed, a.n)
		} else {
			a.n.past.merge(a.p)
		}
	}
}

// Changes calls emit with the operations that bring the mark to the present, at once. The
// mark stays.
func (f *FS) Changes(prefix string, emit func(*commit.Op) error) error {
	u, err := f.Take(prefix)
	if err != nil {
		return err
	}
	defer u.Release(false, nil)
	return u.Emit(emit)
}

// Mark makes the present the mark: the host's tree is like that.
func (f *FS) Mark() {
	f.forgetMark()
	f.Strayed()
	for _, n := range f.sortedMapped() {
		for _, i := range n.dirtyPages() {
			n.changePage(i) // the host got what mappings had written
		}
	}
}

func (f *FS) forgetMark() {
	for _, n := range f.changed {
		n.past = nil
	}
	f.changed, f.marked = nil, true
}

// MarkLower makes the lower tree the mark.
func (f *FS) MarkLower() {
	f.forgetMark()
	f.strayed = map[*node]string{}
	for _, n := range f.sorted() {
		n.past = n.pastOfLower()
		f.changed = append(f.changed, n)
	}
}

// pastOfLower is what n was in the lower tree.
func (n *node) pastOfLower() *past {
	if n.lower == nil {
		return &past{made: true}
	}
	p := &past{attr: n.attr, up: n.originDir, name: n.originName, cut: n.lowerSize, moved: true}
	if a, err := n.lower.Attr(); err == nil {
		p.attr = a
	}
	p.names = map[string]*node{}
	for _, name := range sortedNames(n.names) {
		p.names[name] = n.lowerChild(name)
	}
	p.pages = map[int64]struct{}{}
	for i := range n.pages { // order: fills a set
		p.pages[i] = struct{}{}
	}
	if n.copied {
		p.xattred, p.xattrs = true, lowerXattrs(n.lower)
	}
	return p
}

// lowerChild returns the node that a lower directory has as name; nil for none.
func (n *node) lowerChild(name string) *node {
	l, err := n.lower.Lookup(name)
	if err != nil {
		return nil
	}
	return n.fs.see(n, name, l)
}

// lowerXattrs returns the extended attributes of a file, as far as they can be read.
func lowerXattrs(l vfs.Node) map[string][]byte {
	names, _ := l.Listxattr()
	all := make(map[string][]byte, len(names))
	for _, name := range names {
		if v, err := l.Getxattr(name); err == nil {
			all[name] = v
		}
	}
	return all
}

// sorted returns the nodes that the journal knows, by number.
func (f *FS) sorted() []*node {
	out := make([]*node, 0, len(f.nodes))
	for _, n := range f.nodes { // order: sorted below
		out = append(out, n)
	}
	slices.SortFunc(out, compareInos)
	return out
}
