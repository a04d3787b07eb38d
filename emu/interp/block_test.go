package interp

import (
	"math/rand/v2"
	"testing"
)

// TestBlockTable compares the table with a map.
func TestBlockTable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	table, model := blockTable{slots: make([]*block, firstSlots)}, map[uint64]*block{}
	for i := range 50000 {
		pc := rnd.Uint64N(5000)
		if got, want := table.get(pc), model[pc]; got != want {
			t.Fatalf("operation %d: get(%d) = %p, want %p", i, pc, got, want)
		}
		if b := model[pc]; b != nil {
			table.remove(b)
			delete(model, pc)
		} else {
			b = &block{pc: pc}
			table.put(b)
			model[pc] = b
		}
	}
}

// TestDropRange drops blocks by bytes of one and of two pages.
func TestDropRange(t *testing.T) {
	var k cache
	k.reset()
	var blocks []*block
	for _, b := range []block{{pc: 0x1000, end: 0x1010}, {pc: 0x1ff0, end: 0x2005}, {pc: 0x2005, end: 0x2010}} {
		k.reserve()
		b.n = 1
		blocks = append(blocks, k.add(b, 2))
	}
	for _, c := range []struct {
		page, lo, hi  uint64
		dropped, left bool
		alive         [3]bool
	}{
		{1, 0x1010, 0x1020, false, true, [3]bool{true, true, true}},
		{2, 0x2000, 0x2001, true, true, [3]bool{true, false, true}},
		{1, 0x1000, 0x2000, true, false, [3]bool{false, false, true}},
		{2, 0x200f, 0x2010, true, false, [3]bool{}},
	} {
		dropped, left := k.dropRange(c.page, c.lo, c.hi)
		if dropped != c.dropped || left != c.left {
			t.Errorf("dropRange(%#x, %#x) = %v, %v, want %v, %v", c.lo, c.hi, dropped, left, c.dropped, c.left)
		}
		for i, b := range blocks {
			if alive := k.blocks.get(b.pc) == b && b.n == 1; alive != c.alive[i] {
				t.Errorf("after dropping [%#x, %#x) block %#x is alive: %v", c.lo, c.hi, b.pc, alive)
			}
		}
	}
}
