package mem

// clear removes the entries from lo to hi-1.
func (t *tree) clear(lo, hi uint64) {
	if t.root == nil || lo >= hi {
		return
	}
	t.cool()
	var gone int
	t.root, gone = t.clearNode(t.root, levels-1, 0, lo, hi)
	t.charge(-gone)
}

// clearNode clears [lo, hi) of n, whose first page number is base, and returns what
// is left of it and how many pages went.
func (t *tree) clearNode(n *node, level int, base, lo, hi uint64) (rest *node, gone int) {
	span := uint64(1) << ((level + 1) * fanShift)
	if lo <= base && base+span <= hi {
		gone = t.pool.size(n, level)
		t.pool.release(n)
		return nil, gone
	}
	if n.source != 0 {
		t.pool.load(n, level)
	}
	if !n.any(level, base, lo, hi) {
		return n, 0
	}
	if n.refs > 1 {
		n = t.copyNode(n)
	}
	n.epoch = t.pool.epoch
	if level == 0 {
		gone = t.clearLeaf(n, base, lo, hi)
	} else {
		gone = t.clearKids(n, level, base, lo, hi)
	}
	if n.pages != unknown {
		n.pages -= gone
	}
	if n.pages == 0 {
		t.pool.release(n)
		return nil, gone
	}
	return n, gone
}

func (t *tree) clearKids(n *node, level int, base, lo, hi uint64) (gone int) {
	step := uint64(1) << (level * fanShift)
	first, last := n.clip(base, step, lo, hi)
	for i := first; i <= last; i++ {
		if k := n.kid[i]; k != nil {
			rest, less := t.clearNode(k, level-1, base+uint64(i)*step, lo, hi)
			n.kid[i] = rest
			gone += less
		}
	}
	return gone
}

func (t *tree) clearLeaf(n *node, base, lo, hi uint64) (gone int) {
	first, last := n.clip(base, 1, lo, hi)
	for i := first; i <= last; i++ {
		if e := n.page[i]; e != 0 {
			n.page[i] = 0
			gone++
			t.pool.drop(e.frame())
		}
	}
	return gone
}

// size returns the number of pages below n. Of what was thawed and not needed yet, it
// loads the nodes.
func (p *Pool) size(n *node, level int) int {
	if n.pages != unknown {
		return n.pages
	}
	if n.source != 0 {
		if level == 0 {
			n.pages = len(p.chunk(n, 0, n.source)) / entrySize
			return n.pages
		}
		p.load(n, level)
	}
	n.pages = 0
	for _, k := range n.kid {
		if k != nil {
			n.pages += p.size(k, level-1)
		}
	}
	return n.pages
}

// clip returns the first and last index of n's entries that [lo, hi) touches.
func (n *node) clip(base, step, lo, hi uint64) (first, last int) {
	if lo > base {
		first = int((lo - base) / step)
	}
	return first, int(min((hi-1-base)/step, fanMask))
}

// any reports whether n has an entry that [lo, hi) touches; above the leaves it may
// say so for a node that lies only partly inside.
func (n *node) any(level int, base, lo, hi uint64) bool {
	step := uint64(1) << (level * fanShift)
	first, last := n.clip(base, step, lo, hi)
	for i := first; i <= last; i++ {
		if level == 0 && n.page[i] != 0 || level > 0 && n.kid[i] != nil {
			return true
		}
	}
	return false
}
