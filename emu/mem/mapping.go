package mem

import "sort"

// MapFlags are the properties of a mapping besides its permissions.
type MapFlags uint16

// The flags of a Mapping.
const (
	Shared     MapFlags = 1 << iota // MAP_SHARED: writes go to the Object
	GrowsDown                       // MAP_GROWSDOWN: grows towards lower addresses when touched there
	NoReserve                       // MAP_NORESERVE: not counted against what is left
	Locked                          // mlock(2): shown in /proc only
	DontFork                        // MADV_DONTFORK
	WipeOnFork                      // MADV_WIPEONFORK
	DontDump                        // MADV_DONTDUMP

	endFlags // the first that there is not
)

// Mapping is a range of pages with the same properties, an entry of
// /proc/self/maps.
type Mapping struct {
	Start, End uint64 // page boundaries
	Prot       Prot
	MaxProt    Prot // what mprotect(2) may give; 0 means everything
	Flags      MapFlags
	Object     *Object // nil: private anonymous
	Offset     uint64  // of Start in Object; a page boundary
	Name       string  // a path, "[heap]", "[stack]" or empty
	Dev, Ino   uint64

	space *Space
	place int // in Object.maps
}

// Len returns the length in bytes.
func (m *Mapping) Len() uint64 { return m.End - m.Start }

// index returns the page of the Object at a.
func (m *Mapping) index(a uint64) uint64 { return (a - m.Start + m.Offset) >> PageShift }

// indexRange returns the addresses at which m shows the pages [first, end) of its
// Object; lo >= hi if it shows none.
func (m *Mapping) indexRange(first, end uint64) (lo, hi uint64) {
	at := m.Offset >> PageShift
	n := m.Len() >> PageShift
	if end <= at || first >= at+n {
		return 0, 0
	}
	lo, hi = m.Start, m.End
	if first > at {
		lo += (first - at) << PageShift
	}
	if end < at+n {
		hi = m.Start + (end-at)<<PageShift
	}
	return lo, hi
}

// joins reports whether b continues a so that the two are one mapping.
func (m *Mapping) joins(b *Mapping) bool {
	return m.End == b.Start && m.Prot == b.Prot && m.MaxProt == b.MaxProt && m.Flags == b.Flags &&
		m.Object == b.Object && (m.Object == nil || m.Offset+m.Len() == b.Offset) &&
		m.Name == b.Name && m.Ino == b.Ino && m.Dev == b.Dev
}

// link and unlink enter and remove m in the list of its Object.
func (m *Mapping) link() {
	if o := m.Object; o != nil {
		m.enter()
		if a, ok := o.src.(Attached); ok && len(o.maps) == 1 {
			a.Attach()
		}
	}
}

// enter adds m to the list of its Object.
func (m *Mapping) enter() {
	o := m.Object
	m.place = len(o.maps)
	o.maps = append(o.maps, m)
	o.code += m.code()
}

// code returns 1 if m has code of an Object.
func (m *Mapping) code() int {
	if m.Object != nil && m.Prot&Exec != 0 {
		return 1
	}
	return 0
}

// setProt changes the permissions of m.
func (m *Mapping) setProt(prot Prot) {
	before := m.code()
	m.Prot = prot
	if o := m.Object; o != nil {
		o.code += m.code() - before
	}
}

func (m *Mapping) unlink() {
	if o := m.Object; o != nil {
		o.code -= m.code()
		last := len(o.maps) - 1
		o.maps[m.place] = o.maps[last]
		o.maps[m.place].place = m.place
		o.maps[last] = nil
		o.maps = o.maps[:last]
		if a, ok := o.src.(Attached); ok && last == 0 {
			a.Detach()
		}
		o.freeUnused()
	}
}

// after returns the position of the first mapping that ends behind a.
func (s *Space) after(a uint64) int {
	return sort.Search(len(s.maps), func(i int) bool { return s.maps[i].End > a })
}

// find returns the mapping at a, or nil.
func (s *Space) find(a uint64) *Mapping {
	h := &s.recent[a>>findShift&(findSize-1)]
	if m := *h; m != nil && m.Start <= a && a < m.End {
		return m
	}
	i := s.after(a)
	if i == len(s.maps) || s.maps[i].Start > a {
		return nil
	}
	*h = s.maps[i]
	return s.maps[i]
}

// split makes a a boundary between mappings if a mapping covers it.
func (s *Space) split(a uint64) {
	i := s.after(a)
	if i == len(s.maps) || s.maps[i].Start >= a {
		return
	}
	m := s.maps[i]
	low := *m
	low.End = a
	m.Offset += a - m.Start
	m.Start = a
	s.insert(i, &low)
}

// insert puts m at position i.
func (s *Space) insert(i int, m *Mapping) {
	m.space = s
	s.maps = append(s.maps, nil)
	copy(s.maps[i+1:], s.maps[i:])
	s.maps[i] = m
	m.link()
	s.forget()
}

// remove takes the mappings i to j-1 out of the list.
func (s *Space) remove(i, j int) {
	for _, m := range s.maps[i:j] {
		m.unlink()
	}
	n := copy(s.maps[i:], s.maps[j:])
	clear(s.maps[i+n:])
	s.maps = s.maps[:i+n]
	s.forget()
}

// merge joins the mappings between lo and hi, and their neighbours, where they have
// the same properties.
func (s *Space) merge(lo, hi uint64) {
	i := s.after(lo)
	if i > 0 {
		i--
	}
	for i+1 < len(s.maps) && s.maps[i].Start <= hi {
		m, next := s.maps[i], s.maps[i+1]
		if !m.joins(next) {
			i++
			continue
		}
		m.End = next.End
		s.remove(i+1, i+2)
	}
}

// forget empties the cache of find, after a change of the list.
func (s *Space) forget() { s.recent = [findSize]*Mapping{} }

// covered reports whether mappings cover all of [lo, hi).
func (s *Space) covered(lo, hi uint64) bool {
	for i := s.after(lo); lo < hi; i++ {
		if i == len(s.maps) || s.maps[i].Start > lo {
			return false
		}
		lo = s.maps[i].End
	}
	return true
}

// each calls f for the mappings that [lo, hi) touches, in ascending order.
func (s *Space) each(lo, hi uint64, f func(m *Mapping)) {
	for i := s.after(lo); i < len(s.maps) && s.maps[i].Start < hi; i++ {
		f(s.maps[i])
	}
}
