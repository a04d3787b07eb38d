package anon

import (
	"cmp"
	"maps"
	"slices"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Kinds adds the kinds of objects of this package. s is the state of the machine that thaws.
func Kinds(k *wire.Kinds, s *State) {
	wire.Add(k, "anon.State", func() *State { return s })
	wire.Add(k, "anon.inode", func() *inode { return new(inode) })
	wire.Add(k, "anon.Pipe", func() *Pipe { return new(Pipe) })
	wire.Add(k, "anon.PipeEnd", func() *PipeEnd { return new(PipeEnd) })
	wire.Add(k, "anon.Eventfd", func() *Eventfd { return new(Eventfd) })
	wire.Add(k, "anon.Epoll", func() *Epoll { return new(Epoll) })
	wire.Add(k, "anon.epollItem", func() *epollItem { return new(epollItem) })
}

func (k fifoKey) compare(x fifoKey) int {
	return cmp.Or(cmp.Compare(k.dev, x.dev), cmp.Compare(k.ino, x.ino))
}

// Freeze implements wire.Object.
func (s *State) Freeze(e *wire.Encoder) {
	e.Uint64(s.last)
	e.Count(len(s.fifos))
	for _, k := range slices.SortedFunc(maps.Keys(s.fifos), fifoKey.compare) {
		e.Uint64(k.dev)
		e.Uint64(k.ino)
		e.Ref(s.fifos[k])
	}
}

// Thaw implements wire.Object.
func (s *State) Thaw(d *wire.Decoder) {
	s.last = d.Uint64()
	s.fifos = map[fifoKey]*Pipe{}
	var last fifoKey
	for i := range d.Count(wire.MaxLen, 20) {
		k := fifoKey{d.Uint64(), d.Uint64()}
		p := wire.Ref[*Pipe](d)
		if p == nil || i > 0 && last.compare(k) >= 0 {
			d.Fail("FIFO %d is out of order or has no pipe", k.ino)
			return
		}
		s.fifos[k], last = p, k
	}
}

// Link implements wire.Linker.
func (s *State) Link() error {
	for k, p := range s.fifos { // order: any error will do
		if p.fifos != s || p.key != k {
			return wire.Corrupt("a pipe does not belong to FIFO %d", k.ino)
		}
	}
	return nil
}

// Freeze implements wire.Object.
func (n *inode) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Uint64(n.ino)
	e.Uint32(n.mode)
	e.Int64(int64(n.time))
}

// Thaw implements wire.Object.
func (n *inode) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.ino, n.mode, n.time = d.Uint64(), d.Uint32(), vfs.Time(d.Int64())
}

// Freeze implements wire.Object.
func (p *Pipe) Freeze(e *wire.Encoder) {
	p.inode.Freeze(e)
	p.queue.Freeze(e)
	e.Count(len(p.bufs))
	for i := range p.bufs {
		p.bufs[i].freeze(e)
	}
	e.Uint32(uint32(p.slots))
	e.Uint32(uint32(p.readers))
	e.Uint32(uint32(p.writers))
	e.Uint64(p.readOpens)
	e.Uint64(p.writeOpens)
	e.Count(len(p.opening))
	for _, o := range p.opening {
		e.Int32(o.tid)
		e.Ref(o.end)
		e.Uint64(o.seen)
	}
	e.Ref(p.fifos)
	e.Uint64(p.key.dev)
	e.Uint64(p.key.ino)
}

// maxSlots is how many buffers F_SETPIPE_SZ allows at most.
const maxSlots = 1 << 31 / pageSize

// Thaw implements wire.Object.
func (p *Pipe) Thaw(d *wire.Decoder) {
	p.inode.Thaw(d)
	p.queue.Thaw(d)
	for range d.Count(maxSlots, 8) {
		p.bufs = append(p.bufs, pipeBuf{})
		p.bufs[len(p.bufs)-1].thaw(d)
	}
	p.slots, p.readers, p.writers = int(d.Uint32()), int(d.Uint32()), int(d.Uint32())
	p.readOpens, p.writeOpens = d.Uint64(), d.Uint64()
	for range d.Count(wire.MaxLen, 16) {
		o := opening{d.Int32(), wire.Ref[*PipeEnd](d), d.Uint64()}
		if o.end == nil {
			d.Fail("thread %d opens no end", o.tid)
		}
		p.opening = append(p.opening, o)
	}
	p.fifos = wire.Ref[*State](d)
	p.key = fifoKey{d.Uint64(), d.Uint64()}
	d.Filled(p.check)
	if p.slots == 0 || p.slots > maxSlots || len(p.bufs) > p.slots {
		d.Fail("%d buffers of %d", len(p.bufs), p.slots)
	}
}

// check tests that the ends are the pipe's.
func (p *Pipe) check() error {
	for _, o := range p.opening {
		if o.end.Pipe != p {
			return wire.Corrupt("thread %d opens another pipe", o.tid)
		}
	}
	return nil
}

// freeze writes how much of the page is behind the data, too: another write may join it.
func (b *pipeBuf) freeze(e *wire.Encoder) {
	e.Bytes(b.data)
	e.Uint16(uint16(cap(b.data) - len(b.data)))
	e.Bool(b.packet)
}

func (b *pipeBuf) thaw(d *wire.Decoder) {
	data, room := d.Bytes(pageSize), int(d.Uint16())
	b.packet = d.Bool()
	if len(data) == 0 || len(data)+room > pageSize {
		d.Fail("a buffer of %d bytes and room for %d", len(data), room)
		return
	}
	b.data = append(make([]byte, 0, len(data)+room), data...)
}

// Freeze implements wire.Object.
func (e *PipeEnd) Freeze(to *wire.Encoder) {
	to.Ref(e.Pipe)
	to.Bool(e.r)
	to.Bool(e.w)
	to.Bool(e.packet)
	to.Uint64(e.seen)
}

// Thaw implements wire.Object.
func (e *PipeEnd) Thaw(d *wire.Decoder) {
	e.Pipe = wire.Ref[*Pipe](d)
	e.r, e.w, e.packet = d.Bool(), d.Bool(), d.Bool()
	e.seen = d.Uint64()
	if e.Pipe == nil {
		d.Fail("an end of no pipe")
	}
}

// Freeze implements wire.Object.
func (e *Eventfd) Freeze(to *wire.Encoder) {
	e.queue.Freeze(to)
	to.Uint64(e.count)
	to.Bool(e.semaphore)
}

// Thaw implements wire.Object.
func (e *Eventfd) Thaw(d *wire.Decoder) {
	e.queue.Thaw(d)
	e.count, e.semaphore = d.Uint64(), d.Bool()
	if e.count > eventfdMax {
		d.Fail("an eventfd counts to %#x", e.count)
	}
}

// Freeze implements wire.Object.
func (i *epollItem) Freeze(e *wire.Encoder) {
	e.Ref(i.set)
	e.Int32(i.fd)
	e.Ref(i.file)
	e.Ref(i.queue)
	e.Uint32(i.events)
	e.Uint64(i.data)
	e.Uint64(i.age)
}

// Thaw implements wire.Object.
func (i *epollItem) Thaw(d *wire.Decoder) {
	i.set = wire.Ref[*Epoll](d)
	i.fd = d.Int32()
	i.file = wire.Ref[*vfs.OpenFile](d)
	wire.Later(d, func(q *vfs.Queue) { i.queue = q })
	i.events = d.Uint32()
	i.data = d.Uint64()
	i.age = d.Uint64()
	if i.set == nil || i.file == nil {
		d.Fail("an entry of no set, or of no file")
	}
}

// Link implements wire.Linker.
func (i *epollItem) Link() error {
	switch {
	case i.queue == nil:
		return wire.Corrupt("descriptor %d is watched and has no queue", i.fd)
	case !serves(i.file.File, i.queue):
		return wire.Corrupt("descriptor %d is watched in another file's queue", i.fd)
	case i.set.items[epollKey{i.fd, i.file}] != i:
		return wire.Corrupt("descriptor %d is watched by a set that does not have it", i.fd)
	case i.events&abi.EPOLLEXCLUSIVE != 0 && i.events&^exclusiveAllowed != 0:
		return wire.Corrupt("descriptor %d is watched for %#x", i.fd, i.events)
	}
	return nil
}

// perAsker is a file whose queue depends on who asks, as a signalfd's does.
type perAsker interface{ Serves(q *vfs.Queue) bool }

// serves reports whether q is the queue of f.
func serves(f vfs.File, q *vfs.Queue) bool {
	if p, ok := f.(perAsker); ok {
		return p.Serves(q)
	}
	return f != nil && f.Queue() == q
}
