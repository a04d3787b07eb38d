package dirstore

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// catalog knows which chunk is in which pack. For who only reads it reads the indexes of
// packs newest first, and as far as it must: a thaw begins before it knows all pages.
type catalog struct {
	files  files
	listed bool
	known  map[string]bool
	unread []string // packs whose indexes have not been read, oldest first
	packs  []packFile
	hit    int                     // the pack in which a chunk was found last
	where  map[snapshot.Hash]place // nil until something is written
	bad    error                   // why the index of a pack cannot be read
	last   uint64
	frames frameCache
}

type packFile struct {
	name  string
	index *pack.Index
}

// place is where a chunk is: in packs, and in the index of that pack.
type place struct{ pack, chunk int32 }

// reset forgets everything.
func (c *catalog) reset() { *c = catalog{files: c.files} }

// list looks for packs that are not known yet.
func (c *catalog) list() error {
	names, err := c.files.List(packDir)
	if err != nil {
		return err
	}
	if c.known == nil {
		c.known = map[string]bool{}
	}
	slices.Sort(names)
	for _, n := range names {
		if c.known[n] || !strings.HasSuffix(n, packExt) {
			continue
		}
		c.known[n] = true
		c.unread = append(c.unread, n)
		number, _, _ := strings.Cut(n, "-")
		if v, err := strconv.ParseUint(number, 16, 64); err == nil {
			c.last = max(c.last, v)
		}
	}
	c.listed = true
	return nil
}

// refresh takes in what other writers did.
func (c *catalog) refresh() error {
	names, err := c.files.List(packDir)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, n := range names {
		there[n] = true
	}
	for n := range c.known {
		if !there[n] { // somebody collected
			c.reset()
			break
		}
	}
	if c.where == nil {
		return nil // who writes reads all
	}
	if err := c.list(); err != nil {
		return err
	}
	return c.readAll()
}

// ensureListed calls list unless it has been called.
func (c *catalog) ensureListed() error {
	if c.listed {
		return nil
	}
	return c.list()
}

// nextName returns the name of a new pack, behind all others. list has been called.
func (c *catalog) nextName(h snapshot.Hash) string {
	c.last++
	return fmt.Sprintf("%08x-%v%s", c.last, h, packExt)
}

// add enters a pack.
func (c *catalog) add(name string, x *pack.Index) {
	c.known[name] = true
	c.packs = append(c.packs, packFile{name, x})
	if c.where != nil {
		c.enter(len(c.packs) - 1)
	}
}

// enter enters the chunks of pack n in the map.
func (c *catalog) enter(n int) {
	for i, chunk := range c.packs[n].index.Chunks {
		if _, ok := c.where[chunk.Hash]; !ok {
			c.where[chunk.Hash] = place{int32(n), int32(i)}
		}
	}
}

// readAll reads all indexes and makes the map: who writes asks for many chunks that
// are not there.
func (c *catalog) readAll() error {
	if err := c.ensureListed(); err != nil {
		return err
	}
	for len(c.unread) > 0 {
		if err := c.readIndex(); err != nil {
			return err
		}
	}
	if c.where == nil {
		c.where = map[snapshot.Hash]place{}
		for n := range c.packs {
			c.enter(n)
		}
	}
	return nil
}

// readIndex reads the index of the newest unread pack.
func (c *catalog) readIndex() error {
	name := c.unread[len(c.unread)-1]
	x, err := readPackIndex(c.files, name)
	switch {
	case errors.Is(err, snapshot.ErrCorrupt) || errors.Is(err, snapshot.ErrVersion):
		c.bad = fmt.Errorf("pack %s: %w", name, err)
	case errors.Is(err, fs.ErrNotExist): // collected meanwhile
	case err != nil:
		return err
	default:
		c.add(name, x)
	}
	c.unread = c.unread[:len(c.unread)-1]
	return nil
}

func readPackIndex(f files, name string) (*pack.Index, error) {
	r, size, err := f.Open(packDir + "/" + name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return pack.ReadIndex(r, size)
}

// has reports whether there is a chunk named h, for who writes.
func (c *catalog) has(h snapshot.Hash) (bool, error) {
	err := c.readAll()
	_, ok := c.where[h]
	return ok, err
}

// find returns where the chunk named h is. Chunks that are used together are in the
// same pack, so few packs are looked at.
func (c *catalog) find(h snapshot.Hash) (place, bool, error) {
	if c.where != nil {
		err := c.readAll() // what list found meanwhile
		at, ok := c.where[h]
		return at, ok, err
	}
	if err := c.ensureListed(); err != nil {
		return place{}, false, err
	}
	for i := range c.packs {
		n := (c.hit + i) % len(c.packs)
		if at, ok := c.findIn(n, h); ok {
			return at, true, nil
		}
	}
	for len(c.unread) > 0 {
		before := len(c.packs)
		if err := c.readIndex(); err != nil {
			return place{}, false, err
		}
		if len(c.packs) == before {
			continue
		}
		if at, ok := c.findIn(before, h); ok {
			return at, true, nil
		}
	}
	return place{}, false, nil
}

func (c *catalog) findIn(n int, h snapshot.Hash) (place, bool) {
	i, ok := c.packs[n].index.Find(h)
	if ok {
		c.hit = n
	}
	return place{int32(n), int32(i)}, ok
}

// get returns the chunk named h. Another process may have written it since the last
// list, or have moved it to another pack.
func (c *catalog) get(h snapshot.Hash) ([]byte, error) {
	p, err := c.tryGet(h)
	switch {
	case errors.Is(err, snapshot.ErrNotFound):
		err = c.list()
	case errors.Is(err, fs.ErrNotExist):
		c.reset()
		err = nil
	default:
		return p, err
	}
	if err != nil {
		return nil, err
	}
	if p, err = c.tryGet(h); errors.Is(err, snapshot.ErrNotFound) && c.bad != nil {
		return nil, fmt.Errorf("chunk %v may have been in a damaged pack: %w", h, c.bad)
	}
	return p, err
}

func (c *catalog) tryGet(h snapshot.Hash) ([]byte, error) {
	at, ok, err := c.find(h)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
	}
	file := &c.packs[at.pack]
	chunk := file.index.Chunks[at.chunk]
	raw, err := c.frames.get(c.files, file, chunk.Frame)
	if err == nil {
		var p []byte
		if p, err = chunk.In(raw); err == nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("chunk %v in pack %s: %w", h, file.name, err)
}
