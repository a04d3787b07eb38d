package interp

// block is a run of instructions that is entered at its first and left at its last.
type block struct {
	n     int64 // instructions; droppedLen once dropped
	first *Op
	pc    uint64 // address of the first instruction
	end   uint64 // address behind the last
}

// droppedLen is the length of a dropped block. No budget covers it, so every chain to the
// block leaves the switch.
const droppedLen = 1 << 62

// Limits of the code cache of one address space.
const (
	maxBlock   = 64 // instructions of a block
	maxCells   = 2*maxBlock + 1
	slabCells  = 512     // cells that are allocated at once, at first
	maxSlab    = 8192    // and at last: short-lived processes need few
	maxCacheOp = 1 << 19 // cells, 64 bytes each, before everything is dropped: 32 MiB
	jumpSlots  = 4096
)

// cache holds the blocks of an address space.
type cache struct {
	blocks map[uint64]*block   // by address
	pages  map[uint64][]*block // by page number
	cells  []Op                // rest of the current slab
	heads  []block             // likewise
	used   int                 // cells handed out since the last flush
	jumps  [jumpSlots]*block   // targets of indirect jumps, direct-mapped
}

// noBlock stands where there is no block: its address is no code address, and no budget
// covers it.
var noBlock = &block{n: droppedLen, pc: ^uint64(0)}

// reset empties the cache. Blocks that are still chained or running are dropped.
func (k *cache) reset() {
	for _, b := range k.blocks { // any order: each is only marked
		b.n = droppedLen
	}
	k.blocks = map[uint64]*block{}
	k.pages = map[uint64][]*block{}
	k.cells, k.heads, k.used = nil, nil, 0
	for i := range k.jumps {
		k.jumps[i] = noBlock
	}
}

// jumpSlot is the place of pc in the table of indirect jumps; the switch has the same.
func jumpSlot(pc uint64) uint64 { return (pc ^ pc>>12) & (jumpSlots - 1) }

// add keeps a block whose cells are the first n of k.cells.
func (k *cache) add(b block, n int) *block {
	if len(k.heads) == 0 {
		k.heads = make([]block, 64)
	}
	p := &k.heads[0]
	k.heads = k.heads[1:]
	*p = b
	p.first = &k.cells[0]
	k.cells = k.cells[n:]
	k.used += n
	k.blocks[b.pc] = p
	first, last := b.pc>>12, (b.end-1)>>12
	k.pages[first] = append(k.pages[first], p)
	if last != first {
		k.pages[last] = append(k.pages[last], p)
	}
	return p
}

// reserve makes room for the cells of one block and clears it.
func (k *cache) reserve() []Op {
	if len(k.cells) < maxCells {
		k.cells = make([]Op, min(max(k.used, slabCells), maxSlab))
	}
	return k.cells[:maxCells]
}

// drop removes a block from everything but the list of page keep.
func (k *cache) drop(b *block, keep uint64) {
	b.n = droppedLen
	delete(k.blocks, b.pc)
	for _, page := range [2]uint64{b.pc >> 12, (b.end - 1) >> 12} {
		if page == keep {
			continue
		}
		list := k.pages[page]
		for i, x := range list {
			if x == b {
				list[i] = list[len(list)-1]
				k.pages[page] = list[:len(list)-1]
				break
			}
		}
	}
}

// dropRange drops the blocks in page that overlap [lo, hi) and reports whether there were
// any and whether any block is left.
func (k *cache) dropRange(page, lo, hi uint64) (dropped, left bool) {
	list := k.pages[page]
	keep := list[:0]
	for _, b := range list {
		if b.pc < hi && b.end > lo {
			k.drop(b, page)
			dropped = true
		} else {
			keep = append(keep, b)
		}
	}
	clear(list[len(keep):])
	if len(keep) == 0 {
		delete(k.pages, page)
		return dropped, false
	}
	k.pages[page] = keep
	return dropped, true
}
