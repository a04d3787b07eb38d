package client

import (
	"context"
	"net/http"
	"sync"
	"time"

	"emurun/server/api"
	"emurun/snapshot"
)

// parallel is how many packs are on their way at a time.
const parallel = 4

// patience returns how long n bytes may take.
func patience(n int) time.Duration {
	return 30*time.Second + time.Duration(n/(64<<10))*time.Second
}

// PutPack puts a pack.
func (c *Client) PutPack(ctx context.Context, name snapshot.Hash, p []byte) error {
	return c.do(ctx, call{method: http.MethodPut, path: api.PackPath(name), body: p, kind: "application/octet-stream", patience: patience(len(p))})
}

// Missing returns those of names that have to be put.
func (c *Client) Missing(ctx context.Context, names []snapshot.Hash) ([]snapshot.Hash, error) {
	var a api.Missing
	err := c.JSON(ctx, http.MethodPost, api.MissingPath, api.Missing{Packs: names}, &a)
	return a.Packs, err
}

// uploads are packs on their way.
type uploads struct {
	c     *Client
	slots chan struct{}
	group sync.WaitGroup

	mu     sync.Mutex
	flying map[snapshot.Hash][]byte
	err    error // the first
}

func newUploads(c *Client) *uploads {
	return &uploads{c: c, slots: make(chan struct{}, parallel), flying: map[snapshot.Hash][]byte{}}
}

// start sends a pack; it waits while too many are on their way. If ask, it asks first
// whether the server has it: an earlier attempt may have sent it.
func (u *uploads) start(name snapshot.Hash, p []byte, ask bool) {
	u.slots <- struct{}{}
	u.mu.Lock()
	u.flying[name] = p
	u.mu.Unlock()
	u.group.Go(func() {
		err := u.send(name, p, ask)
		u.mu.Lock()
		delete(u.flying, name)
		if u.err == nil {
			u.err = err
		}
		u.mu.Unlock()
		<-u.slots
	})
}

func (u *uploads) send(name snapshot.Hash, p []byte, ask bool) error {
	ctx := context.Background()
	if ask {
		missing, err := u.c.Missing(ctx, []snapshot.Hash{name})
		if err == nil && len(missing) == 0 {
			return nil
		}
	}
	return u.c.PutPack(ctx, name, p)
}

// get returns a pack that is still on its way.
func (u *uploads) get(name snapshot.Hash) []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.flying[name]
}

// failed returns the first error so far.
func (u *uploads) failed() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

// wait returns when all have arrived, with the first error, and forgets it.
func (u *uploads) wait() error {
	u.group.Wait()
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.err
	u.err = nil
	return err
}
