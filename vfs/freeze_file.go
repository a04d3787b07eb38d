package vfs

import "emurun/snapshot/wire"

// Freeze implements wire.Object.
func (f *OpenFile) Freeze(e *wire.Encoder) {
	e.Ref(f.File)
	e.Ref(f.Node)
	e.Ref(f.Dentry)
	e.Uint32(f.Flags)
	e.Int64(f.Pos)
	e.Int64(int64(f.DirPos))
	e.Int64(int64(f.Refs))
	e.Bool(f.entries != nil)
	e.Count(len(f.entries))
	for i := range f.entries {
		f.entries[i].freeze(e)
	}
	e.Int32(f.Owner)
	e.Uint32(f.Signal)
	e.Count(len(f.holders))
	for _, h := range f.holders {
		e.Ref(h)
	}
}

// Thaw implements wire.Object.
func (f *OpenFile) Thaw(d *wire.Decoder) {
	wire.Later(d, func(x File) { f.File = x })
	wire.Later(d, func(n Node) { f.Node = n })
	f.Dentry = wire.Ref[*Dentry](d)
	f.Flags = d.Uint32()
	f.Pos, f.DirPos, f.Refs = d.Int64(), int(d.Int64()), int(d.Int64())
	f.thawEntries(d)
	f.Owner, f.Signal = d.Int32(), d.Uint32()
	f.holders = later[Holder](d)
	if f.Pos < 0 || f.DirPos < 0 || f.Refs <= 0 || f.Dentry == nil {
		d.Fail("an open file at %d or %d with %d references", f.Pos, f.DirPos, f.Refs)
	}
}

// thawEntries reads what getdents64(2) has listed: nothing yet, or perhaps no names.
func (f *OpenFile) thawEntries(d *wire.Decoder) {
	listed := d.Bool()
	n := d.Count(wire.MaxLen, 13)
	switch {
	case listed:
		f.entries = make([]DirEntry, n)
	case n > 0:
		d.Fail("%d names that were not listed", n)
	}
	for i := range f.entries {
		f.entries[i].thaw(d)
	}
}

// Link implements wire.Linker.
func (f *OpenFile) Link() error {
	if f.File == nil || f.Node == nil {
		return wire.Corrupt("an open file without a file or an inode")
	}
	return nil
}

// Freeze implements wire.Object.
func (f *nodeFile) Freeze(e *wire.Encoder) { e.Ref(f.node) }

// Thaw implements wire.Object.
func (f *nodeFile) Thaw(d *wire.Decoder) { wire.Later(d, f.setNode) }

// Link implements wire.Linker.
func (f *nodeFile) Link() error {
	if f.node == nil {
		return wire.Corrupt("an open file without an inode")
	}
	return nil
}

// Freeze implements wire.Object.
func (f *dirFile) Freeze(e *wire.Encoder) { e.Ref(f.opened) }

// Thaw implements wire.Object.
func (f *dirFile) Thaw(d *wire.Decoder) { wire.Later(d, func(n Opened) { f.opened = n }) }

// Freeze implements wire.Object: an O_PATH description has nothing of its own.
func (*pathFile) Freeze(*wire.Encoder) {}

// Thaw implements wire.Object.
func (*pathFile) Thaw(*wire.Decoder) {}
