package mem

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// save is a checkpoint in flight.
type save struct {
	graph  *wire.Graph
	want   map[string]map[uint64]Sum // of each contents, its pages
	roots  map[string]Sum
	staged map[Sum][]byte
	put    int
	left   int // chunks until the sink breaks; 0: it does not
}

var errBroken = errors.New("broken")

// Put implements wire.Sink.
func (s *save) Put(h Sum, p []byte) error {
	if s.left == 1 {
		return errBroken
	}
	s.left = max(s.left-1, 0)
	if snapshot.Sum(p) != snapshot.Hash(h) {
		return errors.New("a wrong hash")
	}
	s.put++
	s.staged[h] = append([]byte(nil), p...)
	return nil
}

// Update implements wire.Sink.
func (s *save) Update(Sum, iter.Seq2[uint64, *[PageSize]byte]) (Sum, error) {
	return Sum{}, errors.ErrUnsupported
}

// root is the oracle: the root of a page table with these pages.
func root(pages map[uint64]Sum) Sum {
	t := snapshot.OpenTable(nil, snapshot.Hash{})
	for i, h := range pages {
		if err := t.Set(i, snapshot.Hash(h)); err != nil {
			panic(err)
		}
	}
	h, _ := t.Flush(discard{})
	return Sum(h)
}

type discard struct{}

func (discard) Put(snapshot.Hash, []byte) error { return nil }

// objects returns all Objects of w, once each.
func (w *world) objects() []*modelObject {
	all := append([]*modelObject(nil), w.objs...)
	seen := map[*modelObject]bool{}
	for _, o := range all {
		seen[o] = true
	}
	for _, m := range w.spaces {
		for _, n := range slices.Sorted(maps.Keys(m.pages)) {
			if o := m.pages[n].obj; o != nil && !seen[o] {
				seen[o] = true
				all = append(all, o)
			}
		}
	}
	return all
}

// begin freezes w and looks at what the contents are.
func (w *world) begin() (*save, error) {
	s, err := w.freezeAll()
	s.look()
	return s, err
}

// look remembers what the contents are, which loads all that was thawed.
func (s *save) look() {
	for _, c := range s.graph.Contents {
		pages := map[uint64]Sum{}
		c.Contents.(*View).Pages(func(i uint64, p *[PageSize]byte) bool {
			pages[i] = Sum(snapshot.Sum(p[:]))
			return true
		})
		s.want[c.Name] = pages
	}
}

// freezeAll freezes w.
func (w *world) freezeAll() (*save, error) {
	f := &machine{}
	for _, m := range w.spaces {
		f.spaces = append(f.spaces, m.s)
	}
	for _, o := range w.objects() {
		f.objs = append(f.objs, o.obj)
	}
	w.pool.BeginFreeze()
	g, err := wire.FreezeGraph(testKinds(w.pool), f)
	w.pool.EndFreeze()
	s := &save{graph: g, want: map[string]map[uint64]Sum{}, roots: map[string]Sum{}, staged: map[Sum][]byte{}}
	return s, err
}

// end stores s and commits it, if nothing fails and it shall be.
func (w *world) end(s *save, commit bool) error {
	var failed error
	for _, c := range s.graph.Contents {
		sum, err := c.Store(s)
		switch {
		case errors.Is(err, errBroken):
			failed = err
		case err != nil:
			return err
		case sum != root(s.want[c.Name]):
			return fmt.Errorf("%s: root %x is wrong", c.Name, sum)
		}
		s.roots[c.Name] = sum
	}
	commit = commit && failed == nil
	for _, c := range s.graph.Contents {
		c.Release(commit)
	}
	if !commit {
		return nil
	}
	maps.Copy(w.store, s.staged)
	for name, pages := range s.want {
		if err := w.complete(s.roots[name], pages); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// complete checks that the page table at root is in the store and has these pages.
func (w *world) complete(root Sum, pages map[uint64]Sum) error {
	n := 0
	err := snapshot.OpenTable(w, snapshot.Hash(root)).Each(func(i uint64, h snapshot.Hash) error {
		n++
		if pages[i] != Sum(h) || w.store[Sum(h)] == nil {
			return fmt.Errorf("page %d is %v, not %x, or not stored", i, h, pages[i])
		}
		return nil
	})
	if err == nil && n != len(pages) {
		err = fmt.Errorf("%d pages, want %d", n, len(pages))
	}
	return err
}

// Get implements snapshot.Getter.
func (w *world) Get(h snapshot.Hash) ([]byte, error) {
	if p := w.store[Sum(h)]; p != nil {
		return p, nil
	}
	return nil, snapshot.ErrNotFound
}

// checkpoint begins a checkpoint, ends one, or thaws one.
func (w *world) checkpoint() error {
	if w.busy {
		return nil
	}
	if len(w.saves) > 0 && w.r.IntN(2) == 0 {
		s := w.saves[0]
		w.saves = w.saves[1:]
		if w.r.IntN(3) == 0 {
			s.left = 1 + w.r.IntN(30)
		}
		return w.end(s, w.r.IntN(3) > 0)
	}
	if len(w.saves) > 0 && w.r.IntN(4) > 0 {
		return nil
	}
	s, err := w.begin()
	if err != nil {
		return err
	}
	w.saves = append(w.saves, s)
	if w.r.IntN(4) > 0 {
		return nil
	}
	for _, s := range w.saves {
		if err := w.end(s, true); err != nil {
			return err
		}
	}
	w.saves = nil
	return w.thaw(s)
}

// thaw goes on with what s has, in a new pool.
func (w *world) thaw(s *save) error {
	pool := NewPool(1 << 20)
	root, err := wire.ThawGraph(s.graph.Encoding, testKinds(pool), func(name string) (wire.Source, error) {
		return &source{w, s.roots[name]}, nil
	})
	if err != nil {
		return err
	}
	f := root.(*machine)
	old := *w
	objs := w.objects()
	look := w.r.IntN(2) == 0 // which loads nodes
	for i, m := range w.spaces {
		if !look {
			break
		}
		if err := sameCounts(m.s, f.spaces[i]); err != nil {
			return err
		}
	}
	if pool.used != w.pool.used || pool.charged != w.pool.charged || pool.Available() != w.pool.Available() {
		return fmt.Errorf("thawed, %d and %d pages are charged, not %d and %d", pool.used, pool.charged, w.pool.used, w.pool.charged)
	}
	old.objs = nil
	for _, o := range w.objs {
		old.objs = append(old.objs, &modelObject{obj: o.obj})
	}
	old.spaces = nil
	for _, m := range w.spaces {
		old.spaces = append(old.spaces, &modelSpace{s: m.s})
	}
	if err := old.finish(); err != nil {
		return fmt.Errorf("before thawing: %w", err)
	}
	w.pool, w.frozen = pool, nil
	for i, o := range objs {
		o.obj = f.objs[i]
		if o.file != nil {
			o.file = &o.obj.src.(*freezableFile).testFile
		}
	}
	for i, m := range w.spaces {
		m.s = f.spaces[i]
		clear(m.code)
		m.s.SetWatcher(m)
	}
	if live := w.pool.live; live > 0 && !look {
		return fmt.Errorf("%d frames are in use before anything is touched", live)
	}
	return w.unchanged(s)
}

// unchanged checks that a checkpoint of what was just thawed from before puts nothing, and
// loads nothing.
func (w *world) unchanged(before *save) error {
	s, err := w.freezeAll()
	if err != nil {
		return err
	}
	for _, c := range s.graph.Contents {
		sum, err := c.Store(s)
		if err != nil || sum != before.roots[c.Name] || s.put > 0 {
			return fmt.Errorf("%s, thawed and not changed, puts %d chunks, error %v", c.Name, s.put, err)
		}
		c.Release(w.r.IntN(2) == 0)
	}
	if string(s.graph.Encoding) != string(before.graph.Encoding) {
		return errors.New("it freezes to other bytes")
	}
	return nil
}

// sameCounts compares what a guest sees of how much memory there is.
func sameCounts(a, b *Space) error {
	if x, y := a.Anonymous(), b.Anonymous(); x != y {
		return fmt.Errorf("RssAnon %d, thawed %d", x, y)
	}
	if x, y := a.Size(), b.Size(); x != y {
		return fmt.Errorf("VmSize %d, thawed %d", x, y)
	}
	for m := range a.Mappings() {
		for at := m.Start; at < m.End; at += PageSize {
			if a.InMemory(at) != b.InMemory(at) || a.present(at) != b.present(at) {
				return fmt.Errorf("page %#x is in memory: %v, thawed: %v", at, a.InMemory(at), b.InMemory(at))
			}
		}
	}
	if x, y := a.Resident(), b.Resident(); x != y {
		return fmt.Errorf("VmRSS %d, thawed %d", x, y)
	}
	return nil
}

// source is the stored pages of one contents.
type source struct {
	w    *world
	root Sum
}

func (s *source) Root() Sum                          { return s.root }
func (s *source) Size() uint64                       { return treeLimit << PageShift }
func (s *source) Page(uint64, *[PageSize]byte) error { return errors.ErrUnsupported }
func (s *source) Chunk(h Sum) ([]byte, error)        { return s.w.Get(snapshot.Hash(h)) }
