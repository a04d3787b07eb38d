package mem

// A tree maps page numbers of 36 bits to frames: four levels of 512.
const (
	fanShift = 9
	fan      = 1 << fanShift
	fanMask  = fan - 1
	levels   = 4
	// treeLimit is the first page number that does not fit.
	treeLimit = 1 << (levels * fanShift)
)

// pte is an entry of a leaf: a frame, and for Objects whether the page differs
// from the file.
type pte uint32

const pteDirty pte = 1 << 31

func (e pte) frame() Frame { return Frame(e &^ pteDirty) }

// node is an inner node (kid) or a leaf (page) of a tree. A node with more than one
// reference, or below such a node, is shared with another tree and never changed.
type node struct {
	kid   *[fan]*node
	page  *[fan]pte
	refs  int32
	epoch uint32 // of the last change below
	pages int    // entries below that are not 0
	sums  *sums  // hashes of an earlier state, or nil
}

// nodeStore keeps empty nodes for the next use: processes come and go quickly.
type nodeStore struct{ inner, leaf []*node }

// maxStored is how many nodes of a kind a nodeStore keeps.
const maxStored = 512

// get returns an empty node.
func (st *nodeStore) get(level int, epoch uint32) *node {
	list := &st.inner
	if level == 0 {
		list = &st.leaf
	}
	if last := len(*list) - 1; last >= 0 {
		n := (*list)[last]
		*list = (*list)[:last]
		n.refs, n.epoch, n.pages, n.sums = 1, epoch, 0, nil
		return n
	}
	n := &node{refs: 1, epoch: epoch}
	if level == 0 {
		n.page = new([fan]pte)
	} else {
		n.kid = new([fan]*node)
	}
	return n
}

// put takes back an empty node.
func (st *nodeStore) put(n *node) {
	switch {
	case n.page != nil && len(st.leaf) < maxStored:
		st.leaf = append(st.leaf, n)
	case n.kid != nil && len(st.inner) < maxStored:
		st.inner = append(st.inner, n)
	}
}

// tree is a persistent radix tree. The zero value with a pool is empty.
type tree struct {
	pool *Pool
	root *node
	hot  [8]hotLeaf
}

// hotLeaf is a leaf that was used lately; key is its page number >> fanShift, plus 1.
type hotLeaf struct {
	key  uint64
	leaf *node
	own  bool // nothing on the path is shared
}

// len returns the number of pages in the tree.
func (t *tree) len() int {
	if t.root == nil {
		return 0
	}
	return t.root.pages
}

func (t *tree) cool() { t.hot = [8]hotLeaf{} }

// get returns entry i.
func (t *tree) get(i uint64) pte {
	key := i >> fanShift
	h := &t.hot[key&7]
	if h.key == key+1 {
		return h.leaf.page[i&fanMask]
	}
	n := t.root
	for shift := (levels - 1) * fanShift; n != nil && shift > 0; shift -= fanShift {
		n = n.kid[i>>shift&fanMask]
	}
	if n == nil {
		return 0
	}
	*h = hotLeaf{key: key + 1, leaf: n}
	return n.page[i&fanMask]
}

// slot returns entry i for changing, with nothing on its path shared and all of it
// stamped with the current epoch. It must not be changed between zero and
// non-zero: set does that.
func (t *tree) slot(i uint64) *pte {
	key := i >> fanShift
	h := &t.hot[key&7]
	if h.key != key+1 || !h.own || h.leaf.epoch != t.pool.epoch {
		*h = hotLeaf{key: key + 1, leaf: t.own(i), own: true}
	}
	return &h.leaf.page[i&fanMask]
}

// own makes the path to entry i unshared and returns the leaf.
func (t *tree) own(i uint64) *node {
	at := &t.root
	for level := levels - 1; ; level-- {
		n := *at
		switch {
		case n == nil:
			n = t.pool.nodes.get(level, t.pool.epoch)
			*at = n
		case n.refs > 1:
			n = t.copyNode(n)
			*at = n
		}
		n.epoch = t.pool.epoch
		if level == 0 {
			return n
		}
		at = &n.kid[i>>(level*fanShift)&fanMask]
	}
}

// copyNode returns a copy of n, which keeps its other references; what is below is
// shared from now on.
func (t *tree) copyNode(n *node) *node {
	n.refs--
	level := 1
	if n.page != nil {
		level = 0
	}
	c := t.pool.nodes.get(level, n.epoch)
	c.pages, c.sums = n.pages, n.sums
	if n.page != nil {
		*c.page = *n.page
		for _, e := range c.page {
			if e != 0 {
				t.pool.hold(e.frame())
			}
		}
		return c
	}
	*c.kid = *n.kid
	for _, k := range c.kid {
		if k != nil {
			k.refs++
		}
	}
	return c
}

// set changes entry i to v. The reference that v carries is the tree's from now on; the
// one of the old entry is dropped.
func (t *tree) set(i uint64, v pte) {
	e := t.slot(i)
	old := *e
	*e = v
	if old != 0 {
		t.pool.drop(old.frame())
	}
	d := 0
	if old == 0 && v != 0 {
		d = 1
	} else if old != 0 && v == 0 {
		d = -1
	}
	if d != 0 {
		t.count(i, d)
	}
}

// count adds d to the page counts on the path to i, which is owned.
func (t *tree) count(i uint64, d int) {
	n := t.root
	for shift := (levels - 1) * fanShift; ; shift -= fanShift {
		n.pages += d
		if shift == 0 {
			return
		}
		n = n.kid[i>>shift&fanMask]
	}
}

// take removes entry i and returns it with its reference.
func (t *tree) take(i uint64) pte {
	v := t.get(i)
	if v != 0 {
		*t.slot(i) = 0
		t.count(i, -1)
	}
	return v
}

// clear removes the entries from lo to hi-1.
func (t *tree) clear(lo, hi uint64) {
	if t.root == nil || lo >= hi {
		return
	}
	t.cool()
	t.root = t.clearNode(t.root, levels-1, 0, lo, hi)
}

// clearNode clears [lo, hi) of n, whose first page number is base, and returns what
// is left of it.
func (t *tree) clearNode(n *node, level int, base, lo, hi uint64) *node {
	span := uint64(1) << ((level + 1) * fanShift)
	if lo <= base && base+span <= hi {
		t.release(n)
		return nil
	}
	if !n.any(level, base, lo, hi) {
		return n
	}
	if n.refs > 1 {
		n = t.copyNode(n)
	}
	n.epoch = t.pool.epoch
	step := span >> fanShift
	first, last := n.clip(base, step, lo, hi)
	for i := first; i <= last; i++ {
		if level == 0 {
			if e := n.page[i]; e != 0 {
				n.page[i] = 0
				n.pages--
				t.pool.drop(e.frame())
			}
		} else if k := n.kid[i]; k != nil {
			before := k.pages
			n.kid[i] = t.clearNode(k, level-1, base+uint64(i)*step, lo, hi)
			n.pages -= before
			if n.kid[i] != nil {
				n.pages += n.kid[i].pages
			}
		}
	}
	if n.pages == 0 {
		t.release(n)
		return nil
	}
	return n
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

// each calls f for the entries from lo to hi-1 that are not 0, in ascending order,
// until it returns false.
func (t *tree) each(lo, hi uint64, f func(i uint64, e pte) bool) {
	if t.root != nil && lo < hi {
		t.root.each(levels-1, 0, lo, hi, 0, f)
	}
}

// each visits the nodes changed in epoch since or later.
func (n *node) each(level int, base, lo, hi uint64, since uint32, f func(uint64, pte) bool) bool {
	step := uint64(1) << (level * fanShift)
	first, last := n.clip(base, step, lo, hi)
	for i := first; i <= last; i++ {
		at := base + uint64(i)*step
		if level == 0 {
			if e := n.page[i]; e != 0 && !f(at, e) {
				return false
			}
		} else if k := n.kid[i]; k != nil && k.epoch >= since && !k.each(level-1, at, lo, hi, since, f) {
			return false
		}
	}
	return true
}

// share returns a tree with the same content. Neither copies anything until it is
// changed.
func (t *tree) share() tree {
	if t.root != nil {
		t.root.refs++
	}
	t.cool()
	return tree{pool: t.pool, root: t.root}
}

// drop empties the tree.
func (t *tree) drop() {
	if t.root != nil {
		t.release(t.root)
	}
	t.root = nil
	t.cool()
}

// release takes a reference from n and frees what only it held.
func (t *tree) release(n *node) {
	if n.refs--; n.refs > 0 {
		return
	}
	if n.page != nil {
		for i, e := range n.page {
			if e != 0 {
				n.page[i] = 0
				t.pool.drop(e.frame())
			}
		}
	} else {
		for i, k := range n.kid {
			if k != nil {
				n.kid[i] = nil
				t.release(k)
			}
		}
	}
	t.pool.nodes.put(n)
}
