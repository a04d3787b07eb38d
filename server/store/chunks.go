package store

import (
	"fmt"

	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// chunks finds chunks in the packs of a table, and notes which packs it needed. It is a
// snapshot.Getter of one goroutine.
type chunks struct {
	packs *packs
	table table
	index []*pack.Index // nil where it has not been read
	used  []bool
	hit   int
	bad   error // why an index cannot be read
	// The frame that was read last.
	raw   []byte
	at    int
	frame uint32
}

func (s *Store) chunks(t table) *chunks {
	return &chunks{packs: s.packs, table: t, index: make([]*pack.Index, len(t)), used: make([]bool, len(t)), at: -1}
}

// find returns the pack of a chunk, and its place in the index. What was found last is in
// the same pack more often than not.
func (c *chunks) find(h snapshot.Hash) (int, int, error) {
	for i := range c.table {
		n := (c.hit + i) % len(c.table)
		x, err := c.indexOf(n)
		if err != nil {
			c.bad = err
			continue
		}
		if at, ok := x.Find(h); ok {
			c.hit = n
			c.used[n] = true
			return n, at, nil
		}
	}
	if c.bad != nil {
		return 0, 0, fmt.Errorf("chunk %v may have been in a damaged pack: %w", h, c.bad)
	}
	return 0, 0, fmt.Errorf("chunk %v: %w", h, ErrNotFound)
}

func (c *chunks) indexOf(n int) (*pack.Index, error) {
	if c.index[n] != nil {
		return c.index[n], nil
	}
	name := c.table[n].Name
	f, err := c.packs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x, err := pack.ReadIndex(f, f.Size())
	if err != nil {
		return nil, fmt.Errorf("pack %v: %w", name, err)
	}
	c.index[n] = x
	return x, nil
}

// Get implements snapshot.Getter.
func (c *chunks) Get(h snapshot.Hash) ([]byte, error) {
	n, at, err := c.find(h)
	if err != nil {
		return nil, err
	}
	chunk := c.index[n].Chunks[at]
	if c.at != n || c.frame != chunk.Frame {
		if err := c.read(n, chunk.Frame); err != nil {
			return nil, fmt.Errorf("chunk %v in pack %v: %w", h, c.table[n].Name, err)
		}
	}
	p, err := chunk.In(c.raw)
	if err != nil {
		return nil, fmt.Errorf("pack %v: %w", c.table[n].Name, err)
	}
	return p, nil
}

// read reads a frame.
func (c *chunks) read(n int, frame uint32) error {
	f, err := c.packs.Open(c.table[n].Name)
	if err != nil {
		return err
	}
	defer f.Close()
	c.at = -1
	fr := c.index[n].Frames[frame]
	p := make([]byte, fr.Size)
	if _, err := f.ReadAt(p, int64(fr.Offset)); err != nil {
		return err
	}
	if c.raw, err = fr.Open(p); err != nil {
		return err
	}
	c.at, c.frame = n, frame
	return nil
}

// needed returns the packs that were needed.
func (c *chunks) needed() table {
	var t table
	for i, p := range c.table {
		if c.used[i] {
			t = append(t, p)
		}
	}
	return t
}
