package mem

import (
	"fmt"
	"maps"
	"sync"
	"testing"
)

// lockedSave is a save for several goroutines.
type lockedSave struct {
	*save
	mu sync.Mutex
}

func (s *lockedSave) Put(h Sum, p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save.Put(h, p)
}

// storeBehind stores s on three goroutines while w goes on, and checks the roots.
func (w *world) storeBehind(s *save) error {
	sink := &lockedSave{save: s}
	type result struct {
		name string
		root Sum
		err  error
	}
	todo, done := make(chan int), make(chan result, len(s.graph.Contents))
	for range 3 {
		go func() {
			for i := range todo {
				c := s.graph.Contents[i]
				root, err := c.Store(sink)
				done <- result{c.Name, root, err}
			}
		}()
	}
	go func() {
		for i := range s.graph.Contents {
			todo <- i
		}
		close(todo)
	}()
	for range 100 {
		if err := w.step(); err != nil {
			return err
		}
	}
	for range s.graph.Contents {
		r := <-done
		if r.err != nil {
			return r.err
		}
		s.roots[r.name] = r.root
	}
	s.look()
	for name, pages := range s.want {
		if root(pages) != s.roots[name] {
			return fmt.Errorf("%s: the root is wrong", name)
		}
	}
	return nil
}

// TestStoreBehindGuest stores checkpoints while the guest writes, forks, unmaps and exits;
// some are committed, from some the guest goes on. It is for the race detector.
func TestStoreBehindGuest(t *testing.T) {
	w := newWorld(77)
	w.busy = true
	for round := range 60 {
		s, err := w.freezeAll()
		if err == nil {
			err = w.storeBehind(s)
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		commit := w.r.IntN(3) > 0
		for _, c := range s.graph.Contents {
			c.Release(commit)
		}
		if commit {
			maps.Copy(w.store, s.staged)
		}
		if round%10 != 9 {
			continue
		}
		if s, err = w.begin(); err == nil {
			err = w.end(s, true)
		}
		if err == nil {
			err = w.thaw(s)
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if err := w.finish(); err != nil {
		t.Error(err)
	}
}
