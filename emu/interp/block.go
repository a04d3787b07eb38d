package interp

import "emurun/emu/mem"

// block is a run of instructions that is entered at its first and left at its last.
type block struct {
	n     int64 // instructions; droppedLen once dropped
	first *Op
	pc    uint64 // address of the first instruction
	end   uint64 // address behind the last

	more [2]*block // the rest of the lists of its first and, if it has one, second page
}

// droppedLen is the length of a dropped block. No budget covers it, so every chain to the
// block leaves the switch.
const droppedLen = 1 << 62

// Limits of the code cache of one address space.
const (
	maxBlock   = 64             // instructions of a block
	maxCells   = 2*maxBlock + 1 // with an address cell each
	firstSlab  = 256            // cells that are allocated at once, see stock
	firstHeads = 16             // blocks likewise
	firstSlots = 256            // of the table of blocks
	maxCacheOp = 1 << 19        // cells, 64 bytes each, before everything is dropped: 32 MiB
	jumpSlots  = 4096

	maxKeptSlots = 1 << 13 // of a table that stays for the next address space
)

// cache holds the blocks of an address space.
type cache struct {
	blocks blockTable
	pages  map[uint64]*codePage // by page number
	recent *codePage            // the last page that got a block
	cells  []Op                 // rest of the current slab
	heads  []block              // likewise
	used   int                  // cells handed out since the last flush

	cellStock stock[Op]
	headStock stock[block]
	jumps     [jumpSlots]*block // targets of indirect jumps, direct-mapped
}

// codePage lists the blocks that have bytes in a page.
type codePage struct {
	number uint64
	first  *block
}

// noBlock stands where there is no block: its address is no code address, and no budget
// covers it.
var noBlock = &block{n: droppedLen, pc: ^uint64(0)}

// reset empties the cache. Blocks that are still chained or running are dropped.
func (k *cache) reset() {
	for _, b := range k.blocks.slots {
		if b != nil && b != noBlock {
			b.n = droppedLen
		}
	}
	k.blocks = blockTable{slots: make([]*block, firstSlots)}
	k.pages = map[uint64]*codePage{}
	k.cellStock, k.headStock = stock[Op]{first: firstSlab}, stock[block]{first: firstHeads}
	k.empty()
}

// recycle empties the cache for another address space. Nothing runs in this one any more, so
// that its cells can be used again.
func (k *cache) recycle() {
	if len(k.blocks.slots) > maxKeptSlots {
		k.blocks.slots = make([]*block, firstSlots)
	}
	clear(k.blocks.slots)
	k.blocks.used, k.blocks.live = 0, 0
	clear(k.pages)
	k.cellStock.rewind()
	k.headStock.rewind()
	k.empty()
}

// empty forgets the current slabs and the targets of jumps.
func (k *cache) empty() {
	k.recent, k.cells, k.heads, k.used = nil, nil, nil, 0
	for i := range k.jumps {
		k.jumps[i] = noBlock
	}
}

// jumpSlot is the place of pc in the table of indirect jumps; the switch has the same.
func jumpSlot(pc uint64) uint64 { return (pc ^ pc>>12) & (jumpSlots - 1) }

// add keeps a block whose cells are the first n of k.cells.
func (k *cache) add(b block, n int) *block {
	if len(k.heads) == 0 {
		k.heads = k.headStock.slab()
	}
	p := &k.heads[0]
	k.heads = k.heads[1:]
	*p = b
	p.first = &k.cells[0]
	k.cells = k.cells[n:]
	k.used += n
	k.blocks.put(p)
	first, last := b.pc>>mem.PageShift, (b.end-1)>>mem.PageShift
	k.page(first).push(p)
	if last != first {
		k.page(last).push(p)
	}
	return p
}

// page returns the list of a page, making it if need be.
func (k *cache) page(number uint64) *codePage {
	if k.recent != nil && k.recent.number == number {
		return k.recent
	}
	p := k.pages[number]
	if p == nil {
		p = &codePage{number: number}
		k.pages[number] = p
	}
	k.recent = p
	return p
}

// link is the place in b of the rest of p's list.
func (p *codePage) link(b *block) **block {
	if b.pc>>mem.PageShift == p.number {
		return &b.more[0]
	}
	return &b.more[1]
}

func (p *codePage) push(b *block) {
	*p.link(b) = p.first
	p.first = b
}

// remove takes a block out of the list.
func (p *codePage) remove(b *block) {
	for at := &p.first; *at != nil; at = p.link(*at) {
		if *at == b {
			*at = *p.link(b)
			return
		}
	}
}

// reserve makes room for the cells of one block.
func (k *cache) reserve() []Op {
	if len(k.cells) < maxCells {
		k.cells = k.cellStock.slab()
	}
	return k.cells[:maxCells]
}

// drop removes a block from everything but the list of page keep.
func (k *cache) drop(b *block, keep uint64) {
	b.n = droppedLen
	k.blocks.remove(b)
	for _, number := range [2]uint64{b.pc >> mem.PageShift, (b.end - 1) >> mem.PageShift} {
		if p := k.pages[number]; p != nil && number != keep {
			p.remove(b)
		}
	}
}

// dropRange drops the blocks in page that overlap [lo, hi) and reports whether there were
// any and whether any block is left.
func (k *cache) dropRange(number, lo, hi uint64) (dropped, left bool) {
	p := k.pages[number]
	if p == nil {
		return false, false
	}
	for at := &p.first; *at != nil; {
		b := *at
		if b.pc >= hi || b.end <= lo {
			at = p.link(b)
			continue
		}
		*at = *p.link(b)
		k.drop(b, number)
		dropped = true
	}
	if p.first != nil {
		return dropped, true
	}
	delete(k.pages, number)
	if k.recent == p {
		k.recent = nil
	}
	return dropped, false
}
