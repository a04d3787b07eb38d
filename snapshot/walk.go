package snapshot

import "fmt"

// Ref is a place where a manifest names a chunk.
type Ref struct {
	Section string
	Level   int    // of the node; -1 for a page
	Index   uint64 // the first page below
	Hash    Hash
}

// String returns the place in words.
func (r Ref) String() string {
	if r.Level < 0 {
		return fmt.Sprintf("section %s, page %#x, chunk %v", r.Section, r.Index, r.Hash)
	}
	return fmt.Sprintf("section %s, level %d of the page table at page %#x, chunk %v", r.Section, r.Level, r.Index, r.Hash)
}

// Walk calls visit for every chunk that m names, a node before what it names, which
// is only looked at if visit returns true for the node.
func Walk(from Getter, m *Manifest, visit func(Ref) (bool, error)) error {
	for _, s := range m.Sections {
		if s.Root.IsZero() {
			continue
		}
		if err := walk(from, Ref{s.Name, levels - 1, 0, s.Root}, visit); err != nil {
			return err
		}
	}
	return nil
}

func walk(from Getter, r Ref, visit func(Ref) (bool, error)) error {
	if down, err := visit(r); err != nil || !down || r.Level < 0 {
		return err
	}
	p, err := from.Get(r.Hash)
	if err != nil {
		return fmt.Errorf("%v: %w", r, err)
	}
	return entries(p, r.Level, func(i int, h Hash) error {
		at := r.Index + uint64(i)<<(r.Level*fanShift)
		return walk(from, Ref{r.Section, r.Level - 1, at, h}, visit)
	})
}

// Verify reads and hashes everything that m names. Pages in good were found good
// before; it adds to them. Its error names the first chunk that is missing or damaged.
func Verify(from Getter, m *Manifest, good map[Hash]bool) error {
	nodes := map[Hash]bool{}
	return Walk(from, m, func(r Ref) (bool, error) {
		seen := nodes
		if r.Level < 0 {
			seen = good
		}
		if seen[r.Hash] {
			return false, nil
		}
		if err := verify(from, r); err != nil {
			return false, fmt.Errorf("%v: %w", r, err)
		}
		seen[r.Hash] = true
		return true, nil
	})
}

// verify reads and hashes one chunk.
func verify(from Getter, r Ref) error {
	p, err := from.Get(r.Hash)
	if err != nil {
		return err
	}
	if r.Level < 0 && len(p) != PageSize || Sum(p) != r.Hash {
		return ErrCorrupt
	}
	return nil
}
