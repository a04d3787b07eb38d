package store

import (
	"bytes"
	"path/filepath"
	"testing"

	"emurun/snapshot"
)

// FuzzTable: what decodes encodes to the same bytes; nothing panics.
func FuzzTable(f *testing.F) {
	t, _ := table(nil).with(table{{snapshot.Hash{1}, 5}, {snapshot.Hash{2}, MaxPack}})
	f.Add(t.encode())
	f.Add(table(nil).encode())
	f.Fuzz(func(t *testing.T, p []byte) {
		got, err := decodeTable(p)
		if err == nil && !bytes.Equal(got.encode(), p) {
			t.Errorf("%x decodes, and encodes as %x", p, got.encode())
		}
	})
}

// FuzzMark: what parses prints the same.
func FuzzMark(f *testing.F) {
	f.Add("0123/1/2")
	f.Add("//")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMark(s)
		if err != nil {
			return
		}
		if again, err := ParseMark(m.String()); err != nil || again != m {
			t.Errorf("%q is %+v, then %+v, error %v", s, m, again, err)
		}
	})
}

// FuzzBackup restores anything: an error, or a store.
func FuzzBackup(f *testing.F) {
	s := newStore(f, testOptions())
	chain(f, s, "a", 1)
	var out bytes.Buffer
	if err := s.Backup(&out); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Add(out.Bytes()[:2048])
	f.Fuzz(func(t *testing.T, p []byte) {
		dir := filepath.Join(t.TempDir(), "r")
		if err := Restore(dir, bytes.NewReader(p)); err != nil {
			return
		}
		openStore(t, dir, testOptions())
	})
}

// FuzzCommit commits anything as a manifest.
func FuzzCommit(f *testing.F) {
	s := newStore(f, testOptions())
	m := &snapshot.Manifest{Job: "a", Seq: 1, Sections: []snapshot.Section{{Name: "x", Size: 5, Root: snapshot.Hash{1}}}}
	p, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p, []byte("small"))
	f.Fuzz(func(t *testing.T, manifest, inline []byte) {
		if len(inline) > SmallPack {
			return
		}
		ack, err := s.Commit(&Commit{Manifest: manifest, Inline: [][]byte{inline}, Owner: "fuzz"})
		if err != nil {
			return
		}
		if got, err := s.Manifest(ack.ID); err != nil || !bytes.Equal(got, manifest) {
			t.Errorf("committed and changed, error %v", err)
		}
	})
}
