package mem

import "emurun/abi"

// Prot is a set of access permissions.
type Prot uint8

// The permissions of a mapping. As on hardware, a page that may be written or executed
// may also be read.
const (
	Read Prot = 1 << iota
	Write
	Exec
)

// findShift and findSize are the geometry of the cache of Space.find.
const (
	findShift = 18
	findSize  = 64
)

// Space is the address space of one process.
type Space struct {
	TLB TLB // first, so that engines reach it at offset 0

	// Cause says why the last access of an engine failed.
	Cause Cause
	// Limits are the resource limits that the kernel keeps here.
	Limits Limits
	// Layout is where the parts of the program are; the loader fills it in.
	Layout Layout

	pool    *Pool
	tree    tree       // private pages by page number
	maps    []*Mapping // ascending
	recent  [findSize]*Mapping
	watcher Watcher
	watched map[uint64]struct{} // page numbers that hold translated code
	viewed  uint32              // the epoch whose views flushed the write tags

	released bool // by Release
}

// Limits are the resource limits of memory, getrlimit(2), in bytes.
type Limits struct {
	AS, Data, Stack, Memlock uint64
}

// Infinity is RLIM_INFINITY.
const Infinity = ^uint64(0)

// DefaultLimits are what a login shell has.
var DefaultLimits = Limits{AS: Infinity, Data: Infinity, Stack: 8 << 20, Memlock: 8 << 20}

// Layout is what /proc/self/stat and prctl(2) tell of the places of a program.
type Layout struct {
	StartCode, EndCode uint64
	StartData, EndData uint64
	StartBrk, Brk      uint64
	StartStack         uint64
	ArgStart, ArgEnd   uint64
	EnvStart, EnvEnd   uint64
	MmapBase           uint64 // mappings are placed below it
}

// spaceCost is what a process costs the host besides its frames, in pages: TLB, page
// table and code cache. It counts against the limit, so that a guest cannot take the
// host's memory with processes alone.
const spaceCost = 40

// NewSpace returns an empty address space with frames from p.
func NewSpace(p *Pool) *Space {
	s := &Space{pool: p, tree: tree{pool: p}, watched: map[uint64]struct{}{}, Limits: DefaultLimits}
	s.Layout.MmapBase = mmapBase(s.Limits.Stack)
	s.TLB.flushAll()
	p.charged += spaceCost
	return s
}

// Pool returns where the frames come from.
func (s *Space) Pool() *Pool { return s.pool }

// Fork returns a copy of s for a child process, fork(2). Nothing is copied until one of
// them writes, but the child is charged for all its pages.
func (s *Space) Fork() *Space {
	c := &Space{
		pool: s.pool, tree: s.tree.share(), watched: map[uint64]struct{}{},
		Limits: s.Limits, Layout: s.Layout,
	}
	c.TLB.flushAll()
	s.TLB.flushWriteAll()
	s.pool.charged += spaceCost
	block := make([]Mapping, len(s.maps))
	c.maps = make([]*Mapping, 0, len(s.maps)+4)
	for i, m := range s.maps {
		if m.Flags&(DontFork|WipeOnFork) != 0 {
			c.tree.clear(m.Start>>PageShift, m.End>>PageShift)
		}
		if m.Flags&DontFork != 0 {
			continue
		}
		block[i] = *m
		block[i].space = c
		block[i].Flags &^= Locked
		block[i].link()
		c.maps = append(c.maps, &block[i])
	}
	if s.pool.full() {
		s.pool.reclaim()
	}
	return c
}

// Release frees everything of s, at the end of its process or after execve(2). It is called
// once.
func (s *Space) Release() {
	clear(s.watched)
	for _, m := range s.maps {
		m.unlink()
	}
	s.maps = nil
	s.forget()
	s.tree.drop()
	s.pool.charged -= spaceCost
	s.released = true
	s.TLB.flushAll()
	if w := s.watcher; w != nil {
		s.watcher = nil
		w.Released()
	}
}

// Map enters m, in place of whatever is mapped there, mmap(2) with MAP_FIXED. A
// shared mapping without an Object gets one of its own. It returns abi.ENOMEM if there
// would be too many mappings.
func (s *Space) Map(m Mapping) error {
	if (m.Start|m.End|m.Offset)&PageMask != 0 || m.Start >= m.End || m.End > Limit {
		return abi.EINVAL
	}
	if m.Object != nil && (m.Offset > MaxObjectSize || m.Len() > MaxObjectSize-m.Offset) {
		return abi.EOVERFLOW
	}
	if m.Object == nil && m.Flags&Shared != 0 {
		m.Object = NewObject(s.pool, nil, m.Len())
		m.Offset = 0
		defer m.Object.Release()
	}
	if len(s.maps)+1 > MaxMappings {
		return abi.ENOMEM
	}
	if err := s.Unmap(m.Start, m.End); err != nil {
		return err
	}
	s.insert(s.after(m.Start), &m)
	s.merge(m.Start, m.End)
	return nil
}

// MaxMappings is the largest number of mappings, vm.max_map_count.
const MaxMappings = 65530

// Unmap removes what is mapped in [lo, hi), munmap(2).
func (s *Space) Unmap(lo, hi uint64) error {
	i := s.after(lo)
	if lo >= hi || i == len(s.maps) || s.maps[i].Start >= hi {
		return nil
	}
	if m := s.maps[i]; m.Start < lo && m.End > hi && len(s.maps) >= MaxMappings {
		return abi.ENOMEM
	}
	s.split(lo)
	s.split(hi)
	s.dropRange(lo, hi)
	i = s.after(lo)
	j := i
	for j < len(s.maps) && s.maps[j].Start < hi {
		j++
	}
	s.remove(i, j)
	return nil
}

// dropRange forgets the private pages, TLB entries and translated code of [lo, hi).
func (s *Space) dropRange(lo, hi uint64) {
	s.dropCode(lo, hi)
	s.tree.clear(lo>>PageShift, hi>>PageShift)
	s.TLB.flush(lo, hi)
}

// Protect changes the permissions of [lo, hi), mprotect(2). Where nothing is mapped it
// returns abi.ENOMEM, after changing what lies before; where a mapping does not allow it,
// abi.EACCES.
func (s *Space) Protect(lo, hi uint64, prot Prot) error {
	if lo >= hi {
		return nil
	}
	at := lo
	var err error
	for i := s.after(lo); at < hi && err == nil; i++ {
		switch {
		case i == len(s.maps) || s.maps[i].Start > at:
			err = abi.ENOMEM
		case s.maps[i].MaxProt != 0 && prot&^s.maps[i].MaxProt != 0:
			err = abi.EACCES
		case len(s.maps) > MaxMappings-2:
			err = abi.ENOMEM
		default:
			at = min(s.maps[i].End, hi)
		}
	}
	if at > lo {
		s.protect(lo, at, prot)
	}
	return err
}

func (s *Space) protect(lo, hi uint64, prot Prot) {
	s.split(lo)
	s.split(hi)
	if prot&Exec == 0 {
		s.dropCode(lo, hi)
	}
	s.each(lo, hi, func(m *Mapping) { m.setProt(prot) })
	if prot == 0 {
		s.TLB.flush(lo, hi)
	} else if prot&Write == 0 {
		s.TLB.flushWrite(lo, hi)
	}
	s.merge(lo, hi)
}

// Discard forgets the pages of [lo, hi), MADV_DONTNEED: private memory is zero or the
// file's content again. It returns abi.ENOMEM if a part is not mapped.
func (s *Space) Discard(lo, hi uint64) error {
	if lo >= hi {
		return nil
	}
	s.dropRange(lo, hi)
	if !s.covered(lo, hi) {
		return abi.ENOMEM
	}
	return nil
}

// SetFlags sets and clears flags of the mappings in [lo, hi). It returns abi.ENOMEM
// if a part is not mapped.
func (s *Space) SetFlags(lo, hi uint64, set, reset MapFlags) error {
	if lo >= hi {
		return nil
	}
	if len(s.maps) > MaxMappings-2 {
		return abi.ENOMEM
	}
	s.split(lo)
	s.split(hi)
	s.each(lo, hi, func(m *Mapping) { m.Flags = m.Flags&^reset | set })
	whole := s.covered(lo, hi)
	s.merge(lo, hi)
	if !whole {
		return abi.ENOMEM
	}
	return nil
}
