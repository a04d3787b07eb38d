package mem

import (
	"fmt"

	"emurun/snapshot/wire"
)

// Kinds adds the kinds of objects that memory is frozen as. Thawed, they belong to p, a
// new pool, which takes over the limit of the one that was frozen.
//
// The views that the contents are must be taken while the guest stands still, and with
// BeginFreeze before and EndFreeze after they are committed as one.
func Kinds(k *wire.Kinds, p *Pool) {
	wire.Add(k, "mem.pool", func() *Pool { return p })
	wire.Add(k, "mem.space", func() *Space {
		s := &Space{pool: p, tree: tree{pool: p}, watched: map[uint64]struct{}{}}
		s.TLB.flushAll()
		return s
	})
	wire.Add(k, "mem.object", func() *Object { return &Object{pool: p, tree: tree{pool: p}} })
}

// What a decoder accepts.
const (
	maxName    = 1 << 16 // bytes of Mapping.Name
	maxObjects = 1 << 24 // of a Pool with a Source
	maxHolds   = 1 << 30
)

// Freeze implements wire.Freezer. Frames are the contents of Spaces and Objects; what they
// count for follows from these.
func (p *Pool) Freeze(e *wire.Encoder) {
	e.Uint64(uint64(p.limit))
	e.Count(len(p.objects))
	for _, o := range p.objects {
		e.Ref(o)
	}
}

// Thaw implements wire.Thawer.
func (p *Pool) Thaw(d *wire.Decoder) {
	limit := d.Uint64()
	if limit > maxLimit {
		d.Fail("a limit of %d pages", limit)
	}
	p.limit = int(limit)
	p.objects = nil
	for range d.Count(maxObjects, 4) {
		o := wire.Ref[*Object](d)
		if o == nil {
			d.Fail("nil in the list of page caches")
			return
		}
		p.objects = append(p.objects, o)
	}
}

// Link implements wire.Linker.
func (p *Pool) Link() error {
	seen := map[*Object]bool{}
	for i, o := range p.objects {
		if seen[o] || o.src == nil {
			return fmt.Errorf("page cache %d is there twice or has no file: %w", i, wire.ErrCorrupt)
		}
		seen[o] = true
	}
	return nil
}

// Freeze implements wire.Freezer. What mappings show o is their state. Source must be a
// wire.Object.
func (o *Object) Freeze(e *wire.Encoder) {
	e.Ref(o.pool)
	e.Ref(o.src)
	e.Uint64(o.size)
	e.Uint32(uint32(o.holds))
	o.dirty.freeze(e)
	e.Uint64(uint64(o.tree.len()))
	e.Contents("obj", o.View())
}

// Thaw implements wire.Thawer.
func (o *Object) Thaw(d *wire.Decoder) {
	checkPool(d, o.pool)
	o.src = wire.Ref[Source](d)
	if o.size = d.Uint64(); o.size > MaxObjectSize {
		d.Fail("an object of %d bytes", o.size)
	}
	holds := d.Uint32()
	if holds > maxHolds {
		d.Fail("an object with %d users", holds)
	}
	o.holds = int(holds)
	o.dirty.thaw(d, pages(o.size))
	if o.dirty.n > 0 && o.src == nil {
		d.Fail("dirty pages of no file")
	}
	o.tree = o.pool.thawContents(d)
}

// thawContents reads how many pages an object has and where they are.
func (p *Pool) thawContents(d *wire.Decoder) tree {
	n := d.Uint64()
	src := d.Contents()
	empty := src == nil || src.Root() == Sum{}
	if n > treeLimit || empty != (n == 0) {
		d.Fail("%d pages, but none: %v", n, empty)
		n = 0
	}
	if d.Err() != nil {
		return tree{pool: p}
	}
	return p.thawTree(src, int(n))
}

// checkPool reads the reference to the Pool.
func checkPool(d *wire.Decoder, p *Pool) {
	if wire.Ref[*Pool](d) != p {
		d.Fail("no pool")
	}
}

// Freeze implements wire.Freezer. TLB, Cause and watched code are of engines and not
// frozen: the cause of a fault is used up before anything else happens.
func (s *Space) Freeze(e *wire.Encoder) {
	e.Ref(s.pool)
	e.Bool(s.released)
	s.Limits.freeze(e)
	s.Layout.freeze(e)
	e.Count(len(s.maps))
	for _, m := range s.maps {
		m.freeze(e)
	}
	e.Uint64(uint64(s.tree.len()))
	e.Contents("mem", s.View())
}

// Thaw implements wire.Thawer.
func (s *Space) Thaw(d *wire.Decoder) {
	checkPool(d, s.pool)
	s.released = d.Bool()
	s.Limits.thaw(d)
	s.Layout.thaw(d)
	n := d.Count(MaxMappings, minMapping)
	block := make([]Mapping, n)
	end := uint64(0)
	for i := range block {
		m := &block[i]
		m.thaw(d, end)
		m.space, end = s, m.End
		s.maps = append(s.maps, m)
	}
	s.tree = s.pool.thawContents(d)
	if !s.released {
		s.pool.charged += spaceCost
	} else if n > 0 || s.tree.len() > 0 {
		d.Fail("memory of a process that has ended")
	}
}

// Link implements wire.Linker. It enters the mappings in the lists of their Objects. That
// they are attached to the files is the files' own state.
func (s *Space) Link() error {
	for _, m := range s.maps {
		if m.Object != nil {
			m.enter()
		}
	}
	return nil
}

// all returns the limits in the order in which they freeze.
func (l *Limits) all() []*uint64 { return []*uint64{&l.AS, &l.Data, &l.Stack, &l.Memlock} }

func (l *Limits) freeze(e *wire.Encoder) {
	for _, v := range l.all() {
		e.Uint64(*v)
	}
}

func (l *Limits) thaw(d *wire.Decoder) {
	for _, v := range l.all() {
		*v = d.Uint64()
	}
}

// all returns the places in the order in which they freeze.
func (l *Layout) all() []*uint64 {
	return []*uint64{
		&l.StartCode, &l.EndCode, &l.StartData, &l.EndData, &l.StartBrk, &l.Brk, &l.StartStack,
		&l.ArgStart, &l.ArgEnd, &l.EnvStart, &l.EnvEnd, &l.MmapBase,
	}
}

func (l *Layout) freeze(e *wire.Encoder) {
	for _, v := range l.all() {
		e.Uint64(*v)
	}
}

func (l *Layout) thaw(d *wire.Decoder) {
	for _, v := range l.all() {
		*v = d.Uint64()
	}
	if l.Brk > Limit || l.MmapBase > Limit || l.MmapBase&PageMask != 0 {
		d.Fail("the heap ends at %#x, mappings at %#x", l.Brk, l.MmapBase)
	}
}

// minMapping is the size of the shortest encoded Mapping.
const minMapping = 8 + 8 + 1 + 1 + 2 + 4 + 8 + 4 + 8 + 8

func (m *Mapping) freeze(e *wire.Encoder) {
	e.Uint64(m.Start)
	e.Uint64(m.End)
	e.Uint8(uint8(m.Prot))
	e.Uint8(uint8(m.MaxProt))
	e.Uint16(uint16(m.Flags))
	e.Ref(m.Object)
	e.Uint64(m.Offset)
	e.String(m.Name)
	e.Uint64(m.Dev)
	e.Uint64(m.Ino)
}

// thaw reads m, which lies behind after.
func (m *Mapping) thaw(d *wire.Decoder, after uint64) {
	m.Start, m.End = d.Uint64(), d.Uint64()
	m.Prot, m.MaxProt, m.Flags = Prot(d.Uint8()), Prot(d.Uint8()), MapFlags(d.Uint16())
	m.Object = wire.Ref[*Object](d)
	m.Offset = d.Uint64()
	m.Name = d.String(maxName)
	m.Dev, m.Ino = d.Uint64(), d.Uint64()
	if err := m.check(after); err != nil && d.Err() == nil {
		d.Fail("mapping %#x-%#x: %v", m.Start, m.End, err)
	}
}

// check returns why m cannot be a mapping of a Space whose last one ends at after.
func (m *Mapping) check(after uint64) error {
	const everything = Read | Write | Exec
	switch {
	case m.Start < after || m.Start >= m.End || m.End > Limit:
		return fmt.Errorf("it lies behind %#x", after)
	case (m.Start|m.End|m.Offset)&PageMask != 0:
		return fmt.Errorf("it lies between pages, of %#x", m.Offset)
	case (m.Prot|m.MaxProt)&^everything != 0 || m.Flags >= endFlags:
		return fmt.Errorf("protection %#x of %#x, flags %#x", m.Prot, m.MaxProt, m.Flags)
	case m.Object == nil && m.Flags&Shared != 0:
		return fmt.Errorf("shared, but nothing")
	case m.Object != nil && (m.Offset > MaxObjectSize || m.Len() > MaxObjectSize-m.Offset):
		return fmt.Errorf("offset %#x", m.Offset)
	}
	return nil
}
