package vfs

import (
	"slices"

	"emurun/snapshot/wire"
)

// maxText bounds the strings of frozen state: paths, names and kinds of mounts.
const maxText = 1 << 16

// Kinds adds the kinds of objects of this package. ns is the namespace of the machine
// that thaws. The kinds of files, nodes and file systems are added by who has them.
func Kinds(k *wire.Kinds, ns *Namespace) {
	wire.Add(k, "vfs.Namespace", func() *Namespace { return ns })
	wire.Add(k, "vfs.Mount", func() *Mount { return new(Mount) })
	wire.Add(k, "vfs.Dentry", func() *Dentry { return new(Dentry) })
	wire.Add(k, "vfs.OpenFile", func() *OpenFile { return new(OpenFile) })
	wire.Add(k, "vfs.nodeFile", func() *nodeFile { return new(nodeFile) })
	wire.Add(k, "vfs.dirFile", func() *dirFile { return new(dirFile) })
	wire.Add(k, "vfs.pathFile", func() *pathFile { return new(pathFile) })
}

// Mounted makes the objects of a kind of file system: it returns those that are mounted in
// ns, each once, in the order of their mounts. That is the order in which a
// graph has them if its root refers to the namespace before anything else.
func Mounted[T FileSystem](ns *Namespace) func() T {
	var left []T
	for i, m := range ns.mounts {
		again := slices.ContainsFunc(ns.mounts[:i], func(x *Mount) bool { return x.FS == m.FS })
		if fs, ok := m.FS.(T); ok && !again {
			left = append(left, fs)
		}
	}
	return func() (fs T) {
		if len(left) > 0 {
			fs, left = left[0], left[1:]
		}
		return fs
	}
}

// later reads a list of references to objects, which are there once all are filled.
func later[T comparable](d *wire.Decoder) []T {
	n := d.Count(wire.MaxLen, 4)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		wire.Later(d, func(x T) { out[i] = x })
	}
	d.Filled(func() error {
		var none T
		seen := make(map[T]bool, n)
		for i, x := range out {
			if x == none || seen[x] {
				return wire.Corrupt("element %d of a list of references is nil or there twice", i)
			}
			seen[x] = true
		}
		return nil
	})
	return out
}

// FreezeDefaults writes what every node has, as a part of the node.
func (d *NodeDefaults) FreezeDefaults(e *wire.Encoder) {
	e.Ref(d.cache)
	e.Int64(int64(d.writers))
}

// ThawDefaults reads what FreezeDefaults wrote.
func (d *NodeDefaults) ThawDefaults(r *wire.Decoder) {
	d.cache = wire.Ref[Cache](r)
	d.writers = int(r.Int64())
}

// Freeze writes a as a part of the object that has it.
func (a *Attr) Freeze(e *wire.Encoder) {
	e.Uint64(a.Dev)
	e.Uint64(a.Ino)
	for _, v := range []uint32{a.Mode, a.Nlink, a.UID, a.GID} {
		e.Uint32(v)
	}
	e.Uint64(a.Rdev)
	for _, v := range []int64{a.Size, a.Blksize, a.Blocks, int64(a.Atime), int64(a.Mtime), int64(a.Ctime), int64(a.Btime)} {
		e.Int64(v)
	}
}

// Thaw reads what Freeze wrote. A negative size is corrupt.
func (a *Attr) Thaw(d *wire.Decoder) {
	a.Dev, a.Ino = d.Uint64(), d.Uint64()
	a.Mode, a.Nlink, a.UID, a.GID = d.Uint32(), d.Uint32(), d.Uint32(), d.Uint32()
	a.Rdev = d.Uint64()
	a.Size, a.Blksize, a.Blocks = d.Int64(), d.Int64(), d.Int64()
	a.Atime, a.Mtime, a.Ctime, a.Btime = Time(d.Int64()), Time(d.Int64()), Time(d.Int64()), Time(d.Int64())
	if a.Size < 0 {
		d.Fail("a file of %d bytes", a.Size)
	}
}

// freeze writes e as a part of the object that has it.
func (e *DirEntry) freeze(to *wire.Encoder) {
	to.String(e.Name)
	to.Uint64(e.Ino)
	to.Uint8(e.Type)
}

func (e *DirEntry) thaw(d *wire.Decoder) {
	e.Name, e.Ino, e.Type = d.String(maxText), d.Uint64(), d.Uint8()
}
