package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"emurun/server/api"
	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// catalog knows which chunk is in which pack: of the packs that this store wrote, from
// memory; of those of checkpoints that were opened, from their indexes, as far as needed.
type catalog struct {
	s      *Store
	packs  []*remote
	byName map[snapshot.Hash]*remote
	opened map[snapshot.Hash]bool          // checkpoints whose packs are known
	mine   map[snapshot.Hash]snapshot.Hash // chunk to pack, of what this store wrote
	hit    int
	cache  cache
}

// remote is a pack on the server.
type remote struct {
	name  snapshot.Hash
	job   string // of a checkpoint that names it
	free  bool   // no checkpoint is known that does
	own   bool   // this store wrote it
	size  int64
	index *pack.Index // nil until it is needed
	bad   error       // why the index cannot be read
	asked int         // frames
}

func newCatalog(s *Store) *catalog {
	return &catalog{s: s, byName: map[snapshot.Hash]*remote{}, opened: map[snapshot.Hash]bool{}, mine: map[snapshot.Hash]snapshot.Hash{}}
}

func (c *catalog) enter(r *remote) {
	if old := c.byName[r.name]; old != nil {
		if old.free && !r.free {
			old.free, old.job = false, r.job
		}
		return
	}
	c.byName[r.name] = r
	c.packs = append(c.packs, r)
}

// wrote enters a pack that this store wrote.
func (c *catalog) wrote(name snapshot.Hash, x *pack.Index, size int64) {
	c.enter(&remote{name: name, free: true, size: size})
	r := c.byName[name]
	r.own, r.index, r.bad = true, x, nil
	for _, chunk := range x.Chunks {
		c.mine[chunk.Hash] = name
	}
}

// moved notes that a checkpoint of job has these packs.
func (c *catalog) moved(job string, names map[snapshot.Hash]bool, inline *inlined) {
	for name := range names { // order: each alone
		if r := c.byName[name]; r != nil {
			r.job, r.free = job, false
		}
	}
	if inline != nil {
		if r := c.byName[inline.name]; r != nil {
			r.job, r.free = job, false
		}
	}
}

// has returns the pack of a chunk that this store wrote.
func (c *catalog) has(h snapshot.Hash) (snapshot.Hash, bool) {
	name, ok := c.mine[h]
	return name, ok
}

// load makes the packs of a checkpoint known.
func (c *catalog) load(id snapshot.Hash) error {
	if c.opened[id] || id == c.s.last {
		return nil
	}
	return c.reload(id)
}

func (c *catalog) reload(id snapshot.Hash) error {
	var t api.Table
	if err := c.s.c.JSON(context.Background(), http.MethodGet, api.CheckpointPath(id)+"/packs", nil, &t); err != nil {
		return err
	}
	for _, p := range t.Packs {
		if p.Size < 0 || p.Size > snapshot.MaxManifest {
			return fmt.Errorf("checkpoint %v: pack %v of %d bytes: %w", id, p.Name, p.Size, snapshot.ErrCorrupt)
		}
		c.enter(&remote{name: p.Name, job: t.Job, size: p.Size})
	}
	c.opened[id] = true
	return nil
}

// find returns the pack of a chunk, and its place in the index.
func (c *catalog) find(h snapshot.Hash) (*remote, int, error) {
	if name, ok := c.mine[h]; ok {
		r := c.byName[name]
		at, _ := r.index.Find(h)
		return r, at, nil
	}
	var bad error
	for i := range c.packs {
		n := (c.hit + i) % len(c.packs)
		r := c.packs[n]
		if r.unread() {
			c.readIndexes(n)
		}
		if r.bad != nil {
			bad = r.bad
			continue
		}
		if at, ok := r.index.Find(h); ok {
			c.hit = n
			return r, at, nil
		}
	}
	if bad != nil {
		return nil, 0, fmt.Errorf("chunk %v may have been in a pack that cannot be read: %w", h, bad)
	}
	return nil, 0, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
}

// unread reports whether the index was not asked for yet.
func (r *remote) unread() bool { return r.index == nil && r.bad == nil }

// together is how many indexes are read at a time: who thaws a large machine has to look
// through hundreds for its first page.
const together = 16

// readIndexes reads the indexes of some packs from the nth on.
func (c *catalog) readIndexes(n int) {
	var group sync.WaitGroup
	started := 0
	for i := range c.packs {
		if r := c.packs[(n+i)%len(c.packs)]; r.unread() && started < together {
			started++
			group.Go(func() { c.readIndex(r) })
		}
	}
	group.Wait()
}

// readIndex reads the index of a pack, or notes why that is impossible.
func (c *catalog) readIndex(r *remote) {
	x, err := pack.ReadIndex(&ranges{c: c, r: r}, r.size)
	if err != nil {
		r.bad = fmt.Errorf("pack %v: %w", r.name, err)
		return
	}
	r.index = x
}

// get returns a chunk. The server may have moved it to another pack since its checkpoint
// was opened.
func (c *catalog) get(h snapshot.Hash) ([]byte, error) {
	p, err := c.tryGet(h)
	if !errors.Is(err, snapshot.ErrNotFound) || len(c.opened) == 0 {
		return p, err
	}
	c.packs = slices.DeleteFunc(c.packs, func(r *remote) bool {
		if !r.own {
			delete(c.byName, r.name)
		}
		return !r.own
	})
	for id := range c.opened { // order: all of them
		if err := c.reload(id); err != nil && !errors.Is(err, snapshot.ErrNotFound) {
			return nil, err
		}
	}
	return c.tryGet(h)
}

func (c *catalog) tryGet(h snapshot.Hash) ([]byte, error) {
	r, at, err := c.find(h)
	if err != nil {
		return nil, err
	}
	chunk := r.index.Chunks[at]
	raw, err := c.frame(r, chunk.Frame)
	if err == nil {
		var p []byte
		if p, err = chunk.In(raw); err == nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("chunk %v in pack %v: %w", h, r.name, err)
}
