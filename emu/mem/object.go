package mem

import (
	"fmt"
	"slices"

	"emurun/abi"
)

// Source is the file behind an Object.
type Source interface {
	// ReadPage fills p, one page of zeroes, with the content at page index.
	ReadPage(p []byte, index uint64) error
}

// Attached is a Source that wants to know when mappings of its file begin and end to
// exist: what is mapped must not go away, and what mappings wrote is due afterwards.
type Attached interface {
	Attach()
	Detach()
}

// Object is the page cache of a file, or with no Source shared anonymous memory
// (MAP_SHARED|MAP_ANONYMOUS, memfd_create(2), shmget(2)), whose only storage it is.
//
// Its size is the file's: the kernel tells it of every change. All mappings of a file
// share the one Object of its inode.
type Object struct {
	src     Source
	pool    *Pool
	size    uint64
	tree    tree    // page index -> frame
	dirty   pageSet // pages that differ from the file
	maps    []*Mapping
	code    int                 // mappings that may be executed
	holds   int                 // users besides the mappings
	watched map[uint64]struct{} // page indices that hold translated code somewhere
}

// MaxObjectSize is the size of the largest file that can be mapped.
const MaxObjectSize = treeLimit << PageShift

// NewObject returns an Object of size bytes; src may be nil. The caller holds it until
// Release.
func NewObject(p *Pool, src Source, size uint64) *Object {
	o := &Object{src: src, pool: p, size: min(size, MaxObjectSize), tree: tree{pool: p}, holds: 1}
	if src != nil {
		p.objects = append(p.objects, o)
	}
	return o
}

// Size returns the size in bytes.
func (o *Object) Size() uint64 { return o.size }

// Mapped reports whether a Space maps o.
func (o *Object) Mapped() bool { return len(o.maps) > 0 }

// MappedWritable reports whether a shared mapping may write to o.
func (o *Object) MappedWritable() bool {
	return slices.ContainsFunc(o.maps, func(m *Mapping) bool {
		return m.Flags&Shared != 0 && (m.MaxProt == 0 || m.MaxProt&Write != 0)
	})
}

// Resident returns how many bytes of frames o holds.
func (o *Object) Resident() uint64 { return uint64(o.tree.len()) << PageShift }

// HasPage reports whether page index is in memory.
func (o *Object) HasPage(index uint64) bool { return o.tree.get(index) != 0 }

// Source returns the file behind o, or nil.
func (o *Object) Source() Source { return o.src }

// Attachments returns how many mappings show o.
func (o *Object) Attachments() int { return len(o.maps) }

// Hold adds a user besides the mappings.
func (o *Object) Hold() { o.holds++ }

// Release takes a user away. When neither users nor mappings are left, the pages go.
func (o *Object) Release() {
	o.holds--
	o.freeUnused()
}

// freeUnused frees the pages if nobody can reach them any more.
func (o *Object) freeUnused() {
	if o.holds > 0 || len(o.maps) > 0 {
		return
	}
	o.tree.drop()
	o.dirty.clear()
	if o.src != nil {
		o.pool.objects = slices.DeleteFunc(o.pool.objects, func(x *Object) bool { return x == o })
	}
}

// frame returns the frame of page index, reading it in if need be.
func (o *Object) frame(index uint64) (Frame, Cause) {
	if e := o.tree.get(index); e != 0 {
		return o.pool.frame(e)
	}
	if o.pool.err != nil {
		return 0, CauseLost
	}
	if index >= pages(o.size) {
		return 0, CauseBus
	}
	if !o.pool.admit() {
		return 0, CauseOOM
	}
	f := o.pool.alloc(true)
	if o.src != nil {
		if err := o.src.ReadPage(o.pool.bytes(f)[:], index); err != nil {
			o.pool.drop(f)
			return 0, CauseBus
		}
	}
	o.tree.set(index, pte(f))
	return f, CauseNone
}

// writable returns the frame of page index for writing and marks the page dirty. A
// frame that a frozen view shares is replaced by a copy.
func (o *Object) writable(index uint64) (Frame, Cause) {
	f, cause := o.frame(index)
	if cause != CauseNone {
		return 0, cause
	}
	if o.src != nil {
		o.dirty.add(index)
	}
	return o.unshare(index, f), CauseNone
}

// unshare returns f, the frame of page index, or if a view shares it the copy that takes
// its place.
func (o *Object) unshare(index uint64, f Frame) Frame {
	g := o.pool.unshared(o.tree.slot(index), f)
	if g != f {
		o.flush(index, index+1)
	}
	return g
}

// Dirty reports whether a page differs from the file.
func (o *Object) Dirty() bool { return o.dirty.n > 0 }

// Clean hands every page of [off, off+n) that differs from the file to write, in
// ascending order and cut at the end of the file, and marks it clean.
func (o *Object) Clean(off, n uint64, write func(p []byte, off uint64) error) error {
	for _, index := range o.dirty.in(off>>PageShift, pages(min(off+n, MaxObjectSize))) {
		if err := o.cleanPage(index, write); err != nil {
			return fmt.Errorf("page %d: %w", index, err)
		}
	}
	return nil
}

// EachDirty calls do with every page that differs from the file, in ascending order and cut
// at the end of the file. The pages stay as they are.
func (o *Object) EachDirty(do func(p []byte, off uint64) error) error {
	for _, index := range o.dirty.in(0, pages(MaxObjectSize)) {
		if err := o.withPage(index, do); err != nil {
			return fmt.Errorf("page %d: %w", index, err)
		}
	}
	return nil
}

// withPage calls do with a page, cut at the end of the file.
func (o *Object) withPage(index uint64, do func(p []byte, off uint64) error) error {
	at := index << PageShift
	f, cause := o.pool.frame(o.tree.get(index))
	if cause != CauseNone {
		return cause.errno()
	}
	return do(o.pool.bytes(f)[:min(PageSize, o.size-at)], at)
}

func (o *Object) cleanPage(index uint64, write func(p []byte, off uint64) error) error {
	if err := o.withPage(index, write); err != nil {
		return err
	}
	o.dirty.remove(index)
	o.flushWrite(index, index+1)
	return nil
}

// ReadAt reads the content at off: what mappings see. It returns 0 at the end.
func (o *Object) ReadAt(p []byte, off uint64) (int, error) {
	if off >= o.size {
		return 0, nil
	}
	p = p[:min(uint64(len(p)), o.size-off)]
	for done := 0; done < len(p); {
		a := off + uint64(done)
		n := min(len(p)-done, int(PageSize-a&PageMask))
		e := o.tree.get(a >> PageShift)
		if e == 0 && o.src == nil && o.pool.err == nil {
			clear(p[done : done+n])
			done += n
			continue
		}
		f, cause := o.frame(a >> PageShift)
		if cause != CauseNone {
			return done, cause.errno()
		}
		done += copy(p[done:done+n], o.pool.bytes(f)[a&PageMask:])
	}
	return len(p), nil
}

// WriteAt writes to an Object without a Source, growing it where p ends behind its
// end.
func (o *Object) WriteAt(p []byte, off uint64) (int, error) {
	if off+uint64(len(p)) > MaxObjectSize || off > MaxObjectSize {
		return 0, abi.EFBIG
	}
	old := o.size
	o.size = max(o.size, off+uint64(len(p)))
	for done := 0; done < len(p); {
		a := off + uint64(done)
		f, cause := o.writable(a >> PageShift)
		if cause != CauseNone {
			o.size = max(old, a)
			return done, abi.ENOSPC
		}
		n := min(len(p)-done, int(PageSize-a&PageMask))
		o.codeWritten(a>>PageShift, a&PageMask, n)
		copy(o.pool.bytes(f)[a&PageMask:], p[done:done+n])
		done += n
	}
	return len(p), nil
}

// Update tells o that p was written to its file at off, by write(2) and not through a
// mapping.
func (o *Object) Update(p []byte, off uint64) {
	o.size = max(o.size, off+uint64(len(p)))
	for done := 0; done < len(p); {
		a := off + uint64(done)
		n := min(len(p)-done, int(PageSize-a&PageMask))
		o.updatePage(a, p[done:done+n])
		done += n
	}
}

// updatePage writes p, which lies in one page, to the page at a if it is in memory.
func (o *Object) updatePage(a uint64, p []byte) {
	index := a >> PageShift
	o.codeWritten(index, a&PageMask, len(p)) // code may outlive its page in memory
	e := o.tree.get(index)
	if e == 0 {
		return
	}
	f, cause := o.pool.frame(e)
	if cause != CauseNone {
		return // the run is over
	}
	copy(o.pool.bytes(o.unshare(index, f))[a&PageMask:], p)
}

// Truncate tells o that its file has size bytes now. Pages behind the end go from all
// mappings, private copies too, and the rest of the last page becomes zero, truncate(2).
func (o *Object) Truncate(size uint64) {
	size = min(size, MaxObjectSize)
	old := o.size
	o.size = size
	if size >= old {
		return
	}
	first := pages(size)
	if tail := size & PageMask; tail != 0 {
		o.updatePage(size, zeroPage[:PageSize-tail])
	}
	o.dropPages(first, treeLimit, true)
}

// Punch tells o that [off, off+n) of its file became zero, fallocate(2).
func (o *Object) Punch(off, n uint64) {
	end := min(off+n, MaxObjectSize)
	for a := off; a < end; {
		stop := min(a&^PageMask+PageSize, end)
		if stop-a == PageSize {
			o.dropPages(a>>PageShift, end>>PageShift, false)
			a = end &^ PageMask
			if a == end {
				return
			}
			stop = end
		}
		o.updatePage(a, zeroPage[:stop-a])
		a = stop
	}
}

var zeroPage [PageSize]byte

// dropPages forgets the pages [first, end) and takes them from all mappings.
func (o *Object) dropPages(first, end uint64, private bool) {
	for _, m := range o.maps {
		lo, hi := m.indexRange(first, end)
		if lo >= hi {
			continue
		}
		s := m.space
		s.dropCode(lo, hi)
		if private && m.Flags&Shared == 0 {
			s.tree.clear(lo>>PageShift, hi>>PageShift)
		}
		s.TLB.flush(lo, hi)
	}
	o.tree.clear(first, end)
	for _, i := range o.dirty.in(first, end) {
		o.dirty.remove(i)
	}
}

// flush removes the pages [first, end) from the TLBs of all Spaces that map them.
func (o *Object) flush(first, end uint64) {
	for _, m := range o.maps {
		if lo, hi := m.indexRange(first, end); lo < hi {
			m.space.TLB.flush(lo, hi)
		}
	}
}

func (o *Object) flushWrite(first, end uint64) {
	for _, m := range o.maps {
		if lo, hi := m.indexRange(first, end); lo < hi {
			m.space.TLB.flushWrite(lo, hi)
		}
	}
}

// pages returns how many pages n bytes need.
func pages(n uint64) uint64 { return (n + PageMask) >> PageShift }

// Forget drops the pages of [off, off+n), to be read again from the file, which
// changed there in some way. They must be clean.
func (o *Object) Forget(off, n uint64) {
	o.dropPages(off>>PageShift, pages(min(off+n, MaxObjectSize)), false)
}
