package dirstore

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

var update = flag.Bool("update", false, "write the fixture of the present version")

// fixtureContent is the section in the fixture: three pages and a bit, one of zeroes.
func fixtureContent() []byte {
	p := storetest.Content(7, 3*snapshot.PageSize+100)
	clear(p[snapshot.PageSize : 2*snapshot.PageSize])
	return p
}

// TestFixture: a store of format version 1, checked in, can still be read.
func TestFixture(t *testing.T) {
	dir := filepath.Join("testdata", "v1")
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		storetest.Commit(t, s, 1, fixtureContent())
		s.Close()
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Verify()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Damage) > 0 || len(r.Good) != 1 {
		t.Fatalf("%d checkpoints, damage %v", len(r.Good), r.Damage)
	}
	storetest.Holds(t, s, r.Good[0].ID, fixtureContent())
}
