package overlay

import (
	"fmt"
)

// pageSize is the unit of copy-up.
const pageSize = 4096

// Scratch is where pages go that do not fit into memory.
type Scratch interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
}

// page is a page of upper content: in memory, in the scratch file, or a hole
// that hides the lower file.
type page struct {
	data  *[pageSize]byte // nil unless in memory
	slot  int64           // in the scratch file, if not in memory and not a hole
	where where
}

type where uint8

const (
	hole where = iota
	inMemory
	spilled
)

// store accounts for the pages of an overlay. When there are more than limit in
// memory, the oldest are written to the scratch file and stay there.
type store struct {
	limit, most int64 // pages; 0: no limit
	inMemory    int64
	inScratch   int64
	queue       []*page // in memory, oldest first; some may be freed
	scratch     Scratch
	spare       *[pageSize]byte
	slots       int64   // used in the scratch file, counting free ones
	free        []int64 // slots to use again
}

// full reports whether there is no space for another n pages.
func (s *store) full(n int64) bool { return s.most > 0 && s.inMemory+s.inScratch+n > s.most }

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

// alloc puts zeros in memory behind p.
func (s *store) alloc(p *page) {
	if s.scratch != nil && s.limit > 0 {
		s.queue = append(s.queue, p)
		if int64(len(s.queue)) > 2*s.inMemory+64 {
			s.compact()
		}
	}
	if p.data, s.spare = s.spare, nil; p.data == nil {
		p.data = new([pageSize]byte)
	} else {
		clear(p.data[:])
	}
	p.where = inMemory
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

// spill moves the oldest page in memory to the scratch file.
func (s *store) spill() error {
	p := s.queue[0]
	s.queue = s.queue[1:]
	if p.where != inMemory {
		return nil
	}
	slot := s.slots
	n := len(s.free)
	if n > 0 {
		slot = s.free[n-1]
	}
	if _, err := s.scratch.WriteAt(p.data[:], slot*pageSize); err != nil {
		s.queue = append(s.queue, p)
		return fmt.Errorf("scratch file: %w", err)
	}
	if n > 0 {
		s.free = s.free[:n-1]
	} else {
		s.slots++
	}
	s.spare = p.data
	*p = page{slot: slot, where: spilled}
	s.inMemory--
	s.inScratch++
	return nil
}

// release gives back what p holds; it becomes a hole.
func (s *store) release(p *page) {
	switch p.where {
	case inMemory:
		s.inMemory--
		s.spare = p.data
	case spilled:
		s.free = append(s.free, p.slot)
		s.inScratch--
	}
	*p = page{}
}

// read copies the bytes of p from off on into b.
func (s *store) read(p *page, b []byte, off int64) error {
	switch p.where {
	case hole:
		clear(b)
	case inMemory:
		copy(b, p.data[off:])
	case spilled:
		if _, err := s.scratch.ReadAt(b, p.slot*pageSize+off); err != nil {
			return fmt.Errorf("scratch file: %w", err)
		}
	}
	return nil
}

// write copies b into p at off. A hole becomes a page.
func (s *store) write(p *page, b []byte, off int64) error {
	if p.where == spilled {
		if _, err := s.scratch.WriteAt(b, p.slot*pageSize+off); err != nil {
			return fmt.Errorf("scratch file: %w", err)
		}
		return nil
	}
	if p.where == hole {
		s.alloc(p)
	}
	copy(p.data[off:], b)
	return nil
}
