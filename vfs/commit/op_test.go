package commit_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs/commit"
)

var sample = commit.Op{
	Kind: commit.Write, Path: "a/b", Other: "c", Name: "d", ID: 1, Mode: 2, UID: 3, GID: 4, Rdev: 5,
	Off: 6, Size: 7, Atime: commit.Omit, Mtime: 9, Data: []byte("data"),
}

func TestRoundTrip(t *testing.T) {
	p := sample.Append(nil)
	got, err := commit.Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for i := range p {
		if _, err := commit.Decode(p[:i]); !errors.Is(err, commit.ErrCorrupt) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample.Append(nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		if o, err := commit.Decode(p); err == nil && !bytes.Equal(o.Append(nil), p) {
			t.Errorf("%x decodes to %+v, which encodes otherwise", p, o)
		}
	})
}
