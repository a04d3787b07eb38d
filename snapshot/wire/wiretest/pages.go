package wiretest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"emurun/snapshot/wire"
)

// Pages is a store of contents in memory. It is a wire.Sink and a wire.Reopener. A
// root is the hash of the list of pages. The zero Pages is empty.
type Pages struct {
	mu     sync.Mutex
	pages  map[wire.Sum][]byte
	tables map[wire.Sum]map[uint64]wire.Sum
	taken  int
}

// Taken returns how many pages Update was given since it was last called.
func (p *Pages) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.taken
	p.taken = 0
	return n
}

// Put implements wire.Sink.
func (p *Pages) Put(h wire.Sum, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pages == nil {
		p.pages = map[wire.Sum][]byte{}
	}
	p.pages[h] = slices.Clone(b)
	return nil
}

// Update implements wire.Sink.
func (p *Pages) Update(old wire.Sum, pages iter.Seq2[uint64, *[wire.PageSize]byte]) (wire.Sum, error) {
	p.mu.Lock()
	table, ok := p.tables[old]
	p.mu.Unlock()
	if !ok && old != (wire.Sum{}) {
		return wire.Sum{}, fmt.Errorf("no root %x", old)
	}
	table = maps.Clone(table)
	if table == nil {
		table = map[uint64]wire.Sum{}
	}
	n := 0
	for i, page := range pages {
		n++
		delete(table, i)
		if page != nil && *page != [wire.PageSize]byte{} {
			table[i] = sha256.Sum256(page[:])
			if err := p.Put(table[i], page[:]); err != nil {
				return wire.Sum{}, err
			}
		}
	}
	var root wire.Sum
	if len(table) > 0 {
		h := sha256.New()
		for _, i := range slices.Sorted(maps.Keys(table)) {
			sum := table[i]
			h.Write(append(binary.LittleEndian.AppendUint64(nil, i), sum[:]...))
		}
		root = wire.Sum(h.Sum(nil))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tables == nil {
		p.tables = map[wire.Sum]map[uint64]wire.Sum{}
	}
	p.tables[root] = table
	p.taken += n
	return root, nil
}

// Source implements wire.Reopener.
func (p *Pages) Source(root wire.Sum, size uint64) wire.Source { return &source{p, root, size} }

// source is contents in a Pages.
type source struct {
	p    *Pages
	root wire.Sum
	size uint64
}

// Root implements wire.Source.
func (s *source) Root() wire.Sum { return s.root }

// Size implements wire.Source.
func (s *source) Size() uint64 { return s.size }

// Page implements wire.Source.
func (s *source) Page(i uint64, dst *[wire.PageSize]byte) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if i >= s.size/wire.PageSize {
		return fmt.Errorf("page %d of %d bytes", i, s.size)
	}
	clear(dst[:])
	copy(dst[:], s.p.pages[s.p.tables[s.root][i]])
	return nil
}

// Chunk implements wire.Source.
func (s *source) Chunk(h wire.Sum) ([]byte, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if c, ok := s.p.pages[h]; ok {
		return c, nil
	}
	return nil, errors.New("no such chunk")
}

// Snapshot is a frozen graph with its contents in a Pages.
type Snapshot struct {
	Encoding []byte
	Names    []string
	Roots    []wire.Sum
	Sizes    []uint64
	pages    *Pages
}

// Freeze freezes root and stores its contents, and commits them.
func (p *Pages) Freeze(t testing.TB, kinds *wire.Kinds, root wire.Object) *Snapshot {
	t.Helper()
	return p.freeze(t, kinds, root, true)
}

// Hash is Freeze that does not commit.
func (p *Pages) Hash(t testing.TB, kinds *wire.Kinds, root wire.Object) *Snapshot {
	t.Helper()
	return p.freeze(t, kinds, root, false)
}

func (p *Pages) freeze(t testing.TB, kinds *wire.Kinds, root wire.Object, commit bool) *Snapshot {
	t.Helper()
	g, err := wire.FreezeGraph(kinds, root)
	if err != nil {
		t.Fatalf("freeze %T: %v", root, err)
	}
	s := &Snapshot{Encoding: g.Encoding, pages: p}
	for _, c := range g.Contents {
		sum, err := c.Store(p)
		if err != nil {
			t.Fatalf("store %s: %v", c.Name, err)
		}
		s.Names, s.Roots, s.Sizes = append(s.Names, c.Name), append(s.Roots, sum), append(s.Sizes, c.Size())
	}
	for _, c := range g.Contents {
		c.Release(commit)
	}
	return s
}

// Thaw thaws s with the kinds of a fresh machine.
func (s *Snapshot) Thaw(t testing.TB, kinds *wire.Kinds) wire.Object {
	t.Helper()
	o, err := wire.ThawGraph(s.Encoding, kinds, s.Open)
	if err != nil {
		t.Fatalf("thaw: %v", err)
	}
	return o
}

// Open returns the contents called name.
func (s *Snapshot) Open(name string) (wire.Source, error) {
	i := slices.Index(s.Names, name)
	if i < 0 {
		return nil, fmt.Errorf("no contents %s", name)
	}
	return s.pages.Source(s.Roots[i], s.Sizes[i]), nil
}
