package snapshot

// Diff calls f for the pages that differ between a and b, in ascending order, with
// their hashes there; zero is a page of zeroes. What has the same hash in both is not
// read. Both must be flushed.
func Diff(a, b *Table, f func(index uint64, inA, inB Hash) error) error {
	return diff(a, b, a.root, b.root, levels-1, 0, f)
}

// diff compares the nodes m of a and n of b, either of which may be nil.
func diff(a, b *Table, m, n *node, level int, base uint64, f func(uint64, Hash, Hash) error) error {
	if sumOf(m) == sumOf(n) {
		return nil
	}
	m, err := a.loadOrEmpty(m, level)
	if err != nil {
		return err
	}
	if n, err = b.loadOrEmpty(n, level); err != nil {
		return err
	}
	for i := range fan {
		at := base + uint64(i)<<(level*fanShift)
		if level > 0 {
			err = diff(a, b, m.kid[i], n.kid[i], level-1, at, f)
		} else if m.page[i] != n.page[i] {
			err = f(at, m.page[i], n.page[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sumOf returns the hash of n, zero if there is no node.
func sumOf(n *node) Hash {
	if n == nil {
		return Hash{}
	}
	return n.sum
}

// loadOrEmpty returns n with its entries known; an empty node if it is nil.
func (t *Table) loadOrEmpty(n *node, level int) (*node, error) {
	if n == nil {
		return newNode(level), nil
	}
	return n, t.load(n, level)
}
