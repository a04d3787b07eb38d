package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"emurun/server/api"
	"emurun/snapshot"
	"emurun/snapshot/pack"
)

// Store is a snapshot.Store on a server. One goroutine at a time may use it.
type Store struct {
	c        *Client
	packSize int
	builder  *pack.Builder // chunks that were put and are in no pack
	uploads  *uploads
	catalog  *catalog
	last     snapshot.Hash          // the checkpoint committed last
	add      map[snapshot.Hash]bool // packs that the next commit needs besides
	ask      bool                   // what is put may have arrived in an earlier attempt
}

var _ snapshot.Store = (*Store)(nil)

// ErrAgain says that what was put since the last commit has to be put again.
var ErrAgain = errors.New("what was put since the last commit has to be put again")

// Store returns a store on the server.
func (c *Client) Store() *Store {
	s := &Store{c: c, packSize: pack.MaxSize, uploads: newUploads(c)}
	s.reset()
	return s
}

// reset forgets what was put since the last commit, and what could be built on.
func (s *Store) reset() {
	s.builder, s.last = nil, snapshot.Hash{}
	s.add = map[snapshot.Hash]bool{}
	s.catalog = newCatalog(s)
}

// Close waits for what is on its way. What was put since the last commit is lost.
func (s *Store) Close() error {
	err := s.uploads.wait()
	return errors.Join(err, s.c.Close())
}

// Get implements snapshot.Store.
func (s *Store) Get(h snapshot.Hash) ([]byte, error) {
	if s.builder != nil {
		if p, ok, err := s.builder.Get(h); ok {
			return verified(h, p, err)
		}
	}
	return s.catalog.get(h)
}

// verified compares a chunk with its name: Put believes it.
func verified(h snapshot.Hash, p []byte, err error) ([]byte, error) {
	if err == nil && snapshot.Sum(p) != h {
		err = fmt.Errorf("chunk %v: its hash differs: %w", h, snapshot.ErrCorrupt)
	}
	return p, err
}

// Put implements snapshot.Store.
func (s *Store) Put(h snapshot.Hash, p []byte) error {
	if len(p) > snapshot.MaxChunk {
		return fmt.Errorf("put of chunk %v: %d bytes, at most %d are allowed: %w", h, len(p), snapshot.MaxChunk, snapshot.ErrCorrupt)
	}
	if err := s.uploads.failed(); err != nil {
		return s.again(s.uploads.wait())
	}
	if name, ok := s.catalog.has(h); ok {
		s.add[name] = true
		return nil
	}
	if s.builder == nil {
		s.builder = pack.NewBuilder(s.packSize)
	}
	if s.builder.Full() {
		s.send()
	}
	s.builder.Add(h, p)
	return nil
}

// again gives up what was put since the last commit.
func (s *Store) again(err error) error {
	s.uploads.wait()
	s.reset()
	s.ask = true
	return fmt.Errorf("%w: %w", ErrAgain, err)
}

// send ends the pack that is being filled and sends it.
func (s *Store) send() {
	p, name, index := s.builder.Finish()
	s.add[name] = true
	s.catalog.wrote(name, index, int64(len(p)))
	s.uploads.start(name, p, s.ask)
}

// Commit implements snapshot.Store. An error that is ErrAgain means that all of the
// checkpoint has to be put again.
func (s *Store) Commit(m *snapshot.Manifest) (snapshot.Hash, error) { return s.CommitRun(m, nil) }

// CommitRun is Commit for the worker that has a job, which says how its run stands.
func (s *Store) CommitRun(m *snapshot.Manifest, run *api.Run) (snapshot.Hash, error) {
	encoded, err := m.Encode()
	if err != nil {
		return snapshot.Hash{}, err
	}
	q := api.Commit{Digest: snapshot.Hash(encoded[len(encoded)-snapshot.HashSize:]), Manifest: encoded, Run: run}
	if q.Base, err = s.baseOf(m); err != nil {
		return snapshot.Hash{}, err
	}
	if err := s.hasRoots(m); err != nil {
		return snapshot.Hash{}, err
	}
	inline := s.finish(&q)
	if err := s.uploads.wait(); err != nil {
		return snapshot.Hash{}, s.again(err)
	}
	if err := s.moveOut(&q); err != nil {
		return snapshot.Hash{}, s.again(err)
	}
	for name := range s.add { // order: a set
		q.Add = append(q.Add, name)
	}
	var a api.Committed
	err = s.c.JSON(context.Background(), http.MethodPost, api.JobCheckpointsPath(m.Job), q, &a)
	if err != nil {
		return snapshot.Hash{}, s.again(fmt.Errorf("commit %v: %w", q.Digest, err))
	}
	s.committed(m.Job, q, inline)
	return q.Digest, nil
}

// baseOf returns the checkpoint on which m is built: its parent, or what was committed
// last.
func (s *Store) baseOf(m *snapshot.Manifest) (snapshot.Hash, error) {
	base := m.Parent
	if base.IsZero() {
		return s.last, nil
	}
	err := s.catalog.load(base)
	if errors.Is(err, snapshot.ErrNotFound) {
		return s.last, nil // it need not exist any more
	}
	return base, err
}

// hasRoots tests that the roots of m are there.
func (s *Store) hasRoots(m *snapshot.Manifest) error {
	for _, section := range m.Sections {
		if section.Root.IsZero() {
			continue
		}
		if s.builder != nil {
			if _, ok, _ := s.builder.Get(section.Root); ok {
				continue
			}
		}
		if _, _, err := s.catalog.find(section.Root); err != nil {
			return fmt.Errorf("section %s: root %v was not put: %w", section.Name, section.Root, err)
		}
	}
	return nil
}

// inlined is a small pack that travels in the commit.
type inlined struct {
	name  snapshot.Hash
	index *pack.Index
	size  int64
}

// finish ends the last pack; a small one goes with the commit itself.
func (s *Store) finish(q *api.Commit) *inlined {
	if s.builder == nil || s.builder.Len() == 0 {
		return nil
	}
	p, name, index := s.builder.Finish()
	if len(p) <= api.MaxInline {
		q.Inline = [][]byte{p}
		return &inlined{name, index, int64(len(p))}
	}
	s.add[name] = true
	s.catalog.wrote(name, index, int64(len(p)))
	s.uploads.start(name, p, s.ask)
	return nil
}

// maxInBody is up to how many bytes a manifest travels in the commit; with base64 and a
// list of packs it is far below api.MaxJSON.
const maxInBody = 256 << 10

// moveOut puts what does not fit the commit as packs.
func (s *Store) moveOut(q *api.Commit) error {
	if len(q.Manifest) <= maxInBody {
		return nil
	}
	name := snapshot.Sum(q.Manifest)
	if err := s.c.PutPack(context.Background(), name, q.Manifest); err != nil {
		return err
	}
	q.At, q.Manifest = name, nil
	return nil
}

// committed notes that all that was put is now in a checkpoint.
func (s *Store) committed(job string, q api.Commit, inline *inlined) {
	if inline != nil {
		s.catalog.wrote(inline.name, inline.index, inline.size)
	}
	s.catalog.moved(job, s.add, inline)
	s.last, s.add, s.ask = q.Digest, map[snapshot.Hash]bool{}, false
}

// Manifest implements snapshot.Store.
func (s *Store) Manifest(id snapshot.Hash) (*snapshot.Manifest, error) {
	p, err := s.c.bytes(api.CheckpointPath(id)+"/manifest", snapshot.MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := snapshot.DecodeManifest(p)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %v: %w", id, err)
	}
	if got, err := m.ID(); err != nil || got != id {
		return nil, fmt.Errorf("checkpoint %v: it is another checkpoint's manifest: %w", id, snapshot.ErrCorrupt)
	}
	return m, s.catalog.load(id)
}

// bytes returns all of an answer of at most limit bytes.
func (c *Client) bytes(path string, limit int) ([]byte, error) {
	var p []byte
	err := c.do(context.Background(), call{method: http.MethodGet, path: path, take: func(a *http.Response) (err error) {
		p, err = io.ReadAll(io.LimitReader(a.Body, int64(limit)+1))
		return err
	}})
	if err == nil && len(p) > limit {
		err = fmt.Errorf("%s: more than %d bytes: %w", path, limit, snapshot.ErrCorrupt)
	}
	return p, err
}

// List implements snapshot.Store.
func (s *Store) List() ([]snapshot.Hash, error) {
	var ids []snapshot.Hash
	next := ""
	for {
		var a api.Checkpoints
		if err := s.c.JSON(context.Background(), http.MethodGet, api.CheckpointsPath+"?after="+next, nil, &a); err != nil {
			return nil, err
		}
		for _, c := range a.Checkpoints {
			ids = append(ids, c.ID)
		}
		if a.Next.IsZero() {
			return ids, nil
		}
		next = a.Next.String()
	}
}

// Delete implements snapshot.Store.
func (s *Store) Delete(id snapshot.Hash) error {
	err := s.c.JSON(context.Background(), http.MethodDelete, api.CheckpointPath(id), nil, nil)
	if err == nil && id == s.last {
		s.last = snapshot.Hash{} // its packs are ours for a while
	}
	return err
}
