package overlay

import (
	"maps"

	"emurun/vfs"
)

// The mark is the state of the overlay that the host's tree has: the lower tree at first,
// then each state that a commit has brought there. A node that has changed since
// keeps what it was, as far as it is different. Nothing of that is seen by the guest, and
// none of it is frozen.

// past is what a node was at the mark.
type past struct {
	made bool     // it was not there yet
	attr vfs.Attr // as it was
	up   *node    // of a directory, with name: its place
	name string

	// names has what the changed names of a directory were; nil: there was none.
	names map[string]*node
	// now has changed names that are those of the lower tree again, which happens
	// only between the states of two runs.
	now map[string]*node
	// at is where a file that is no directory was in upper directories, if moved says
	// that this has changed.
	at    []sighting
	moved bool

	pages map[int64]struct{} // of a regular file: those that may differ
	cut   int64              // the least length since

	xattrs  map[string][]byte // all there were, if xattred says that they have changed
	xattred bool
}

// change returns the past of n, which is about to change.
func (n *node) change() *past {
	if n.past == nil {
		n.past = &past{attr: n.attr, up: n.up, name: n.name, cut: n.attr.Size}
		n.fs.changed = append(n.fs.changed, n)
	}
	return n.past
}

// changeName is change for the name in directory n where old was; nil for nothing.
func (n *node) changeName(name string, old *node) {
	p := n.change()
	if p.made {
		return
	}
	if p.names == nil {
		p.names = make(map[string]*node)
		if n.lower != nil {
			// After the commit the host would answer otherwise.
			_, _ = n.lower.Entries()
		}
	}
	if _, ok := p.names[name]; !ok {
		p.names[name] = old
	}
}

// changePage is change for page i.
func (n *node) changePage(i int64) {
	p := n.change()
	if p.made {
		return
	}
	if p.pages == nil {
		p.pages = make(map[int64]struct{})
	}
	p.pages[i] = struct{}{}
}

// changeXattrs is change for the extended attributes, which are copied.
func (n *node) changeXattrs() {
	if p := n.change(); !p.xattred {
		p.xattrs, p.xattred = maps.Clone(n.xattrs), true
	}
}

// changePlaces is change for the places of a file that is no directory.
func (n *node) changePlaces() {
	if p := n.change(); !p.moved {
		p.at, p.moved = append([]sighting(nil), n.at...), true
	}
}

// enter remembers that n has a name in an upper directory.
func (n *node) enter(dir *node, name string) {
	n.changePlaces()
	n.at = append(n.at, sighting{dir, name})
}

// leave forgets a name of n.
func (n *node) leave(dir *node, name string) {
	n.changePlaces()
	for i, s := range n.at {
		if s == (sighting{dir, name}) {
			n.at = append(n.at[:i:i], n.at[i+1:]...)
			return
		}
	}
}

// merge makes the older past q part of p.
func (p *past) merge(q *past) {
	p.made, p.attr, p.up, p.name = q.made, q.attr, q.up, q.name
	p.cut = min(p.cut, q.cut)
	p.names = mergeMaps(p.names, q.names)
	p.now = mergeMaps(p.now, q.now)
	p.pages = mergeMaps(p.pages, q.pages)
	if q.moved {
		p.at, p.moved = q.at, true
	}
	if q.xattred {
		p.xattrs, p.xattred = q.xattrs, true
	}
}

func mergeMaps[K comparable, V any](p, q map[K]V) map[K]V {
	if p == nil {
		return q
	}
	maps.Copy(p, q)
	return p
}

// was returns the attributes of n at the mark.
func (n *node) was() vfs.Attr {
	if n.past != nil {
		return n.past.attr
	}
	return n.attr
}

// onHost reports whether n had a place at the mark, so that the host has it.
func (n *node) onHost() bool { return n.was().Nlink > 0 && (n.past == nil || !n.past.made) }

// oldPath is the path of a directory at the mark.
func (n *node) oldPath() string {
	up, name := n.oldPlace()
	if up == nil {
		return ""
	}
	return join(up.oldPath(), name)
}

// oldPlace is where a directory was at the mark.
func (n *node) oldPlace() (*node, string) {
	if n.past != nil {
		return n.past.up, n.past.name
	}
	return n.up, n.name
}

// before returns what dir had as name at the mark; nil for nothing.
func (n *node) before(name string) *node {
	if p := n.past; p != nil {
		if p.made {
			return nil
		}
		if c, ok := p.names[name]; ok {
			return c
		}
	}
	return n.upperOrSeen(name)
}

// after returns what n has as name; nil for nothing.
func (n *node) after(name string) *node {
	if n.past != nil {
		if c, ok := n.past.now[name]; ok {
			return c
		}
	}
	return n.upperOrSeen(name)
}

// upperOrSeen returns what n has as name; nil for nothing, and for what the lower tree has
// there and nobody has seen.
func (n *node) upperOrSeen(name string) *node {
	if c, ok := n.names[name]; ok || n.lower == nil {
		return c
	}
	l, err := n.lower.Lookup(name)
	if err != nil {
		return nil
	}
	return n.fs.byLower[l]
}

// places returns where a file that is no directory may be, and was at the mark.
func (n *node) places() []sighting {
	out := append([]sighting(nil), n.at...)
	if n.past != nil && n.past.moved {
		out = append(out, n.past.at...)
	}
	if n.originDir != nil {
		out = append(append(out, sighting{n.originDir, n.originName}), n.others...)
	}
	return out
}

// findPlaces finds the upper places of all files, in an overlay that was thawed.
func (f *FS) findPlaces() {
	if f.placed {
		return
	}
	f.placed = true
	for _, n := range f.nodes { // order: those of one file are sorted below
		n.at = nil
	}
	for _, d := range f.sorted() {
		for _, name := range sortedNames(d.names) {
			if n := d.names[name]; n != nil && !n.isDir() {
				n.at = append(n.at, sighting{d, name})
			}
		}
	}
}
