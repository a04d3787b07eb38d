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

// catalog knows which chunk is in which pack. It reads the indexes of packs newest
// first, and only as far as it must to find what it is asked for.
type catalog struct {
	files  files
	listed bool
	known  map[string]bool
	unread []string // packs whose indexes have not been read, oldest first
	packs  []packFile
	where  map[snapshot.Hash]place
	bad    error // why the index of a pack cannot be read
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
		c.known, c.where = map[string]bool{}, map[snapshot.Hash]place{}
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
	n := int32(len(c.packs))
	c.packs = append(c.packs, packFile{name, x})
	for i := range x.Chunks {
		if _, ok := c.where[x.Chunks[i].Hash]; !ok {
			c.where[x.Chunks[i].Hash] = place{n, int32(i)}
		}
	}
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

// has reports whether there is a chunk named h.
func (c *catalog) has(h snapshot.Hash) (bool, error) {
	if err := c.ensureListed(); err != nil {
		return false, err
	}
	for {
		if _, ok := c.where[h]; ok || len(c.unread) == 0 {
			return ok, nil
		}
		if err := c.readIndex(); err != nil {
			return false, err
		}
	}
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
	if ok, err := c.has(h); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
	}
	at := c.where[h]
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
