package overlay

import (
	"fmt"
	"slices"

	"emurun/abi"
	"emurun/snapshot/wire"
)

// pageSize is the unit of copy-up.
const pageSize = 4096

// Scratch is where pages go that do not fit into memory.
type Scratch interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
}

// page is a page of upper content: in memory, in the scratch file, or still where it was
// thawed from. Or it is a hole that hides the lower file.
type page struct {
	data  *[pageSize]byte // nil unless in memory
	slot  int64           // in the scratch file, if spilled
	pos   int64           // the number in the contents of the file system; none for a hole
	born  uint64          // the store's epoch when its data or its slot was taken
	gen   uint64          // the store's generation when it was last put among the changed
	where where
	clean bool // in memory, and as it is in the source
}

type where uint8

const (
	hole where = iota
	inMemory
	spilled
	thawed
)

// store accounts for the pages of an overlay. When there are more than limit in
// memory, the oldest are written to the scratch file and stay there.
type store struct {
	limit, most int64 // pages; 0: no limit
	inMemory    int64
	used, holes int64   // pages that are none, and that are
	taken       spans   // their numbers in the contents
	queue       []*page // in memory, oldest first; some may be freed
	scratch     Scratch
	spare       *[pageSize]byte
	slots       int64   // used in the scratch file, counting free ones
	free        []int64 // slots to use again

	epoch uint64   // counts the holds that were taken
	holds []uint64 // those that are not given back, ascending
	late  []int64  // slots to use again when there are no holds

	// For freezing: see contents.go.
	source  wire.Source      // of thawed pages; nil for none
	base    wire.Sum         // root of the contents that were committed last
	gen     uint64           // counts the contents that were taken
	changed map[int64]change // since base, by number; nil: all
	done    uint64           // the generation of base
}

// hold keeps the bytes of all pages as they are, in the array or the slot in which they are
// now, where any goroutine may read them: who changes a page takes another one. It is
// given back by unhold.
func (s *store) hold() uint64 {
	s.epoch++
	s.holds = append(s.holds, s.epoch)
	return s.epoch
}

// unhold ends a hold.
func (s *store) unhold(hold uint64) {
	s.holds = slices.DeleteFunc(s.holds, func(h uint64) bool { return h == hold })
	if len(s.holds) == 0 {
		s.free, s.late = append(s.free, s.late...), nil
	}
}

// held reports whether the bytes of p must stay where they are.
func (s *store) held(p *page) bool { return len(s.holds) > 0 && p.born < s.holds[len(s.holds)-1] }

// full reports whether there is no space for another n pages.
func (s *store) full(n int64) bool { return s.used+n > s.most && s.most > 0 || s.used+n > maxPages }

// reserve makes room for n pages in memory, so that putting them there cannot
// fail half-way.
func (s *store) reserve(n int64) error {
	if s.scratch == nil || s.limit == 0 {
		return nil
	}
	for s.inMemory+n > s.limit && s.inMemory > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	return nil
}

// alloc puts zeros in memory behind p, a hole.
func (s *store) alloc(p *page) {
	p.pos = s.taken.addLowest()
	s.used++
	s.buffer(p)
	clear(p.data[:])
}

// buffer gives p memory, with any content.
func (s *store) buffer(p *page) {
	if s.scratch != nil && s.limit > 0 {
		s.queue = append(s.queue, p)
		if int64(len(s.queue)) > 2*s.inMemory+64 {
			s.compact()
		}
	}
	if p.data, s.spare = s.spare, nil; p.data == nil {
		p.data = new([pageSize]byte)
	}
	p.where, p.born, p.clean = inMemory, s.epoch, false
	s.inMemory++
}

// compact drops freed pages from the queue.
func (s *store) compact() {
	live := make([]*page, 0, len(s.queue)/2)
	for i, p := range s.queue {
		if p.where == inMemory || i == len(s.queue)-1 {
			live = append(live, p)
		}
	}
	s.queue = live
}

// spill moves the oldest page in memory to the scratch file, unless it is in the source too.
func (s *store) spill() error {
	p := s.queue[0]
	s.queue = s.queue[1:]
	switch {
	case p.where != inMemory:
		return nil
	case p.clean:
		s.dropData(p)
		p.where = thawed
		return nil
	}
	slot, err := s.toSlot(p.data)
	if err != nil {
		s.queue = append(s.queue, p)
		return err
	}
	s.dropData(p)
	p.slot, p.where, p.born = slot, spilled, s.epoch
	return nil
}

// dropData takes the memory from p.
func (s *store) dropData(p *page) {
	if !s.held(p) {
		s.spare = p.data
	}
	p.data, p.clean = nil, false
	s.inMemory--
}

// toSlot writes data to a free slot.
func (s *store) toSlot(data *[pageSize]byte) (int64, error) {
	slot, n := s.slots, len(s.free)
	if n > 0 {
		slot = s.free[n-1]
	}
	if _, err := s.scratch.WriteAt(data[:], slot*pageSize); err != nil {
		return 0, fmt.Errorf("scratch file: %w", err)
	}
	if n > 0 {
		s.free = s.free[:n-1]
	} else {
		s.slots++
	}
	return slot, nil
}

// own gives p other bytes to write to, with the same content, if its own are held.
func (s *store) own(p *page) error {
	switch {
	case p.where == thawed:
		return s.load(p)
	case p.where == hole || !s.held(p):
		return nil
	case p.where == inMemory:
		data := *p.data
		p.data = &data
	case p.where == spilled:
		var data [pageSize]byte
		if err := s.read(p, data[:], 0); err != nil {
			return err
		}
		slot, err := s.toSlot(&data)
		if err != nil {
			return err
		}
		s.late = append(s.late, p.slot)
		p.slot = slot
	}
	p.born = s.epoch
	return nil
}

// release gives back what p holds; it becomes a hole.
func (s *store) release(p *page) {
	switch p.where {
	case hole:
		s.holes--
		return
	case inMemory:
		s.dropData(p)
	case spilled:
		if s.held(p) {
			s.late = append(s.late, p.slot)
		} else {
			s.free = append(s.free, p.slot)
		}
	}
	s.taken.remove(p.pos)
	s.used--
	s.touch(p.pos, nil)
	*p = page{}
}

// load brings a thawed page into memory.
func (s *store) load(p *page) error {
	var data [pageSize]byte
	if err := s.fetch(p, &data); err != nil {
		return err
	}
	s.buffer(p)
	*p.data, p.clean = data, true
	return nil
}

// fetch reads a thawed page.
func (s *store) fetch(p *page, data *[pageSize]byte) error {
	if s.source == nil {
		return abi.EIO
	}
	if err := s.source.Page(uint64(p.pos), data); err != nil {
		return fmt.Errorf("thawed page: %w", err)
	}
	return nil
}

// see is read that keeps a thawed page in memory if there is room.
func (s *store) see(p *page, b []byte, off int64) error {
	if p.where == thawed && (s.scratch == nil || s.limit == 0 || s.inMemory < s.limit) {
		if err := s.load(p); err != nil {
			return err
		}
	}
	return s.read(p, b, off)
}

// read copies the bytes of p from off on into b.
func (s *store) read(p *page, b []byte, off int64) error {
	switch p.where {
	case hole:
		clear(b)
	case inMemory:
		copy(b, p.data[off:])
	case spilled:
		return s.readSlot(p.slot, b, off)
	case thawed:
		var data [pageSize]byte
		if err := s.fetch(p, &data); err != nil {
			return err
		}
		copy(b, data[off:])
	}
	return nil
}

// readSlot copies bytes from off on in a slot of the scratch file into b.
func (s *store) readSlot(slot int64, b []byte, off int64) error {
	if _, err := s.scratch.ReadAt(b, slot*pageSize+off); err != nil {
		return fmt.Errorf("scratch file: %w", err)
	}
	return nil
}

// write copies b into p at off. A hole becomes a page.
func (s *store) write(p *page, b []byte, off int64) error {
	if p.where == thawed && len(b) == pageSize {
		s.buffer(p) // nothing of it is left
	} else if err := s.own(p); err != nil {
		return err
	}
	if p.where == spilled {
		if _, err := s.scratch.WriteAt(b, p.slot*pageSize+off); err != nil {
			return fmt.Errorf("scratch file: %w", err)
		}
		s.touchPage(p)
		return nil
	}
	if p.where == hole {
		s.alloc(p)
	}
	copy(p.data[off:], b)
	p.clean = false
	s.touchPage(p)
	return nil
}
