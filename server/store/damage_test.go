package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// TestFlippedBit flips bits in every pack: verify names the file, fsck lets the job fall
// back, and the pack can be put again.
func TestFlippedBit(t *testing.T) {
	s := newStore(t, testOptions())
	ids := chain(t, s, "a", 3)
	files, _ := filepath.Glob(filepath.Join(s.dir, packDir, "*", "*"))
	if len(files) < 3 {
		t.Fatalf("%d packs are files", len(files))
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := int64(0); at < info.Size(); at += 1 + info.Size()/7 {
			flip(t, name, at)
			r, err := s.Verify(true)
			if err != nil {
				t.Fatal(err)
			}
			if text := errors.Join(r.Damage...); text == nil || !strings.Contains(text.Error(), filepath.Base(name)) {
				t.Errorf("bit flipped in %s: %v", name, text)
			}
			flip(t, name, at)
		}
	}
	sound(t, s, 3)
	damaged := s.packs.files.path(tableOf(t, s, ids[2])[0].Name)
	flip(t, damaged, 3000)
	fsckFallsBack(t, s, ids)
}

func fsckFallsBack(t *testing.T, s *Store, ids []snapshot.Hash) {
	t.Helper()
	if _, done, err := s.Fsck(false); err != nil || len(done) == 0 {
		t.Fatalf("would do %q, error %v", done, err)
	}
	if _, done, err := s.Fsck(true); err != nil || !strings.Contains(fmt.Sprint(done), "falls back from checkpoint 3 to 2") {
		t.Errorf("did %q, error %v", done, err)
	}
	sound(t, s, 2)
	if h, err := s.Head("a"); err != nil || h.ID != ids[1] {
		t.Errorf("head %+v, error %v", h, err)
	}
	commitPoint(t, s, point{"a", 1, 3, ids[1], "", storetest.Content(2, 60*snapshot.PageSize)})
	sound(t, s, 3)
}

// TestFlippedTable: a flipped bit in badger's tables is an error that says where.
func TestFlippedTable(t *testing.T) {
	s := newStore(t, testOptions())
	chain(t, s, "a", 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(s.dir, metaDir, "*"))
	for _, name := range names {
		base := filepath.Base(name)
		if base == "DISCARD" || base == "LOCK" || base == "KEYREGISTRY" || strings.HasSuffix(base, ".vlog") {
			continue // nothing is kept there, and nothing encrypted
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(12) {
			at := i * (info.Size() - 1) / 11
			flip(t, name, at)
			if err := looksDamaged(s.dir); err == nil {
				t.Errorf("%s: a bit flipped at %d of %d goes unnoticed", base, at, info.Size())
			} else if !strings.Contains(err.Error(), "meta") {
				t.Errorf("%s: error %v does not say where", base, err)
			}
			flip(t, name, at)
		}
	}
}

// looksDamaged opens and verifies a copy of a store.
func looksDamaged(dir string) (err error) {
	copied, err := os.MkdirTemp("", "emusrv-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := os.CopyFS(filepath.Join(copied, "s"), os.DirFS(dir)); err != nil {
		return err
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("meta: panic: %v", v)
		}
	}()
	s, err := Open(filepath.Join(copied, "s"), testOptions())
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Verify(true)
	if err != nil {
		return err
	}
	return errors.Join(r.Damage...)
}

// TestBackup: what is restored is what was there, and the store knows that it is older
// than what clients were told.
func TestBackup(t *testing.T) {
	s := newStore(t, testOptions())
	ids := chain(t, s, "a", 3)
	var out bytes.Buffer
	if err := s.Backup(&out); err != nil {
		t.Fatal(err)
	}
	told := commitPoint(t, s, point{"a", 1, 4, ids[2], "", storetest.Content(7, 50000)})
	rec, err := s.record2(told)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	if err := Restore(dir, bytes.NewReader(out.Bytes())); err != nil {
		t.Fatal(err)
	}
	r := openStore(t, dir, testOptions())
	sound(t, r, 3)
	if h, err := r.Head("a"); err != nil || h.ID != ids[2] {
		t.Errorf("head %+v, error %v", h, err)
	}
	r.Heard(s.Mark(rec))
	if err := r.Regressed(); !errors.Is(err, ErrRegressed) {
		t.Errorf("error %v, want ErrRegressed", err)
	}
	if err := Restore(dir, bytes.NewReader(out.Bytes())); err == nil {
		t.Error("restored over a store")
	}
}

// record2 returns the batch that committed a checkpoint.
func (s *Store) record2(id snapshot.Hash) (LSN, error) {
	e, _, err := s.record(id)
	return e.Version, err
}

// TestDamagedBackup cuts a backup off and flips its bits: there is no store then.
func TestDamagedBackup(t *testing.T) {
	s := newStore(t, testOptions())
	chain(t, s, "a", 1)
	var out bytes.Buffer
	if err := s.Backup(&out); err != nil {
		t.Fatal(err)
	}
	p := out.Bytes()
	for i := range 12 {
		at := (i*len(p)/12 + 700) % (len(p) - 1100)
		flipped := bytes.Clone(p)
		flipped[at] ^= 1
		for name, bad := range map[string][]byte{"cut": p[:at], "flipped": flipped} {
			dir := filepath.Join(t.TempDir(), "r")
			err := Restore(dir, bytes.NewReader(bad))
			if err == nil && name == "flipped" && p[at] == 0 {
				continue // between two entries
			}
			if err == nil {
				t.Errorf("%s at %d of %d: restored", name, at, len(p))
			}
			if _, err := Open(dir, testOptions()); !errors.Is(err, ErrNoStore) {
				t.Errorf("%s at %d: there is a store, error %v", name, at, err)
			}
		}
	}
}
