package mem

import (
	"maps"
	"math/bits"
	"slices"

	"emurun/snapshot/wire"
)

// pageSet is a set of page indices.
type pageSet struct {
	words map[uint64]uint64 // index >> 6 -> a bit for each
	n     int
}

func (s *pageSet) has(i uint64) bool { return s.words[i>>6]>>(i&63)&1 != 0 }

func (s *pageSet) add(i uint64) {
	if s.has(i) {
		return
	}
	if s.words == nil {
		s.words = map[uint64]uint64{}
	}
	s.words[i>>6] |= 1 << (i & 63)
	s.n++
}

func (s *pageSet) remove(i uint64) {
	if !s.has(i) {
		return
	}
	s.n--
	if s.words[i>>6] &^= 1 << (i & 63); s.words[i>>6] == 0 {
		delete(s.words, i>>6)
	}
}

// clear empties s.
func (s *pageSet) clear() { *s = pageSet{} }

// in returns the elements from lo to hi-1, in ascending order.
func (s *pageSet) in(lo, hi uint64) []uint64 {
	if s.n == 0 || lo >= hi {
		return nil
	}
	var out []uint64
	for _, at := range s.wordsIn(lo, hi) {
		for w := s.words[at]; w != 0; w &= w - 1 {
			if i := at<<6 + uint64(bits.TrailingZeros64(w)); i >= lo && i < hi {
				out = append(out, i)
			}
		}
	}
	return out
}

// wordsIn returns the keys of the words that [lo, hi) touches, in ascending order.
func (s *pageSet) wordsIn(lo, hi uint64) []uint64 {
	first, end := lo>>6, (hi+63)>>6
	if end-first > uint64(len(s.words)) {
		return slices.Sorted(maps.Keys(s.words))
	}
	var out []uint64
	for at := first; at < end; at++ {
		if s.words[at] != 0 {
			out = append(out, at)
		}
	}
	return out
}

// freeze writes s as words of 64 pages.
func (s *pageSet) freeze(e *wire.Encoder) {
	words := slices.Sorted(maps.Keys(s.words))
	e.Count(len(words))
	for _, at := range words {
		e.Uint64(at)
		e.Uint64(s.words[at])
	}
}

// thaw reads a set of pages below end.
func (s *pageSet) thaw(d *wire.Decoder, end uint64) {
	next := uint64(0)
	for range d.Count(wire.MaxLen, 16) {
		at, w := d.Uint64(), d.Uint64()
		if at < next || at >= treeLimit>>6 || w == 0 || at<<6+uint64(bits.Len64(w)) > end {
			d.Fail("pages %#x of word %#x of a set of %d", w, at, end)
			return
		}
		if s.words == nil {
			s.words = map[uint64]uint64{}
		}
		s.words[at] = w
		s.n += bits.OnesCount64(w)
		next = at + 1
	}
}
