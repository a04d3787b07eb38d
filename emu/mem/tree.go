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

// pte is an entry of a leaf: a frame, and whether its content may have to be loaded.
type pte uint32

const pteLazy pte = 1 << 31

func (e pte) frame() Frame { return Frame(e &^ pteLazy) }

// node is an inner node (kid) or a leaf (page) of a tree. A node with more than one
// reference, or below such a node, is shared with another tree or a view and never changed.
type node struct {
	kid    *[fan]*node
	page   *[fan]pte
	refs   int32
	epoch  uint32 // of the last change below
	pages  int    // entries below that are not 0, or unknown
	source uint32 // where the entries are, if they are not here yet: a position in Pool.sources, plus 1
	sums   nodeSums
}

// unknown is the number of pages below a node that was thawed and not loaded.
const unknown = -1

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
		n.refs, n.epoch, n.pages = 1, epoch, 0
		n.sums.set(nil)
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

// arrays returns the empty entries of a node.
func (st *nodeStore) arrays(level int) (*[fan]*node, *[fan]pte) {
	n := st.get(level, 0)
	return n.kid, n.page
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
	pool  *Pool
	root  *node
	pages int // entries that are not 0; the pool is charged for them
	hot   [8]hotLeaf
}

// hotLeaf is a leaf that was used lately; key is its page number >> fanShift, plus 1.
type hotLeaf struct {
	key  uint64
	leaf *node
	own  bool // nothing on the path is shared
}

// len returns the number of pages in the tree.
func (t *tree) len() int { return t.pages }

func (t *tree) cool() { t.hot = [8]hotLeaf{} }

// get returns entry i.
func (t *tree) get(i uint64) pte {
	key := i >> fanShift
	h := &t.hot[key&7]
	if h.key == key+1 {
		return h.leaf.page[i&fanMask]
	}
	n := t.root
	for level := levels - 1; n != nil; level-- {
		if n.source != 0 {
			t.pool.load(n, level)
		}
		if level == 0 {
			break
		}
		n = n.kid[i>>(level*fanShift)&fanMask]
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
		if n != nil && n.source != 0 {
			t.pool.load(n, level)
		}
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

// copyNode returns a copy of n, which is loaded and keeps its other references; what is
// below is shared from now on.
func (t *tree) copyNode(n *node) *node {
	n.refs--
	level := 1
	if n.page != nil {
		level = 0
	}
	c := t.pool.nodes.get(level, n.epoch)
	c.pages = n.pages
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

// charge adds d to the number of pages.
func (t *tree) charge(d int) {
	t.pages += d
	t.pool.used += d
}

// count adds d to the page counts on the path to i, which is owned.
func (t *tree) count(i uint64, d int) {
	t.charge(d)
	n := t.root
	for shift := (levels - 1) * fanShift; ; shift -= fanShift {
		if n.pages != unknown {
			n.pages += d
		}
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

// each calls f for the entries from lo to hi-1 that are not 0, in ascending order,
// until it returns false.
func (t *tree) each(lo, hi uint64, f func(i uint64, e pte) bool) {
	if t.root != nil && lo < hi {
		t.pool.each(t.root, levels-1, 0, lo, hi, f)
	}
}

// each visits what is below n, whose first page number is base.
func (p *Pool) each(n *node, level int, base, lo, hi uint64, f func(uint64, pte) bool) bool {
	if n.source != 0 {
		p.load(n, level)
	}
	step := uint64(1) << (level * fanShift)
	first, last := n.clip(base, step, lo, hi)
	for i := first; i <= last; i++ {
		at := base + uint64(i)*step
		if level == 0 {
			if e := n.page[i]; e != 0 && !f(at, e) {
				return false
			}
		} else if k := n.kid[i]; k != nil && !p.each(k, level-1, at, lo, hi, f) {
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
	t.pool.used += t.pages
	return tree{pool: t.pool, root: t.root, pages: t.pages}
}

// drop empties the tree.
func (t *tree) drop() {
	if t.root != nil {
		t.pool.release(t.root)
	}
	t.root = nil
	t.charge(-t.pages)
	t.cool()
}

// release takes a reference from n and frees what only it held.
func (p *Pool) release(n *node) {
	if n.refs--; n.refs > 0 || n.source != 0 {
		return
	}
	if n.page != nil {
		for i, e := range n.page {
			if e != 0 {
				n.page[i] = 0
				p.drop(e.frame())
			}
		}
	} else {
		for i, k := range n.kid {
			if k != nil {
				n.kid[i] = nil
				p.release(k)
			}
		}
	}
	p.nodes.put(n)
}
