package record

import (
	"fmt"
	"iter"
	"slices"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// Update implements wire.Sink.
func (x *Writer) Update(old wire.Sum, pages iter.Seq2[uint64, *[wire.PageSize]byte]) (wire.Sum, error) {
	t := snapshot.OpenTable(x, snapshot.Hash(old))
	for i, page := range pages {
		var err error
		if page == nil {
			err = t.Set(i, snapshot.Hash{})
		} else {
			err = t.SetPage(tables{x}, i, page)
		}
		if err != nil {
			return wire.Sum{}, err
		}
	}
	root, err := t.Flush(tables{x})
	return wire.Sum(root), err
}

// tables puts the parts of page tables, and keeps the nodes, which the next update reads.
type tables struct{ x *Writer }

// Put implements snapshot.Putter.
func (t tables) Put(h snapshot.Hash, p []byte) error {
	if len(p) != wire.PageSize { // no node is as long as a page
		t.x.nodes[h] = slices.Clone(p)
	}
	return t.x.Put(wire.Sum(h), p)
}

// Get implements snapshot.Getter for the nodes of page tables.
func (x *Writer) Get(h snapshot.Hash) ([]byte, error) {
	if p, ok := x.nodes[h]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
}

// Source returns the contents in a section called name.
func (s *Seen) Source(from snapshot.Getter, name string) (wire.Source, error) {
	for _, x := range s.Sections {
		if x.Name == name {
			return &source{from, x, snapshot.OpenTable(from, x.Root)}, nil
		}
	}
	return nil, fmt.Errorf("section %s: %w", name, snapshot.ErrNotFound)
}

// source is the contents in a section. It implements wire.Source.
type source struct {
	from    snapshot.Getter
	section snapshot.Section
	table   *snapshot.Table
}

// Root implements wire.Source.
func (s *source) Root() wire.Sum { return wire.Sum(s.section.Root) }

// Size implements wire.Source.
func (s *source) Size() uint64 { return s.section.Size }

// Page implements wire.Source.
func (s *source) Page(index uint64, dst *[wire.PageSize]byte) error { return s.table.Page(index, dst) }

// Chunk implements wire.Source.
func (s *source) Chunk(h wire.Sum) ([]byte, error) { return s.from.Get(snapshot.Hash(h)) }
