package procfs

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/syscalls/kernel"
)

// Kinds adds the objects of this package to k. kern is the kernel of the machine that thaws.
func Kinds(k *wire.Kinds, kern *kernel.Kernel) {
	wire.Add(k, "procfs.FS", func() *FS { return &FS{k: kern} })
	wire.Add(k, "procfs.dir", func() *dir { return new(dir) })
	wire.Add(k, "procfs.file", func() *file { return new(file) })
	wire.Add(k, "procfs.symlink", func() *symlink { return new(symlink) })
	wire.Add(k, "procfs.magicLink", func() *magicLink { return new(magicLink) })
	wire.Add(k, "procfs.memNode", func() *memNode { return new(memNode) })
	wire.Add(k, "procfs.openFile", func() *openFile { return new(openFile) })
	wire.Add(k, "procfs.memFile", func() *memFile { return new(memFile) })
}

// Freeze implements wire.Object.
func (f *FS) Freeze(e *wire.Encoder) {
	e.Uint64(f.dev)
	e.Int64(f.magic)
	e.Ref(f.root)
}

// Thaw implements wire.Object.
func (f *FS) Thaw(d *wire.Decoder) {
	f.dev, f.magic = d.Uint64(), d.Int64()
	f.root = wire.Ref[*dir](d)
	if f.root == nil || f.magic != abi.PROC_SUPER_MAGIC && f.magic != abi.SYSFS_MAGIC {
		d.Fail("a /proc of type %#x", f.magic)
		return
	}
	f.begin()
}

// Freeze implements wire.Object. What the node shows is found again by its place.
func (h *head) Freeze(e *wire.Encoder) {
	h.FreezeDefaults(e)
	e.Ref(h.fs)
	e.Ref(h.at.proc)
	e.Ref(h.at.thread)
	e.String(h.at.path)
	e.Uint64(h.ino)
	e.Uint32(h.mode)
	e.Uint32(h.uid)
	e.Uint32(h.gid)
}

// maxPath bounds the path of a node.
const maxPath = 1 << 12

// Thaw implements wire.Object.
func (h *head) Thaw(d *wire.Decoder) {
	h.ThawDefaults(d)
	h.fs = wire.Ref[*FS](d)
	h.at.proc = wire.Ref[*kernel.Process](d)
	h.at.thread = wire.Ref[*kernel.Thread](d)
	h.at.path = d.String(maxPath)
	h.ino = d.Uint64()
	h.mode, h.uid, h.gid = d.Uint32(), d.Uint32(), d.Uint32()
	if h.fs == nil || h.at.proc == nil && h.at.thread != nil {
		d.Fail("%s is nowhere", h.at.path)
	}
}

// Thaw implements wire.Object.
func (n *memNode) Thaw(d *wire.Decoder) {
	n.head.Thaw(d)
	if n.at.proc == nil {
		d.Fail("memory of no process")
	}
}

// Freeze implements wire.Object: a reader goes on with the content that it began with.
func (o *openFile) Freeze(e *wire.Encoder) {
	e.Ref(o.file)
	e.Bool(o.made)
	e.Bytes(o.data)
}

// Thaw implements wire.Object.
func (o *openFile) Thaw(d *wire.Decoder) {
	o.file = wire.Ref[*file](d)
	o.made = d.Bool()
	o.data = d.Bytes(wire.MaxLen)
	if o.file == nil {
		d.Fail("an open file without an inode")
	}
}

// Freeze implements wire.Object.
func (f *memFile) Freeze(e *wire.Encoder) { e.Ref(f.p) }

// Thaw implements wire.Object.
func (f *memFile) Thaw(d *wire.Decoder) {
	if f.p = wire.Ref[*kernel.Process](d); f.p == nil {
		d.Fail("memory of no process")
	}
}
