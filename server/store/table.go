package store

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// tableMagic begins a table, followed by a version.
const (
	tableMagic   = "EMURTABL"
	tableVersion = 1
	tableEntry   = snapshot.HashSize + 8
	maxTable     = MaxPack/tableEntry - 1
)

// table is the packs that have the chunks of a checkpoint, ascending by name. It is a pack
// itself.
type table []PackSize

// PackSize is a pack and its size.
type PackSize struct {
	Name snapshot.Hash
	Size int64
}

func compareNames(a, b PackSize) int { return bytes.Compare(a.Name[:], b.Name[:]) }

// encode returns the bytes of t.
func (t table) encode() []byte {
	e := wire.NewEncoder(make([]byte, 0, len(tableMagic)+8+len(t)*tableEntry))
	e.Fixed([]byte(tableMagic))
	e.Uint32(tableVersion)
	e.Count(len(t))
	for _, p := range t {
		e.Fixed(p.Name[:])
		e.Int64(p.Size)
	}
	return e.Encoding()
}

// decodeTable reads what encode writes.
func decodeTable(p []byte) (table, error) {
	if len(p) < len(tableMagic) || string(p[:len(tableMagic)]) != tableMagic {
		return nil, fmt.Errorf("no table of packs: it does not begin with %q: %w", tableMagic, ErrCorrupt)
	}
	d := wire.NewDecoder(p[len(tableMagic):])
	if v := d.Uint32(); v != tableVersion {
		return nil, fmt.Errorf("table of packs: format version %d, this emusrv reads %d: %w", v, tableVersion, ErrVersion)
	}
	t := make(table, d.Count(maxTable, tableEntry))
	for i := range t {
		d.Fixed(t[i].Name[:])
		t[i].Size = d.Int64()
		if i > 0 && compareNames(t[i-1], t[i]) >= 0 || t[i].Size < 0 || t[i].Size > MaxPack {
			d.Fail("entry %d is out of order, or its size %d is", i, t[i].Size)
		}
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("table of packs: %w", err)
	}
	return t, nil
}

// with returns t and more as one table, and how many bytes more adds.
func (t table) with(more table) (table, int64) {
	all, added := slices.Clone(t), int64(0)
	for _, p := range more {
		if !t.has(p.Name) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, compareNames)
	all = slices.CompactFunc(all, func(a, b PackSize) bool { return a.Name == b.Name })
	added = all.bytes() - t.bytes()
	return all, added
}

// has reports whether the pack is in t.
func (t table) has(name snapshot.Hash) bool {
	_, ok := slices.BinarySearchFunc(t, PackSize{Name: name}, compareNames)
	return ok
}

// bytes returns the size of all packs.
func (t table) bytes() int64 {
	n := int64(0)
	for _, p := range t {
		n += p.Size
	}
	return n
}

// table returns the table of a checkpoint.
func (s *Store) table(c *CheckpointRecord) (table, error) {
	if t := s.packs.tables.get(c.Table); t != nil {
		return t, nil
	}
	p, err := s.packs.get(c.Table)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %v: table of packs: %w", c.ID, err)
	}
	t, err := decodeTable(p)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %v: %w", c.ID, err)
	}
	s.packs.tables.put(c.Table, t)
	return t, nil
}

// maxCached bounds the entries of the tables that are remembered: 20 MiB.
const maxCached = 1 << 19

// tableCache remembers tables, which are asked for with every pack that is read.
type tableCache struct {
	mu      sync.Mutex
	tables  map[snapshot.Hash]table
	entries int
}

func (c *tableCache) get(name snapshot.Hash) table {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tables[name]
}

// put remembers t; when it is full it begins anew.
func (c *tableCache) put(name snapshot.Hash, t table) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tables == nil || c.entries+len(t) > maxCached {
		c.tables, c.entries = map[snapshot.Hash]table{}, 0
	}
	if _, ok := c.tables[name]; !ok {
		c.tables[name] = t
		c.entries += len(t) + 1
	}
}
