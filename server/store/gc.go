package store

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"emurun/snapshot"
)

// GCStats is what a collection did.
type GCStats struct {
	Condemned int   // packs found useless, which a later cycle deletes
	Deleted   int   // packs
	Freed     int64 // bytes
	Trimmed   int   // checkpoints whose tables became shorter
	Live      int   // packs that are needed
}

// GC is one cycle of collection. It shortens the tables of new checkpoints to the packs
// that they need, and deletes the packs that no table names, that nobody has touched, and
// that an earlier cycle, a full grace ago, found in the same state. It deletes nothing if a
// table cannot be read.
func (s *Store) GC() (GCStats, error) {
	var st GCStats
	s.gc.Lock()
	defer s.gc.Unlock()
	if err := s.Regressed(); err != nil {
		return st, err
	}
	var err error
	if st.Trimmed, err = s.trim(); err != nil {
		return st, fmt.Errorf("gc: %w", err)
	}
	s.o.Hook("gc-trimmed")
	live, err := s.live()
	if err != nil {
		return st, fmt.Errorf("gc: %w", err)
	}
	s.o.Hook("gc-marked")
	now := s.o.Now()
	if err := s.packs.forget(now.Add(-s.o.Grace)); err != nil {
		return st, fmt.Errorf("gc: %w", err)
	}
	st.Live = len(live)
	doomed, err := s.condemn(live, now, &st)
	if err != nil {
		return st, fmt.Errorf("gc: %w", err)
	}
	for len(doomed) > 0 {
		n := min(len(doomed), MaxOps)
		if err := s.deletePacks(doomed[:n], &st); err != nil {
			return st, fmt.Errorf("gc: %w", err)
		}
		doomed = doomed[n:]
	}
	s.o.Hook("gc-done")
	return st, s.countUsage()
}

// trim shortens the tables of checkpoints that have not been looked at.
func (s *Store) trim() (int, error) {
	var todo []snapshot.Hash
	for e, err := range s.meta.Scan(checkpointTable, "") {
		var c CheckpointRecord
		if err == nil {
			err = unmarshal(e, &c)
		}
		if err != nil {
			return 0, err
		}
		if !c.Trimmed {
			todo = append(todo, c.ID)
		}
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	n, next := 0, 0
	var failed error
	take := func() (snapshot.Hash, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(todo) || failed != nil {
			return snapshot.Hash{}, false
		}
		next++
		return todo[next-1], true
	}
	for range trimmers {
		group.Go(func() {
			for id, ok := take(); ok; id, ok = take() {
				shorter, err := s.trimOne(id)
				mu.Lock()
				switch {
				case errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict): // deleted meanwhile
				case errors.Is(err, ErrCorrupt):
					s.o.Log.Error("a checkpoint is damaged", "checkpoint", id, "err", err)
				case err != nil:
					failed = err
				case shorter:
					n++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return n, failed
}

// trimmers is how many tables are trimmed at a time, so that they share syncs.
const trimmers = 8

// trimOne reads the page tables of a checkpoint, but no pages, and drops the packs from
// its table that have none of its chunks. Without that a job's tables would only grow.
func (s *Store) trimOne(id snapshot.Hash) (bool, error) {
	e, c, err := s.record(id)
	if err != nil {
		return false, err
	}
	t, err := s.table(&c)
	if err != nil {
		return false, err
	}
	if len(t) <= 1 {
		return false, nil // it needs what it has
	}
	needed, err := s.needed(&c, t)
	if err != nil {
		return false, fmt.Errorf("checkpoint %v: %w", id, err)
	}
	encoded := needed.encode()
	c.Table, c.Bytes, c.Trimmed = snapshot.Sum(encoded), needed.bytes(), true
	c.Grown = 0
	b := Batch{Pre: []Cond{{e.Key, e.Version}}}
	if len(needed) < len(t) {
		if err := s.putInBatch(&b, [][]byte{encoded}); err != nil {
			return false, err
		}
	}
	kv, err := put(e.Key, &c)
	if err != nil {
		return false, err
	}
	b.Put = append(b.Put, kv)
	_, err = s.Meta().Commit(b)
	return len(needed) < len(t), err
}

// needed returns the packs of t that have chunks of c.
func (s *Store) needed(c *CheckpointRecord, t table) (table, error) {
	p, err := s.packs.get(c.Manifest)
	if err != nil {
		return nil, err
	}
	m, err := snapshot.DecodeManifest(p)
	if err != nil {
		return nil, err
	}
	from, seen := s.chunks(t), map[snapshot.Hash]bool{}
	err = snapshot.Walk(from, m, func(r snapshot.Ref) (bool, error) {
		if seen[r.Hash] {
			return false, nil
		}
		seen[r.Hash] = true
		if r.Level >= 0 {
			return true, nil
		}
		_, _, err := from.find(r.Hash)
		return false, err
	})
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	return from.needed(), err
}

// live returns the packs that checkpoints need, and makes the bytes in the heads exact.
func (s *Store) live() (map[snapshot.Hash]bool, error) {
	live := map[snapshot.Hash]bool{}
	var records []CheckpointRecord
	for e, err := range s.meta.Scan(checkpointTable, "") {
		var c CheckpointRecord
		if err == nil {
			err = unmarshal(e, &c)
		}
		if err != nil {
			return nil, err
		}
		records = append(records, c)
	}
	bytes := map[string]int64{}
	var mine map[snapshot.Hash]bool
	for i := range records {
		c := &records[i]
		if i == 0 || records[i-1].Job != c.Job {
			mine = map[snapshot.Hash]bool{}
		}
		t, err := s.table(c)
		if err != nil {
			return nil, err
		}
		live[c.Table], live[c.Manifest] = true, true
		for _, p := range t {
			live[p.Name] = true
			if !mine[p.Name] {
				mine[p.Name] = true
				bytes[c.Job] += p.Size
			}
		}
	}
	return live, s.settleHeads(bytes)
}

// settleHeads puts the bytes of each job in its head. One that changes meanwhile is left
// for the next cycle.
func (s *Store) settleHeads(bytes map[string]int64) error {
	var entries []Entry
	for e, err := range s.meta.Scan(headTable, "") {
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	for _, e := range entries {
		var h Head
		if err := unmarshal(e, &h); err != nil {
			return err
		}
		if h.Bytes == bytes[h.Job] {
			continue
		}
		h.Bytes = bytes[h.Job]
		kv, err := put(e.Key, &h)
		if err != nil {
			return err
		}
		b := Batch{Pre: []Cond{{e.Key, e.Version}}, Put: []KV{kv}}
		if _, err := s.meta.Commit(b); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return nil
}

// condemn finds the packs that nothing needs, and returns those that an earlier cycle
// condemned a grace ago.
func (s *Store) condemn(live map[snapshot.Hash]bool, now time.Time, st *GCStats) ([]PackSize, error) {
	u := &s.packs.uses
	var doomed []PackSize
	for p, err := range s.packs.List() {
		if err != nil && p.Name.IsZero() {
			s.o.Log.Warn("a foreign file among the packs", "err", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		if live[p.Name] || !p.Time.IsZero() && now.Sub(p.Time) < s.o.Grace {
			continue
		}
		u.mu.Lock()
		at, ok := u.condemned[p.Name]
		switch {
		case u.busy(p.Name):
		case !ok:
			u.condemned[p.Name] = now
			st.Condemned++
		case now.Sub(at) >= s.o.Grace:
			doomed = append(doomed, PackSize{p.Name, p.Size})
		}
		u.mu.Unlock()
	}
	return doomed, nil
}

// busy reports whether somebody counts on a pack that no table names.
func (u *uses) busy(name snapshot.Hash) bool {
	if u.pinned[name] > 0 || u.held > 0 {
		return true
	}
	for _, o := range u.owners { // order: any owner will do
		if _, ok := o.packs[name]; ok {
			return true
		}
	}
	return false
}

// deletePacks deletes the packs that are still condemned. Nobody can touch one meanwhile.
func (s *Store) deletePacks(list []PackSize, st *GCStats) error {
	u := &s.packs.uses
	u.mu.Lock()
	defer u.mu.Unlock()
	var b Batch
	for _, p := range list {
		if _, ok := u.condemned[p.Name]; !ok || u.busy(p.Name) {
			continue
		}
		delete(u.condemned, p.Name)
		st.Deleted++
		st.Freed += p.Size
		if _, err := s.meta.Get(packKey(p.Name)); err == nil {
			b.Del = append(b.Del, packKey(p.Name))
		}
		s.o.Hook("gc-delete")
		if err := s.packs.files.Delete(p.Name); err != nil {
			return err
		}
	}
	if len(b.Del) == 0 {
		return nil
	}
	_, err := s.meta.Commit(b)
	return err
}
