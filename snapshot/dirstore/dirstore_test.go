package dirstore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

func reopener(t *testing.T, dir string) storetest.Reopen {
	var s *Store
	t.Cleanup(func() { s.Close() })
	return func() snapshot.Store {
		if s != nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if s, err = Open(dir); err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Reopen { return reopener(t, t.TempDir()) })
}

// TestTwoWriters: writers take turns, see what the other commits and survive its collecting.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	a, _ := Open(dir)
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	var last snapshot.Hash
	for i := range 6 {
		w, r := a, b
		if i%2 == 1 {
			w, r = b, a
		}
		content := storetest.Content(uint64(i), 5000)
		id := storetest.Commit(t, w, uint64(i), content)
		storetest.Holds(t, r, id, content)
		if i > 0 {
			if err := w.Delete(last); err != nil {
				t.Fatal(err)
			}
			if _, err := w.GC(); err != nil {
				t.Fatal(err)
			}
		}
		last = id
	}
}

// TestWaits: who writes waits until the other has committed.
func TestWaits(t *testing.T) {
	dir := t.TempDir()
	a, _ := Open(dir)
	b, _ := Open(dir)
	defer a.Close()
	defer b.Close()
	first, second := storetest.Content(1, 5000), storetest.Content(2, 5000)
	if err := a.Put(snapshot.Sum([]byte("x")), []byte("x")); err != nil {
		t.Fatal(err)
	}
	ids := make(chan snapshot.Hash)
	go func() { ids <- storetest.Commit(t, b, 2, second) }()
	id := storetest.Commit(t, a, 1, first)
	storetest.Holds(t, a, <-ids, second)
	storetest.Holds(t, b, id, first)
}

// TestRollback: after an error what was put is forgotten, and the next commit is whole.
func TestRollback(t *testing.T) {
	d := newDisk()
	s, err := open(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(snapshot.Hash{1}, make([]byte, snapshot.MaxChunk)); err != nil {
		t.Fatal(err)
	}
	if err := s.Rollback(); err != nil {
		t.Fatal(err)
	}
	content := storetest.Content(3, 5000)
	id := storetest.Commit(t, s, 1, content)
	storetest.Holds(t, s, id, content)
	if _, err := s.Get(snapshot.Hash{1}); err == nil {
		t.Error("what was rolled back is there")
	}
}

// TestGC: what is deleted goes, what is left can be read by one who opened before.
func TestGC(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.packSize = testPackSize
	old := storetest.Commit(t, s, 1, storetest.Content(1, 100*snapshot.PageSize))
	content := append(storetest.Content(1, 10*snapshot.PageSize), storetest.Content(2, 10*snapshot.PageSize)...)
	id := storetest.Commit(t, s, 2, content)
	reader, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Holds(t, reader, id, content)
	if err := s.Delete(old); err != nil {
		t.Fatal(err)
	}
	removed, err := s.GC()
	if err != nil || removed < 3 {
		t.Errorf("%d packs removed, error %v", removed, err)
	}
	storetest.Holds(t, s, id, content)
	reader.catalog.frames = nil
	storetest.Holds(t, reader, id, content)
	if removed, err := s.GC(); removed != 0 || err != nil {
		t.Errorf("again: %d packs removed, error %v", removed, err)
	}
}

// TestFlippedBit flips a bit in each part of each file: it is named, and the other
// checkpoint stays good.
func TestFlippedBit(t *testing.T) {
	dir := t.TempDir()
	var ids []snapshot.Hash
	for i := range uint64(2) {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, storetest.Commit(t, s, i, storetest.Content(i, 40*snapshot.PageSize)))
		s.Close()
	}
	packs, _ := filepath.Glob(filepath.Join(dir, packDir, "*"))
	files := append(packs, filepath.Join(dir, manifestDir, ids[0].String()+manifestExt))
	for n, name := range files {
		p, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(p); at += 1 + len(p)/20 {
			p[at] ^= 1 << (at % 8)
			if err := os.WriteFile(name, p, 0o666); err != nil {
				t.Fatal(err)
			}
			p[at] ^= 1 << (at % 8)
			expectDamage(t, dir, filepath.Base(name), ids[(n+1)%2])
		}
		if err := os.WriteFile(name, p, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func expectDamage(t *testing.T, dir, name string, good snapshot.Hash) {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Verify()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Good) != 1 || r.Good[0].ID != good {
		t.Errorf("%s: %d good checkpoints", name, len(r.Good))
	}
	if text := errors.Join(r.Damage...); text == nil || !strings.Contains(text.Error(), name) {
		t.Errorf("%s is damaged, reported is %v", name, text)
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct{ file, text, want string }{
		{marker, "emurun store 2\n", "use the emurun that made it, or a newer one"},
		{marker, "something", "corrupt"},
		{"thesis.tex", "", "choose an empty directory"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q: error %v, want %q", tt.file, tt.text, err, tt.want)
		}
	}
}
