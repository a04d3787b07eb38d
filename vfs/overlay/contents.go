package overlay

import (
	"cmp"
	"slices"

	"emurun/snapshot/wire"
)

// The content of all files of an overlay freezes as one array of pages, called "file". A
// page keeps its number in it as long as it is there; a new page gets the lowest that is free, so
// that which pages have which numbers follows from what the guest did alone.

// maxPages bounds the content of an overlay, and maxHoles the pages that hide lower content.
const (
	maxPages = 1 << 32
	maxHoles = 1 << 22
)

// change is that a page of the contents is not as it was when they were last committed.
type change struct {
	gen uint64
	p   *page // nil: it is gone
}

// touchPage puts p among the changed.
func (s *store) touchPage(p *page) {
	if s.changed != nil && p.gen != s.gen {
		p.gen = s.gen
		s.touch(p.pos, p)
	}
}

// touch says that number pos has another page, or none.
func (s *store) touch(pos int64, p *page) {
	if s.changed != nil {
		s.changed[pos] = change{s.gen, p}
	}
}

// contents is the changed pages at one instant. It implements wire.Contents.
type contents struct {
	s     *store
	size  int64 // pages
	base  wire.Sum
	gen   uint64
	hold  uint64
	pages []numbered
	root  wire.Sum
}

// numbered is a page with its number, as it was.
type numbered struct {
	pos int64
	page
}

// contents takes the pages that have changed. all is called with every page if nothing
// was taken before.
func (s *store) contents(all func(yield func(*page))) *contents {
	if s.changed == nil {
		s.gen++
		s.changed = make(map[int64]change, s.used)
		all(func(p *page) {
			if p.where != hole {
				s.touchPage(p)
			}
		})
	}
	c := &contents{s: s, base: s.base, gen: s.gen, hold: s.hold(), pages: make([]numbered, 0, len(s.changed))}
	s.gen++
	if n := len(s.taken); n > 0 {
		c.size = s.taken[n-1].to
	}
	for pos, ch := range s.changed { // order: sorted below
		x := numbered{pos: pos}
		if ch.p != nil {
			x.page = *ch.p
		}
		c.pages = append(c.pages, x)
	}
	slices.SortFunc(c.pages, func(a, b numbered) int { return cmp.Compare(a.pos, b.pos) })
	return c
}

// Size implements wire.Contents.
func (c *contents) Size() uint64 { return uint64(c.size) * pageSize }

// Store implements wire.Contents.
func (c *contents) Store(to wire.Sink) (wire.Sum, error) {
	var failed error
	root, err := to.Update(c.base, func(yield func(uint64, *[pageSize]byte) bool) {
		var buf [pageSize]byte
		for i := range c.pages {
			x := &c.pages[i]
			data := x.data
			if x.where == spilled {
				data = &buf
				if failed = c.s.readSlot(x.slot, data[:], 0); failed != nil {
					return
				}
			}
			if !yield(uint64(x.pos), data) {
				return
			}
		}
	})
	if failed != nil {
		return wire.Sum{}, failed
	}
	c.root = root
	return root, err
}

// Release implements wire.Contents. What was not committed stays changed.
func (c *contents) Release(committed bool) {
	s := c.s
	s.unhold(c.hold)
	if !committed || c.gen < s.done {
		return
	}
	s.base, s.done = c.root, c.gen
	for i := range c.pages {
		pos := c.pages[i].pos
		if ch, ok := s.changed[pos]; ok && ch.gen <= c.gen {
			delete(s.changed, pos)
		}
	}
}
