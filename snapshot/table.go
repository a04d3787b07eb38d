package snapshot

import "fmt"

// Table is the page table of a section. It reads the nodes that it needs, when it needs
// them, and after changes writes only those on the way to what changed.
type Table struct {
	from Getter
	root *node
}

// OpenTable returns the table with this root, an empty one if it is zero. It reads
// nothing yet.
func OpenTable(from Getter, root Hash) *Table {
	if root.IsZero() {
		return &Table{from, newNode(levels - 1)}
	}
	return &Table{from, &node{sum: root}}
}

// load makes the entries of n known.
func (t *Table) load(n *node, level int) error {
	if n.loaded {
		return nil
	}
	p, err := t.from.Get(n.sum)
	if err == nil {
		err = n.decode(p, level)
	}
	if err != nil {
		return fmt.Errorf("page table node %v: %w", n.sum, err)
	}
	return nil
}

// Get returns the hash of a page, zero if it is all zeroes.
func (t *Table) Get(index uint64) (Hash, error) {
	if index >= MaxPages {
		return Hash{}, notFound("page", fmt.Sprintf("%#x", index))
	}
	n := t.root
	for level := levels - 1; ; level-- {
		if err := t.load(n, level); err != nil {
			return Hash{}, err
		}
		i := slot(index, level)
		if level == 0 {
			return n.page[i], nil
		}
		if n = n.kid[i]; n == nil {
			return Hash{}, nil
		}
	}
}

// Set makes h the hash of a page; zero removes it.
func (t *Table) Set(index uint64, h Hash) error {
	if index >= MaxPages {
		return notFound("page", fmt.Sprintf("%#x", index))
	}
	if old, err := t.Get(index); err != nil || old == h {
		return err
	}
	n := t.root
	for level := levels - 1; ; level-- {
		n.dirty = true
		i := slot(index, level)
		if level == 0 {
			n.page[i] = h
			return nil
		}
		if n.kid[i] == nil {
			n.kid[i] = newNode(level - 1)
		}
		n = n.kid[i]
	}
}

// Flush puts the nodes that changed since the last Flush and returns the root. After
// an error it can be tried again.
func (t *Table) Flush(to Putter) (Hash, error) { return t.root.flush(to, levels-1) }

func (n *node) flush(to Putter, level int) (Hash, error) {
	if !n.dirty {
		return n.sum, nil
	}
	if level > 0 {
		for i, k := range n.kid {
			if k == nil {
				continue
			}
			sum, err := k.flush(to, level-1)
			if err != nil {
				return Hash{}, err
			}
			if sum.IsZero() {
				n.kid[i] = nil
			}
		}
	}
	sum := Hash{}
	if p := n.encode(level); p != nil {
		sum = Sum(p)
		if err := to.Put(sum, p); err != nil {
			return Hash{}, fmt.Errorf("page table node %v: %w", sum, err)
		}
	}
	n.sum, n.dirty = sum, false
	return sum, nil
}

// Each calls f for the pages that are not all zeroes, in ascending order.
func (t *Table) Each(f func(index uint64, h Hash) error) error { return t.each(t.root, levels-1, 0, f) }

func (t *Table) each(n *node, level int, base uint64, f func(uint64, Hash) error) error {
	if err := t.load(n, level); err != nil {
		return err
	}
	for i := range fan {
		at := base + uint64(i)<<(level*fanShift)
		var err error
		if level > 0 && n.kid[i] != nil {
			err = t.each(n.kid[i], level-1, at, f)
		} else if level == 0 && !n.page[i].IsZero() {
			err = f(at, n.page[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
