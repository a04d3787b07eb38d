package journal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs/journal"
)

// samples has one record of each type with all its fields set.
var samples = []journal.Record{
	{Type: journal.Bind, Ino: 7, Dir: 1, Name: "etc"},
	{Type: journal.Create, Ino: 1 << 32, Dir: 7, Name: "f", Mode: 0o100644, UID: 3, GID: 4, Rdev: 5, Target: "t", Time: 9},
	{Type: journal.Link, Ino: 8, Dir: 7, Name: "g", Time: 10},
	{Type: journal.Unlink, Dir: 7, Name: "g", Time: 11},
	{Type: journal.Rmdir, Dir: 7, Name: "d", Time: 12},
	{Type: journal.Rename, Dir: 7, Name: "a", NewDir: 8, NewName: "b", Flags: 2, Time: -13},
	{Type: journal.SetAttr, Ino: 8, Mask: 0xff, Mode: 0o100600, UID: 1, GID: 2, Size: 3, Atime: 4, Mtime: 5, Time: 6},
	{Type: journal.Write, Ino: 8, Off: 4096, Data: []byte("hello"), Time: 14},
	{Type: journal.Allocate, Ino: 8, Flags: 3, Off: 1, Size: 2, Time: 15},
	{Type: journal.Setxattr, Ino: 8, Name: "user.x", Data: []byte{0, 1}, Time: 16},
	{Type: journal.Removexattr, Ino: 8, Name: "user.x", Time: 17},
	{Type: journal.Forget, Ino: 8},
}

func TestRoundTrip(t *testing.T) {
	for _, want := range samples {
		p := want.Append(nil)
		got, n, err := journal.Decode(append(p, "rest"...))
		if err != nil || n != len(p) {
			t.Errorf("type %d: %d of %d bytes, %v", want.Type, n, len(p), err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("type %d (-want +got)\n%s", want.Type, d)
		}
		for i := range p { // cut at every byte
			if _, _, err := journal.Decode(p[:i]); !errors.Is(err, journal.ErrCorrupt) {
				t.Errorf("type %d cut at %d: %v", want.Type, i, err)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	p := samples[0].Append(nil)
	p[0]++
	if _, _, err := journal.Decode(p); !errors.Is(err, journal.ErrVersion) {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range samples {
		f.Add(r.Append(nil))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		r, n, err := journal.Decode(p)
		if err == nil && !bytes.Equal(r.Append(nil), p[:n]) {
			t.Errorf("%x decodes to %+v, which encodes otherwise", p[:n], r)
		}
	})
}
