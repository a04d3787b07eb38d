package overlay

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"emurun/abi"
)

// between finds the files of one overlay in another that was thawed from another checkpoint of
// the same run.
type between struct {
	f, x   *FS
	places map[string]*node // the files of f's lower tree, by where they were seen
	found  map[*node]*node  // of x in f
	paired map[*node]bool   // those of f that have a past in x
	err    error            // the first answer of the lower tree that nobody knows
}

// MarkOf makes the present state of x the mark: the host has that. Where f has seen less of the lower tree
// than x it takes x's word, so f is of no more use when its update is released: thaw another to go on.
func (f *FS) MarkOf(x *FS) error {
	f.forgetMark()
	f.findPlaces()
	x.findPlaces()
	f.strayed, f.foreign = map[*node]string{}, true
	b := &between{f: f, x: x, places: map[string]*node{}, found: map[*node]*node{}, paired: map[*node]bool{}}
	for _, n := range f.seen {
		for _, s := range n.sightings() {
			b.places[s] = n
		}
	}
	for _, xn := range x.sorted() {
		if err := b.pair(xn, b.of(xn)); err != nil {
			return err
		}
	}
	if b.err != nil {
		return b.err
	}
	for _, n := range f.sorted() {
		if !b.paired[n] { // x does not know it
			now := n.change().now
			n.past = n.pastOfLower()
			n.past.now = now
		}
	}
	return nil
}

// sightings returns the paths in the lower tree at which n was seen.
func (n *node) sightings() []string {
	out := []string{n.origin()}
	for _, s := range n.others {
		out = append(out, join(s.dir.origin(), s.name))
	}
	return out
}

// of returns the node of f for a node of x; nil for nil. One that f does not have is made: a
// file that the guest had made is gone now, one of the lower tree is as it is there.
func (b *between) of(xn *node) *node {
	if xn == nil {
		return nil
	}
	if n := b.found[xn]; n != nil {
		return n
	}
	n := b.find(xn)
	if n == nil {
		n = &node{fs: b.f, attr: xn.attr, target: xn.target, bound: true}
		n.attr.Nlink, n.attr.Size = 0, 0
		b.found[xn] = n
		if xn.lower != nil {
			b.show(n, xn)
		}
	}
	b.found[xn] = n
	return n
}

// find returns the node that f has for one of x.
func (b *between) find(xn *node) *node {
	if xn.lower == nil {
		n := b.f.nodes[xn.attr.Ino]
		if n == nil || n.lower != nil || (n.attr.Mode^xn.attr.Mode)&abi.S_IFMT != 0 || n.attr.Btime != xn.attr.Btime {
			return nil
		}
		return n
	}
	for _, path := range xn.sightings() {
		if n := b.places[path]; n != nil && (n.attr.Mode^xn.attr.Mode)&abi.S_IFMT == 0 {
			return n
		}
	}
	return nil
}

// show makes n the file of the lower tree that xn has seen there.
func (b *between) show(n, xn *node) {
	n.lower, n.domain = xn.lower, xn.domain
	if a, err := xn.lower.Attr(); err == nil {
		n.attr = a
	}
	if n.isReg() {
		n.lowerSize = n.attr.Size
	}
	n.originDir, n.originName = b.of(xn.originDir), xn.originName
	if n.isDir() {
		n.up, n.name = n.originDir, n.originName
	}
	p := n.originDir.change()
	if p.now == nil {
		p.now = map[string]*node{}
	}
	if _, ok := n.originDir.names[n.originName]; !ok {
		p.now[n.originName] = n
	}
}

// pair makes xn the past of n.
func (b *between) pair(xn, n *node) error {
	b.paired[n] = true
	p := n.change()
	p.attr, p.up, p.name, p.cut, p.moved = xn.attr, b.of(xn.up), xn.name, xn.attr.Size, true
	for _, s := range xn.at {
		p.at = append(p.at, sighting{b.of(s.dir), s.name})
	}
	if xn.originDir != nil {
		for _, s := range append([]sighting{{xn.originDir, xn.originName}}, xn.others...) {
			p.at = append(p.at, sighting{b.of(s.dir), s.name})
		}
	}
	b.pairNames(xn, n)
	b.pairXattrs(xn, n)
	if xn.lower != nil && !n.isDir() {
		n.lower = xn.lower // which may have been asked more, before the host's file changed
	}
	var err error
	if n.isReg() && xn.attr.Nlink > 0 && n.attr.Nlink > 0 {
		err = b.pairPages(xn, n)
	}
	return err
}

// pairXattrs pairs the extended attributes, unless both are those of the lower tree.
func (b *between) pairXattrs(xn, n *node) {
	if xn.lower != nil && !xn.copied && !n.copied {
		return
	}
	if n.lower != nil && !n.copied {
		n.xattrs, n.copied = lowerXattrs(xn.lower), true // which x has asked to copy them
	}
	n.past.xattrs, n.past.xattred = xn.xattrs, true
	if xn.lower != nil && !xn.copied {
		n.past.xattrs = lowerXattrs(n.lower)
	}
}

// pairNames pairs the names that a directory has changed in x or in f.
func (b *between) pairNames(xn, n *node) {
	p := n.past
	names := map[string]bool{}
	for name := range xn.names { // order: fills a set
		names[name] = true
	}
	for name := range n.names { // order: fills a set
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var lower *node
		if xn.lower != nil {
			lower = b.of(b.lowerChild(xn, name))
		}
		before := lower
		if c, ok := xn.names[name]; ok {
			before = b.of(c)
		}
		if p.names == nil {
			p.names = map[string]*node{}
		}
		p.names[name] = before
		if _, ok := n.names[name]; !ok && n.lower != nil && lower != nil {
			if p.now == nil {
				p.now = map[string]*node{}
			}
			p.now[name] = lower
		}
	}
}

// lowerChild returns the node of x for what the lower tree has as name; nil for nothing.
func (b *between) lowerChild(xn *node, name string) *node {
	l, err := xn.lower.Lookup(name)
	switch {
	case err == nil:
		return b.x.see(xn, name, l)
	case err != abi.ENOENT && b.err == nil:
		b.err = fmt.Errorf("%s: %w", join(xn.origin(), name), err)
	}
	return nil
}

// pairPages finds the pages of a regular file that differ.
func (b *between) pairPages(xn, n *node) error {
	pages := map[int64]bool{}
	for _, y := range []*node{xn, n} {
		for i := range y.pages { // order: fills a set
			pages[i] = true
		}
	}
	for i := min(xn.lowerSize, n.lowerSize) / pageSize; i*pageSize < max(xn.lowerSize, n.lowerSize); i++ {
		pages[i] = true
	}
	n.past.pages = map[int64]struct{}{}
	for _, i := range xn.dirtyPages() {
		n.past.pages[i] = struct{}{}
	}
	for _, i := range slices.Sorted(maps.Keys(pages)) {
		var p, q [pageSize]byte
		for _, err := range []error{xn.readPage(i, &p), n.readPage(i, &q)} {
			if err != nil {
				return fmt.Errorf("page %d of file %d: %w", i, n.attr.Ino, err)
			}
		}
		if !bytes.Equal(p[:], q[:]) {
			n.past.pages[i] = struct{}{}
		}
	}
	return nil
}

// readPage reads a page, with zeros beyond the end.
func (n *node) readPage(i int64, p *[pageSize]byte) error {
	if size := n.attr.Size - i*pageSize; size > 0 {
		return n.read(p[:min(size, pageSize)], i*pageSize)
	}
	return nil
}
