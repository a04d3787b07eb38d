package devfs

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Kinds adds the kinds of objects of this package. f is the /dev of the machine that thaws: it
// says how devices are opened.
func Kinds(k *wire.Kinds, f *FS) {
	wire.Add(k, "devfs.FS", func() *FS { return f })
	wire.Add(k, "devfs.node", func() *node { return &node{fs: f} })
	wire.Add(k, "devfs.null", func() *null { return new(null) })
	wire.Add(k, "devfs.zero", func() *zero { return new(zero) })
	wire.Add(k, "devfs.full", func() *full { return new(full) })
	wire.Add(k, "devfs.randomFile", func() *randomFile { return &randomFile{fs: f} })
}

// Freeze implements wire.Object: the tree. Numbers and functions of devices are the machine's.
func (f *FS) Freeze(e *wire.Encoder) {
	e.Uint64(f.dev)
	e.Int64(int64(f.time))
	e.Uint64(f.next)
	e.Ref(f.root)
}

// Thaw replaces the tree of a fresh machine.
func (f *FS) Thaw(d *wire.Decoder) {
	f.dev, f.time, f.next = d.Uint64(), vfs.Time(d.Int64()), d.Uint64()
	if f.root = wire.Ref[*node](d); f.root == nil {
		d.Fail("no root")
	}
}

// Freeze implements wire.Object.
func (n *node) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	n.attr.Freeze(e)
	e.String(n.target)
	e.Count(len(n.entries))
	for _, x := range n.entries {
		e.String(x.Name)
		e.Ref(n.nodes[x.Name])
	}
}

// Thaw implements wire.Object.
func (n *node) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.attr.Thaw(d)
	n.target = d.String(abi.PATH_MAX)
	names, nodes := []string{}, []*node{}
	for i := range d.Count(wire.MaxLen, 8) {
		name, c := d.String(abi.NAME_MAX), wire.Ref[*node](d)
		if c == nil || i > 0 && names[i-1] >= name {
			d.Fail("entry %q is out of order or leads nowhere", name)
			return
		}
		names, nodes = append(names, name), append(nodes, c)
	}
	d.Filled(func() error {
		for i, name := range names { // ascending: each is added at the end
			n.add(name, nodes[i])
		}
		return nil
	})
}

// Freeze implements wire.Object: an open device of memory has no state.
func (*null) Freeze(*wire.Encoder) {}

// Thaw implements wire.Object.
func (*null) Thaw(*wire.Decoder) {}
