package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// ContentsVersion is the version of the sections beside the machine's: arrays of pages.
const ContentsVersion = 1

// putAll puts a frozen machine's sections and returns them, sorted.
func putAll(f *machine.Frozen, from snapshot.Getter, to snapshot.Putter) ([]snapshot.Section, error) {
	machine, err := snapshot.PutSection(to, machine.Section, machine.SectionVersion, f.Graph.Encoding)
	if err != nil {
		return nil, err
	}
	sections := []snapshot.Section{machine}
	for _, c := range f.Graph.Contents {
		root, err := c.Store(sink{from, to})
		if err != nil {
			return nil, fmt.Errorf("section %s: %w", c.Name, err)
		}
		sections = append(sections, snapshot.Section{Name: c.Name, Version: ContentsVersion, Size: c.Size(), Root: root})
	}
	slices.SortFunc(sections, func(a, b snapshot.Section) int { return cmp.Compare(a.Name, b.Name) })
	return sections, nil
}

// sink is where contents go: the way from package wire to a store.
type sink struct {
	from snapshot.Getter
	to   snapshot.Putter
}

// Put implements wire.Sink.
func (s sink) Put(h wire.Sum, p []byte) error { return s.to.Put(h, p) }

// Update implements wire.Sink.
func (s sink) Update(old wire.Sum, pages iter.Seq2[uint64, *[wire.PageSize]byte]) (wire.Sum, error) {
	t := snapshot.OpenTable(s.from, old)
	for i, page := range pages {
		var err error
		if page == nil {
			err = t.Set(i, snapshot.Hash{})
		} else {
			err = t.SetPage(s.to, i, page)
		}
		if err != nil {
			return wire.Sum{}, err
		}
	}
	root, err := t.Flush(s.to)
	return wire.Sum(root), err
}

// counted counts what goes into a store.
type counted struct {
	snapshot.Putter
	n *atomic.Int64
}

// Put implements snapshot.Putter.
func (c counted) Put(h snapshot.Hash, p []byte) error {
	c.n.Add(int64(len(p)))
	return c.Putter.Put(h, p)
}

// State returns the state hash of a frozen machine, and what its manifest says of it.
// from has what was committed before; nil for nothing. The machine is not released.
func State(f *machine.Frozen, from snapshot.Getter) (*snapshot.Manifest, error) {
	n := nodes{from, map[snapshot.Hash][]byte{}}
	sections, err := putAll(f, n, n)
	if err != nil {
		return nil, err
	}
	return &snapshot.Manifest{Step: f.Step, Sections: sections}, nil
}

// nodes is a store that only keeps what is no page, for hashing without storing.
type nodes struct {
	from snapshot.Getter
	kept map[snapshot.Hash][]byte
}

// Put implements snapshot.Putter. No node of a page table is as long as a page.
func (n nodes) Put(h snapshot.Hash, p []byte) error {
	if len(p) != wire.PageSize {
		n.kept[h] = slices.Clone(p)
	}
	return nil
}

// Get implements snapshot.Getter.
func (n nodes) Get(h snapshot.Hash) ([]byte, error) {
	if p, ok := n.kept[h]; ok {
		return p, nil
	}
	if n.from == nil {
		return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
	}
	return n.from.Get(h)
}

// RunSection is the name of the section that says how the run began, for the host that
// goes on with it. It is not state.
const RunSection = "@run"

// RunVersion is the version of that section.
const RunVersion = 1

// About returns what the section says of the run of m.
func About(from snapshot.Getter, m *snapshot.Manifest) ([]byte, error) {
	s, err := m.Section(RunSection)
	if err != nil {
		return nil, err
	}
	if err := known(s, RunVersion); err != nil {
		return nil, err
	}
	return snapshot.GetSection(from, s, maxAbout)
}

// maxAbout bounds that section.
const maxAbout = 64 << 20

// maxMachine bounds the section of the kernel's objects.
const maxMachine = 1 << 30

// Open returns what machine.Thaw needs of a checkpoint.
func Open(from snapshot.Getter, m *snapshot.Manifest) (*machine.Frozen, error) {
	s, err := m.Section(machine.Section)
	if err != nil {
		return nil, err
	}
	if err := known(s, machine.SectionVersion); err != nil {
		return nil, err
	}
	p, err := snapshot.GetSection(from, s, maxMachine)
	if err != nil {
		return nil, err
	}
	f := &machine.Frozen{Step: m.Step, Graph: &wire.Graph{Encoding: p}}
	f.Source = func(name string) (wire.Source, error) { return openSource(from, m, name) }
	return f, nil
}

// known returns an error unless a section has the version that is read.
func known(s snapshot.Section, version uint32) error {
	if s.Version == version {
		return nil
	}
	return fmt.Errorf("section %s has version %d and this emurun reads version %d: use the emurun that wrote it, or a newer one: %w",
		s.Name, s.Version, version, snapshot.ErrVersion)
}

// openSource returns the contents in the section called name.
func openSource(from snapshot.Getter, m *snapshot.Manifest, name string) (wire.Source, error) {
	s, err := m.Section(name)
	if err != nil {
		return nil, err
	}
	if err := known(s, ContentsVersion); err != nil {
		return nil, err
	}
	return &source{from, s, snapshot.OpenTable(from, s.Root)}, nil
}

// source is the contents in a section.
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
func (s *source) Page(index uint64, dst *[wire.PageSize]byte) error {
	return s.in(s.table.Page(index, dst))
}

// Chunk implements wire.Source.
func (s *source) Chunk(h wire.Sum) ([]byte, error) {
	p, err := s.from.Get(h)
	return p, s.in(err)
}

// in says in which section err happened.
func (s *source) in(err error) error {
	if err != nil && !errors.Is(err, snapshot.ErrNotFound) {
		return fmt.Errorf("section %s: %w", s.section.Name, err)
	} else if err != nil {
		return fmt.Errorf("section %s: %w: %w", s.section.Name, err, snapshot.ErrCorrupt)
	}
	return nil
}

// Store puts a frozen machine into a store at once and commits it, without a job. The machine is
// not released.
func Store(f *machine.Frozen, s snapshot.Store) (*snapshot.Manifest, error) {
	m, err := Put(f, s, s)
	if err != nil {
		return nil, err
	}
	_, err = s.Commit(m)
	return m, err
}

// Put puts a frozen machine without committing it. from has what was put of it before. The machine
// is not released.
func Put(f *machine.Frozen, from snapshot.Getter, to snapshot.Putter) (*snapshot.Manifest, error) {
	sections, err := putAll(f, from, to)
	return &snapshot.Manifest{Step: f.Step, Sections: sections}, err
}
