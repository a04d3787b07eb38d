package trace

import (
	"cmp"
	"encoding/binary"
	"slices"

	"emurun/emu/mem"
)

// touched collects the words of memory that are written, with what they were before.
type touched struct {
	words []word
	full  func() // called when there are many
}

// word is a word of memory before it was written.
type word struct {
	space *mem.Space
	pid   int32 // of space, once it is known
	addr  uint64
	old   uint64
}

// Writing implements mem.WriteObserver.
func (t *touched) Writing(s *mem.Space, a uint64, n int, page *[mem.PageSize]byte) {
	if len(t.words) >= maxWords {
		t.full()
	}
	for at := a &^ 7; at < a+uint64(n); at += 8 {
		t.words = append(t.words, word{space: s, addr: at, old: binary.LittleEndian.Uint64(page[at&mem.PageMask:])})
	}
}

// take appends to list the runs of words that have changed, by process and address, and
// forgets them. name returns whose a space is; 0 is nobody's.
func (t *touched) take(list []Write, name func(*mem.Space) int32) []Write {
	if len(t.words) == 0 {
		return list
	}
	for i := range t.words {
		w := &t.words[i]
		if i > 0 && w.space == t.words[i-1].space {
			w.pid = t.words[i-1].pid
		} else {
			w.pid = name(w.space)
		}
	}
	slices.SortStableFunc(t.words, func(a, b word) int {
		return cmp.Or(cmp.Compare(a.pid, b.pid), cmp.Compare(a.addr, b.addr))
	})
	for i, w := range t.words {
		if i > 0 && t.words[i-1].pid == w.pid && t.words[i-1].addr == w.addr {
			continue // what it was is what it was first
		}
		v, err := w.space.Uint64(w.addr)
		if err != nil || w.pid == 0 || v == w.old {
			continue // it is not mapped any more, or nobody's
		}
		if n := len(list) - 1; n >= 0 && list[n].PID == w.pid && list[n].Addr+8*uint64(len(list[n].Words)) == w.addr {
			list[n].Words = append(list[n].Words, v)
			continue
		}
		list = append(list, Write{w.pid, w.addr, []uint64{v}})
	}
	clear(t.words)
	t.words = t.words[:0]
	return list
}
