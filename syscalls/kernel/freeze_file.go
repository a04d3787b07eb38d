package kernel

import (
	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/vfs"
	"emurun/vfs/lock"
)

// Freeze writes f.
func (f *FDTable) Freeze(e *wire.Encoder) {
	e.Int32(f.refs)
	e.Uint32(uint32(f.free))
	e.Ref(f.locks)
	e.Count(len(f.slots))
	for _, s := range f.slots {
		e.Ref(s.file)
		e.Bool(s.cloexec)
	}
}

// Thaw reads f.
func (f *FDTable) Thaw(d *wire.Decoder) {
	f.refs = d.Int32()
	f.free = int(d.Uint32())
	f.locks = wire.Ref[*lock.Table](d)
	for range d.Count(wire.MaxLen, 5) {
		f.slots = append(f.slots, fdSlot{wire.Ref[*vfs.OpenFile](d), d.Bool()})
	}
	for fd := range f.free {
		if fd >= len(f.slots) || f.slots[fd].file == nil {
			d.Fail("descriptor %d is free, below %d", fd, f.free)
			return
		}
	}
}

// Freeze writes f.
func (f *FSContext) Freeze(e *wire.Encoder) {
	e.Uint32(f.Umask)
	e.Ref(f.root)
	e.Ref(f.cwd)
	e.Int32(f.refs)
}

// Thaw reads f.
func (f *FSContext) Thaw(d *wire.Decoder) {
	f.Umask = d.Uint32()
	f.root = wire.Ref[*vfs.Dentry](d)
	f.cwd = wire.Ref[*vfs.Dentry](d)
	f.refs = d.Int32()
	if (f.root == nil) != (f.cwd == nil) {
		d.Fail("a root without a working directory, or the other way round")
	}
}

// Freeze writes c.
func (c *fileCache) Freeze(e *wire.Encoder) {
	e.Ref(c.node)
	e.Ref(c.obj)
	e.Ref(c.open)
}

// Thaw reads c.
func (c *fileCache) Thaw(d *wire.Decoder) {
	wire.Later(d, func(n vfs.Node) { c.node = n })
	if c.obj = wire.Ref[*mem.Object](d); c.obj == nil {
		d.Fail("a cache without pages")
	}
	wire.Later(d, func(f vfs.File) { c.open = f })
}

// Link checks that the file and its pages belong to c.
func (c *fileCache) Link() error {
	if h, ok := c.node.(vfs.Cacher); !ok || h.Cache() != vfs.Cache(c) || c.obj.Source() != mem.Source(c) {
		return wire.Corrupt("a cache is not that of its file")
	}
	return nil
}

// Freeze writes f.
func (f *Signalfd) Freeze(e *wire.Encoder) {
	e.Uint64(f.Mask)
	freezeRefs(e, f.asked)
}

// Thaw reads f.
func (f *Signalfd) Thaw(d *wire.Decoder) {
	f.Mask = d.Uint64()
	f.asked = thawRefs[*Process](d)
}

// Freeze writes f.
func (f *Timerfd) Freeze(e *wire.Encoder) {
	e.Bool(f.realtime)
	e.Bool(f.absolute)
	e.Bool(f.cancel)
	e.Int64(f.epoch)
	f.timer.freeze(e)
	e.Int64(f.interval)
	e.Uint64(f.count)
	f.queue.Freeze(e)
}

// Thaw reads f.
func (f *Timerfd) Thaw(d *wire.Decoder) {
	f.realtime = d.Bool()
	f.absolute = d.Bool()
	f.cancel = d.Bool()
	f.epoch = d.Int64()
	f.timer.thaw(d, f)
	f.interval = thawNs(d)
	f.count = d.Uint64()
	f.queue.Thaw(d)
}

// Freeze writes f.
func (f *Pidfd) Freeze(e *wire.Encoder) { e.Ref(f.proc) }

// Thaw reads f.
func (f *Pidfd) Thaw(d *wire.Decoder) {
	if f.proc = wire.Ref[*Process](d); f.proc == nil {
		d.Fail("a pidfd of no process")
	}
}
