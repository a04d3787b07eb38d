package storetest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
)

// Reopen ends the use of the store that it returned before, if any, and opens it again.
type Reopen func() snapshot.Store

// Run tests a store. fresh makes an empty one.
func Run(t *testing.T, fresh func(t *testing.T) Reopen) {
	tests := []struct {
		name string
		run  func(t *testing.T, open Reopen)
	}{
		{"chunk comes back", chunkComesBack},
		{"unknown names are not found", unknownNames},
		{"wrong hash is noticed", wrongHash},
		{"commit survives", commitSurvives},
		{"commit needs its roots", commitNeedsRoots},
		{"commit again does nothing", commitAgain},
		{"what is not committed may go", uncommitted},
		{"list ascends", listAscends},
		{"delete leaves the others", deleteLeaves},
		{"checkpoints share pages", sharePages},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, fresh(t)) })
	}
}

// Content returns n bytes that depend on seed, half of them compressible.
func Content(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	p := make([]byte, n)
	for i := range p {
		if i/512%2 == 0 {
			p[i] = byte(r.Uint32())
		}
	}
	return p
}

// Commit puts a section with this content and commits a manifest with it.
func Commit(t testing.TB, s snapshot.Store, seq uint64, content []byte) snapshot.Hash {
	t.Helper()
	section, err := snapshot.PutSection(s, "data", 1, content)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Commit(&snapshot.Manifest{Job: "job", Seq: seq, Sections: []snapshot.Section{section}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Holds fails unless the checkpoint id has this content.
func Holds(t testing.TB, s snapshot.Store, id snapshot.Hash, content []byte) {
	t.Helper()
	m, err := s.Manifest(id)
	if err != nil {
		t.Fatal(err)
	}
	section, err := m.Section("data")
	if err != nil {
		t.Fatal(err)
	}
	got, err := snapshot.GetSection(s, section, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("checkpoint %v has other content", id)
	}
}

func chunkComesBack(t *testing.T, open Reopen) {
	s := open()
	for _, size := range []int{0, 1, snapshot.PageSize, snapshot.MaxChunk} {
		p := Content(uint64(size), size)
		h := snapshot.Sum(p)
		for range 2 {
			if err := s.Put(h, p); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Get(h); err != nil || !bytes.Equal(got, p) {
			t.Errorf("chunk of %d bytes came back as %d bytes, error %v", size, len(got), err)
		}
	}
}

func unknownNames(t *testing.T, open Reopen) {
	s := open()
	h := snapshot.Sum([]byte("unknown"))
	_, getErr := s.Get(h)
	_, manifestErr := s.Manifest(h)
	for name, err := range map[string]error{"Get": getErr, "Manifest": manifestErr, "Delete": s.Delete(h)} {
		if !errors.Is(err, snapshot.ErrNotFound) {
			t.Errorf("%s: error %v, want ErrNotFound", name, err)
		}
	}
}

func wrongHash(t *testing.T, open Reopen) {
	s := open()
	err := s.Put(snapshot.Hash{1}, []byte("x"))
	if err == nil { // it believes the name: then Get must not
		_, err = s.Get(snapshot.Hash{1})
	}
	if !errors.Is(err, snapshot.ErrCorrupt) {
		t.Errorf("wrong name: error %v, want ErrCorrupt", err)
	}
	p := make([]byte, snapshot.MaxChunk+1)
	if err := s.Put(snapshot.Sum(p), p); !errors.Is(err, snapshot.ErrCorrupt) {
		t.Errorf("too large: error %v, want ErrCorrupt", err)
	}
	Commit(t, s, 1, Content(1, 100)) // the store goes on
}

func commitSurvives(t *testing.T, open Reopen) {
	content := Content(1, 100*snapshot.PageSize+7)
	id := Commit(t, open(), 1, content)
	s := open()
	Holds(t, s, id, content)
	m, err := s.Manifest(id)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.ID(); err != nil || got != id {
		t.Errorf("manifest %v calls itself %v, error %v", id, got, err)
	}
}

func commitNeedsRoots(t *testing.T, open Reopen) {
	s := open()
	m := &snapshot.Manifest{Sections: []snapshot.Section{{Name: "a", Root: snapshot.Hash{1}}}}
	if _, err := s.Commit(m); !errors.Is(err, snapshot.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if ids, err := s.List(); len(ids) > 0 || err != nil {
		t.Errorf("list %v, error %v", ids, err)
	}
}

func commitAgain(t *testing.T, open Reopen) {
	content := Content(1, 5000)
	s := open()
	if a, b := Commit(t, s, 1, content), Commit(t, s, 1, content); a != b {
		t.Errorf("committed as %v and %v", a, b)
	}
	if ids, err := s.List(); len(ids) != 1 || err != nil {
		t.Errorf("list %v, error %v", ids, err)
	}
}

func uncommitted(t *testing.T, open Reopen) {
	s := open()
	kept := Commit(t, s, 1, Content(1, 5000))
	if _, err := snapshot.PutSection(s, "data", 1, Content(2, 5000)); err != nil {
		t.Fatal(err)
	}
	s = open()
	Holds(t, s, kept, Content(1, 5000))
	id := Commit(t, s, 2, Content(2, 5000))
	Holds(t, open(), id, Content(2, 5000))
}

func listAscends(t *testing.T, open Reopen) {
	s := open()
	var want []string
	for i := range uint64(5) {
		want = append(want, Commit(t, s, i, Content(i, 10)).String())
	}
	slices.Sort(want)
	ids, err := open().List()
	var got []string
	for _, id := range ids {
		got = append(got, id.String())
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, list (-want +got):\n%s", err, diff)
	}
}

func deleteLeaves(t *testing.T, open Reopen) {
	s := open()
	a, b := Commit(t, s, 1, Content(1, 5000)), Commit(t, s, 2, Content(2, 5000))
	if err := s.Delete(a); err != nil {
		t.Fatal(err)
	}
	s = open()
	if _, err := s.Manifest(a); !errors.Is(err, snapshot.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	Holds(t, s, b, Content(2, 5000))
}

func sharePages(t *testing.T, open Reopen) {
	s := open()
	content := Content(1, 700*snapshot.PageSize)
	a := Commit(t, s, 1, content)
	changed := bytes.Clone(content)
	changed[600*snapshot.PageSize]++
	b := Commit(t, s, 2, changed)
	s = open()
	Holds(t, s, a, content)
	Holds(t, s, b, changed)
}
