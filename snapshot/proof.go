package snapshot

import "fmt"

// Prove returns the nodes from the root to a page, which convince Check of its hash.
func (t *Table) Prove(index uint64) ([][]byte, error) {
	if _, err := t.Get(index); err != nil {
		return nil, err
	}
	var proof [][]byte
	for level, n := levels-1, t.root; n != nil; level-- {
		if n.dirty {
			return nil, fmt.Errorf("page %#x: the table has changed since its last Flush", index)
		}
		if p := n.encode(level); p != nil {
			proof = append(proof, p)
		}
		if level == 0 {
			break
		}
		n = n.kid[slot(index, level)]
	}
	return proof, nil
}

// Check returns the hash that a page has in the table with this root, zero if it is all
// zeroes, or ErrCorrupt if proof does not show it.
func Check(root Hash, index uint64, proof [][]byte) (Hash, error) {
	want, level := root, levels-1
	for ; !want.IsZero() && level >= 0; level-- {
		if len(proof) == 0 {
			return Hash{}, fmt.Errorf("proof of page %#x ends above level %d: %w", index, level, ErrCorrupt)
		}
		if Sum(proof[0]) != want {
			return Hash{}, fmt.Errorf("proof of page %#x has another node of level %d: %w", index, level, ErrCorrupt)
		}
		want = Hash{}
		err := entries(proof[0], level, func(i int, h Hash) error {
			if i == slot(index, level) {
				want = h
			}
			return nil
		})
		if err != nil {
			return Hash{}, err
		}
		proof = proof[1:]
	}
	if len(proof) > 0 || index >= MaxPages {
		return Hash{}, fmt.Errorf("proof of page %#x goes on behind its end: %w", index, ErrCorrupt)
	}
	return want, nil
}
