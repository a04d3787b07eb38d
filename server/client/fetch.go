package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"emurun/server/api"
	"emurun/snapshot"
)

// How packs are fetched. One page of a pack is asked for by range; who asks for more of
// it gets all of it.
const (
	wholePack  = 256 << 10 // bytes up to which a pack is fetched whole
	tailSize   = 64 << 10  // what is fetched for the index at first
	wholeAfter = 3         // frames after which the rest of the pack is fetched
	cacheBytes = 64 << 20  // of packs and frames that are remembered
)

func (r *remote) path() string {
	if r.free {
		return api.PackPath(r.name)
	}
	return api.JobPackPath(r.job, r.name)
}

// fetch returns bytes of a pack, from the cache, from what is on its way, or by range.
func (c *catalog) fetch(r *remote, from, n int64) ([]byte, error) {
	if p := c.s.uploads.get(r.name); p != nil {
		return p[from : from+n], nil
	}
	if p, ok := c.cache.get(cacheKey{r.name, -1}); ok {
		return p[from : from+n], nil
	}
	if r.size <= wholePack || r.asked > wholeAfter {
		p, err := c.download(r, 0, r.size)
		if err != nil {
			return nil, err
		}
		if snapshot.Sum(p) != r.name {
			return nil, fmt.Errorf("its bytes have another hash: %w", snapshot.ErrCorrupt)
		}
		c.cache.put(cacheKey{r.name, -1}, p)
		return p[from : from+n], nil
	}
	return c.download(r, from, n)
}

// download asks the server.
func (c *catalog) download(r *remote, from, n int64) ([]byte, error) {
	q := call{method: http.MethodGet, path: r.path(), patience: patience(int(n)), header: http.Header{}}
	if n == 0 {
		return nil, nil
	}
	want := http.StatusOK
	if n < r.size {
		q.header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
		want = http.StatusPartialContent
	}
	p := make([]byte, n)
	q.take = func(a *http.Response) error {
		if a.StatusCode != want || a.ContentLength != n {
			return fmt.Errorf("status %s with %d bytes, %d were asked for", a.Status, a.ContentLength, n)
		}
		_, err := io.ReadFull(a.Body, p)
		return err
	}
	return p, c.s.c.do(context.Background(), q)
}

// frame returns a decompressed frame.
func (c *catalog) frame(r *remote, frame uint32) ([]byte, error) {
	key := cacheKey{r.name, int(frame)}
	if p, ok := c.cache.get(key); ok {
		return p, nil
	}
	r.asked++
	f := r.index.Frames[frame]
	p, err := c.fetch(r, int64(f.Offset), int64(f.Size))
	if err != nil {
		return nil, err
	}
	raw, err := f.Open(p)
	if err == nil {
		c.cache.put(key, raw)
	}
	return raw, err
}

// ranges reads a pack by range, its end in one piece.
type ranges struct {
	c    *catalog
	r    *remote
	tail []byte
}

// ReadAt implements io.ReaderAt.
func (g *ranges) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > g.r.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), g.r.size-off)
	start := max(g.r.size-tailSize, 0)
	if off >= start && g.tail == nil {
		tail, err := g.c.fetch(g.r, start, g.r.size-start)
		if err != nil {
			return 0, err
		}
		g.tail = tail
	}
	from := g.tail
	if off >= start {
		from = from[off-start:]
	} else {
		var err error
		if from, err = g.c.fetch(g.r, off, n); err != nil {
			return 0, err
		}
	}
	copy(p, from[:n])
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// cacheKey names a frame of a pack, or all of it with frame -1.
type cacheKey struct {
	pack  snapshot.Hash
	frame int
}

// cache remembers packs and frames, the newest at the end.
type cache struct {
	mu    sync.Mutex
	items map[cacheKey][]byte
	order []cacheKey
	bytes int
}

func (c *cache) get(k cacheKey) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.items[k]
	return p, ok
}

// put remembers p, and forgets what was put longest ago.
func (c *cache) put(k cacheKey, p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items = map[cacheKey][]byte{}
	}
	if _, ok := c.items[k]; ok {
		return
	}
	c.items[k] = p
	c.order = append(c.order, k)
	c.bytes += len(p)
	for c.bytes > cacheBytes && len(c.order) > 1 {
		old := c.order[0]
		c.order = c.order[1:]
		c.bytes -= len(c.items[old])
		delete(c.items, old)
	}
}
