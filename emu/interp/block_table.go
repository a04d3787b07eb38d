package interp

// blockTable finds blocks by address: open addressing with linear probing. noBlock marks a
// slot whose block is gone.
type blockTable struct {
	slots []*block // a power of two of them
	used  int      // slots that are not nil
	live  int      // slots with a block
}

// slot is where pc is looked for first. The multiplier spreads the low bits over the table.
func (t *blockTable) slot(pc uint64) uint64 {
	return pc * 0x9e3779b97f4a7c15 >> 32 & uint64(len(t.slots)-1)
}

// get returns the block at pc, or nil.
func (t *blockTable) get(pc uint64) *block {
	for i := t.slot(pc); ; i = (i + 1) & uint64(len(t.slots)-1) {
		if b := t.slots[i]; b == nil || b.pc == pc {
			return b
		}
	}
}

// put enters a block whose address has none.
func (t *blockTable) put(b *block) {
	if t.used*2 >= len(t.slots) {
		t.grow()
	}
	i := t.slot(b.pc)
	for t.slots[i] != nil && t.slots[i] != noBlock {
		i = (i + 1) & uint64(len(t.slots)-1)
	}
	if t.slots[i] == nil {
		t.used++
	}
	t.slots[i] = b
	t.live++
}

// grow forgets the marks and, unless there were many, makes the table twice as large.
func (t *blockTable) grow() {
	old := t.slots
	n := len(old)
	if t.live*4 >= n {
		n *= 2
	}
	*t = blockTable{slots: make([]*block, n)}
	for _, b := range old {
		if b != nil && b != noBlock {
			t.put(b)
		}
	}
}

// remove takes a block out.
func (t *blockTable) remove(b *block) {
	for i := t.slot(b.pc); t.slots[i] != nil; i = (i + 1) & uint64(len(t.slots)-1) {
		if t.slots[i] == b {
			t.slots[i] = noBlock
			t.live--
			return
		}
	}
}
