package dirstore

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// testPackSize makes a few pages fill a pack.
const testPackSize = 48 << 10

// history is what a program that uses a store was told.
type history struct {
	has     map[snapshot.Hash][]byte // committed, and no deletion was begun
	gone    map[snapshot.Hash]bool   // deleted
	started map[snapshot.Hash]bool   // a deletion was begun
}

// life opens a store on d, commits, deletes and collects until the first error.
func life(d *disk, h *history) error {
	s, err := open(d)
	if err != nil {
		return err
	}
	defer s.Close()
	s.packSize = testPackSize
	for i := range uint64(3) {
		content := mixed(i)
		id, err := commit(s, i, content)
		if err != nil {
			return err
		}
		h.has[id] = content
		if i == 0 {
			continue
		}
		if err := retire(s, h); err != nil {
			return err
		}
		if _, err := s.GC(); err != nil {
			return err
		}
	}
	return nil
}

// mixed returns pages of which each fourth is the same for every seed, so that packs stay
// partly needed.
func mixed(seed uint64) []byte {
	var p []byte
	for i := range uint64(24) {
		if i%4 == 0 {
			p = append(p, storetest.Content(i, snapshot.PageSize)...)
		} else {
			p = append(p, storetest.Content(1000*(seed+1)+i, snapshot.PageSize)...)
		}
	}
	return p
}

func commit(s *Store, seq uint64, content []byte) (snapshot.Hash, error) {
	section, err := snapshot.PutSection(s, "data", 1, content)
	if err != nil {
		return snapshot.Hash{}, err
	}
	return s.Commit(&snapshot.Manifest{Seq: seq, Sections: []snapshot.Section{section}})
}

// retire deletes all checkpoints but the newest.
func retire(s *Store, h *history) error {
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return err
	}
	for _, id := range snapshot.Retain(all, 1) {
		delete(h.has, id)
		h.started[id] = true
		if err := s.Delete(id); err != nil {
			return err
		}
		h.gone[id] = true
	}
	return nil
}

// TestCrash fails each operation in turn, once as an error that the program notices and
// once as the last thing that happens, and looks at everything a crash then may leave.
func TestCrash(t *testing.T) {
	whole := newDisk()
	if err := life(whole, newHistory()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d operations", whole.ops)
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for n := 1; n <= whole.ops; n += stride {
		for _, crash := range []bool{false, true} {
			d := newDisk()
			d.failAt, d.crash = n, crash
			h := newHistory()
			if err := life(d, h); !errors.Is(err, errDisk) {
				t.Fatalf("operation %d fails: error %v, want %v", n, err, errDisk)
			}
			for name, image := range d.images() {
				if err := inspect(image, h); err != nil {
					t.Errorf("operation %d fails (crash %v), %s: %v", n, crash, name, err)
				}
			}
		}
	}
}

func newHistory() *history {
	return &history{map[snapshot.Hash][]byte{}, map[snapshot.Hash]bool{}, map[snapshot.Hash]bool{}}
}

// inspect opens what a crash left and tests that it keeps what h was told, and goes on.
func inspect(d *disk, h *history) error {
	s, err := open(d)
	if err != nil {
		return err
	}
	if err := keeps(s, h); err != nil {
		return err
	}
	s.packSize = testPackSize
	id, err := commit(s, 9, mixed(9))
	if err != nil {
		return fmt.Errorf("next commit: %w", err)
	}
	h = &history{map[snapshot.Hash][]byte{id: nil}, h.gone, h.started}
	if _, err := s.GC(); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = open(d.images()["only what was synced"]); err != nil {
		return err
	}
	return keeps(s, h)
}

// keeps tests that s is sound and has what h was told.
func keeps(s *Store, h *history) error {
	r, err := s.Verify()
	if err != nil {
		return err
	}
	if len(r.Damage) > 0 {
		return errors.Join(r.Damage...)
	}
	for id := range h.has {
		if !slices.ContainsFunc(r.Good, func(c snapshot.Checkpoint) bool { return c.ID == id }) {
			return fmt.Errorf("checkpoint %v is lost", id)
		}
	}
	for _, c := range r.Good {
		if h.gone[c.ID] {
			return fmt.Errorf("checkpoint %v is back", c.ID)
		}
	}
	return nil
}
