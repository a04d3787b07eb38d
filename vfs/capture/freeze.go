package capture

import (
	"cmp"
	"maps"
	"slices"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// maxText bounds names and the targets of links.
const maxText = 1 << 16

// Kinds adds the kinds of objects of this package. next returns the FS that each of a machine
// that thaws has in place of one that was frozen, in order; nil if there are no more.
func Kinds(k *wire.Kinds, next func() *FS) {
	wire.Add(k, "capture.FS", next)
	wire.Add(k, "capture.node", func() *node { return new(node) })
}

// Freeze implements wire.Object.
func (f *FS) Freeze(e *wire.Encoder) {
	s := &f.statfs
	e.Int64(s.Type)
	e.Int64(s.Bsize)
	for _, v := range []uint64{s.Blocks, s.Bfree, s.Bavail, s.Files, s.Ffree, s.Flags} {
		e.Uint64(v)
	}
	e.Int64(s.Namelen)
	e.Ref(f.root)
	e.Uint64(f.next)
	e.Uint64(f.devices)
	e.Uint64(f.pages)
	e.Contents("host", f.take())
}

// Thaw implements wire.Object. The backing tree of a fresh FS stays: it is asked what was
// never asked.
func (f *FS) Thaw(d *wire.Decoder) {
	s := &f.statfs
	s.Type, s.Bsize = d.Int64(), d.Int64()
	for _, v := range []*uint64{&s.Blocks, &s.Bfree, &s.Bavail, &s.Files, &s.Ffree, &s.Flags} {
		*v = d.Uint64()
	}
	s.Namelen = d.Int64()
	f.root = wire.Ref[*node](d)
	f.next, f.devices = d.Uint64(), d.Uint64()
	if f.pages = d.Uint64(); f.pages > maxPages || f.root == nil {
		d.Fail("files of %d pages, or no root", f.pages)
	}
	f.files, f.fresh, f.waste, f.base = nil, nil, nil, wire.Sum{}
	f.shared = map[uint64]*node{}
	if f.source = d.Contents(); f.source != nil {
		f.base = f.source.Root()
		if f.source.Size() != f.pages*pageSize {
			d.Fail("%d pages in contents of %d bytes", f.pages, f.source.Size())
		}
	}
	f.reset(f.back)
	f.recount = countsBySight(f.back)
}

// Link implements wire.Linker.
func (f *FS) Link() error {
	slices.SortFunc(f.files, func(a, b *node) int { return cmp.Compare(a.content.start, b.content.start) })
	end := uint64(0)
	for _, n := range f.files {
		if n.content.start < end || n.content.start > f.pages || n.size() > f.pages-n.content.start {
			return wire.Corrupt("the content of %q lies in that of another file or in none", n.name)
		}
		end = n.content.start + n.size()
	}
	if f.root.parent != nil || !f.root.isDir() {
		return wire.Corrupt("the root is %q", f.root.name)
	}
	return nil
}

// Freeze implements wire.Object.
func (n *node) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Ref(n.fs)
	e.Ref(n.parent)
	e.String(n.name)
	n.attr.Freeze(e)
	e.Uint64(n.device)
	e.Count(len(n.names))
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		a := n.names[name]
		e.String(name)
		a.freeze(e, func(c *node) { e.Ref(c) })
	}
	n.list.freeze(e, func(es []vfs.DirEntry) { freezeEntries(e, es) })
	n.target.freeze(e, e.String)
	n.xlist.freeze(e, func(names []string) {
		e.Count(len(names))
		for _, name := range names {
			e.String(name)
		}
	})
	e.Count(len(n.xattrs))
	for _, name := range slices.Sorted(maps.Keys(n.xattrs)) {
		a := n.xattrs[name]
		e.String(name)
		a.freeze(e, e.Bytes)
	}
	n.freezeContent(e)
}

// freezeContent writes what only regular files have.
func (n *node) freezeContent(e *wire.Encoder) {
	n.opened.freeze(e, func(struct{}) {})
	n.holes.freeze(e, func(all []extent) {
		e.Count(len(all))
		for _, x := range all {
			e.Int64(x.from)
			e.Int64(x.to)
		}
	})
	n.small.freeze(e, e.Bytes)
	c := &n.content
	e.Bool(c.wanted)
	e.Bool(c.read)
	e.Bool(c.kept)
	e.Uint64(c.start)
}

func freezeEntries(e *wire.Encoder, es []vfs.DirEntry) {
	e.Count(len(es))
	for _, x := range es {
		e.String(x.Name)
		e.Uint64(x.Ino)
		e.Uint8(x.Type)
	}
}

// freeze writes a as a part of a node; value writes a value.
func (a *answer[T]) freeze(e *wire.Encoder, value func(T)) {
	e.Bool(a.asked)
	if a.asked {
		e.Uint16(uint16(a.err))
		value(a.v)
	}
}

// thaw reads a.
func (a *answer[T]) thaw(d *wire.Decoder, value func() T) {
	if a.asked = d.Bool(); a.asked {
		a.err = abi.Errno(d.Uint16())
		a.v = value()
	}
}

// Thaw implements wire.Object.
func (n *node) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.fs = wire.Ref[*FS](d)
	n.parent = wire.Ref[*node](d)
	n.name = d.String(maxText)
	n.attr.Thaw(d)
	n.device = d.Uint64()
	n.thawNames(d)
	n.list.thaw(d, func() []vfs.DirEntry { return thawEntries(d) })
	n.target.thaw(d, func() string { return d.String(maxText) })
	n.xlist.thaw(d, func() (names []string) {
		for range d.Count(maxText, 4) {
			names = append(names, d.String(maxText))
		}
		return names
	})
	n.thawXattrs(d)
	n.thawContent(d)
	if n.fs == nil || (n.parent == nil) != (n.name == "") {
		d.Fail("%q stands nowhere", n.name)
		return
	}
	d.Filled(n.register)
	d.Filled(n.check)
}

func (n *node) thawNames(d *wire.Decoder) {
	last := ""
	for i := range d.Count(wire.MaxLen, 5) {
		name := d.String(maxText)
		var a answer[*node]
		a.thaw(d, func() *node { return wire.Ref[*node](d) })
		if i > 0 && name <= last || !a.asked || (a.err == 0) != (a.v != nil) {
			d.Fail("the answer for %q is not one, or not in order", name)
			return
		}
		last = name
		if n.names == nil {
			n.names = make(map[string]answer[*node])
		}
		n.names[name] = a
	}
}

func (n *node) thawXattrs(d *wire.Decoder) {
	last := ""
	for i := range d.Count(wire.MaxLen, 5) {
		name := d.String(maxText)
		var a answer[[]byte]
		a.thaw(d, func() []byte { return d.Bytes(abi.XATTR_SIZE_MAX) })
		if i > 0 && name <= last || !a.asked {
			d.Fail("the answer for %q is not one, or not in order", name)
			return
		}
		last = name
		if n.xattrs == nil {
			n.xattrs = make(map[string]answer[[]byte])
		}
		n.xattrs[name] = a
	}
}

func thawEntries(d *wire.Decoder) []vfs.DirEntry {
	es := make([]vfs.DirEntry, d.Count(wire.MaxLen, 13))
	for i := range es {
		es[i] = vfs.DirEntry{Name: d.String(maxText), Ino: d.Uint64(), Type: d.Uint8()}
		if i > 0 && es[i].Name <= es[i-1].Name {
			d.Fail("entry %q is not in order", es[i].Name)
		}
	}
	return es
}

func (n *node) thawContent(d *wire.Decoder) {
	n.opened.thaw(d, func() struct{} { return struct{}{} })
	n.holes.thaw(d, func() []extent {
		all := make([]extent, d.Count(maxExtents+1, 16))
		at := int64(0)
		for i := range all {
			all[i] = extent{d.Int64(), d.Int64()}
			if all[i].from < at || all[i].to <= all[i].from {
				d.Fail("extent %d is not in order", i)
			}
			at = all[i].to
		}
		return all
	})
	n.small.thaw(d, func() []byte { return d.Bytes(2 * maxSmall) })
	c := &n.content
	c.wanted, c.read, c.kept, c.start = d.Bool(), d.Bool(), d.Bool(), d.Uint64()
	c.stored, c.sourced, c.thawed = c.wanted, c.wanted, c.wanted
	if c.wanted && (!n.isReg() || n.attr.Size == 0) {
		d.Fail("%q has no content that could be wanted", n.name)
	}
}

// register makes n known to its FS.
func (n *node) register() error {
	f := n.fs
	if !n.isDir() && n.attr.Nlink > 1 {
		if f.shared[n.attr.Ino] != nil {
			return wire.Corrupt("two files have the number %d", n.attr.Ino)
		}
		f.shared[n.attr.Ino] = n
	}
	if n.content.wanted {
		f.files = append(f.files, n)
	}
	return nil
}

// check tests that whoever walks up or down comes to an end.
func (n *node) check() error {
	if n.climbs() {
		return wire.Corrupt("%q stands below itself", n.name)
	}
	if n.parent != nil && n.parent.names[n.name].v != n {
		return wire.Corrupt("%q is not what its directory has", n.name)
	}
	for _, a := range n.names { // order: all are tested
		if c := a.v; c != nil && (c.fs != n.fs || c.isDir() && c.parent != n || !n.isDir()) {
			return wire.Corrupt("%q is not what stands in it", n.name)
		}
	}
	return nil
}

// What node.checked says.
const (
	checking = 1 + iota // the way up is being walked
	checkedUp
)

// climbs reports whether the way up from n leads back. Each node is walked over once.
func (n *node) climbs() bool {
	x := n
	for ; x != nil && x.checked == 0; x = x.parent {
		x.checked = checking
	}
	if x != nil && x.checked == checking {
		return true
	}
	for x = n; x != nil && x.checked == checking; x = x.parent {
		x.checked = checkedUp
	}
	return false
}
