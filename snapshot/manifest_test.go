package snapshot_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
	"emurun/snapshot/wire/wiretest"
)

var update = flag.Bool("update", false, "write the fixture of the present version")

func TestManifestFreeze(t *testing.T) {
	wiretest.RoundTrip(t, new(snapshot.Manifest), new(snapshot.Manifest))
}

// example is the manifest in the fixtures.
var example = &snapshot.Manifest{
	Parent: snapshot.Sum([]byte("parent")), Seq: 2, Epoch: 3, Created: 1_700_000_000_000_000_005, Job: "job", Label: "before lunch", Step: 1 << 40,
	Sections: []snapshot.Section{
		{Name: "kernel", Version: 1, Size: 5000, Root: snapshot.Sum([]byte("root"))},
		{Name: "mem/1", Version: 2, Size: 1 << 47, Root: snapshot.Sum([]byte("memory"))},
		{Name: "mem/2", Version: 2, Size: 1 << 47},
	},
}

// TestFixtures: each version of the format has a file, which still decodes.
func TestFixtures(t *testing.T) {
	if *update {
		p, err := example.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fmt.Sprintf("testdata/v%d.snap", snapshot.Version), p, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for v := 1; v <= snapshot.Version; v++ {
		p, err := os.ReadFile(fmt.Sprintf("testdata/v%d.snap", v))
		if err != nil {
			t.Fatal(err)
		}
		got, err := snapshot.DecodeManifest(p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(example, got); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", v, diff)
		}
		if again, err := got.Encode(); v == snapshot.Version && (err != nil || string(again) != string(p)) {
			t.Errorf("version %d encodes differently, error %v", v, err)
		}
	}
}

func TestStateHash(t *testing.T) {
	const want = "152acb53071cb4fc45168f3efcb032c78eb1be97fe6a9551d24b283bd9572aa7"
	other := *example
	other.Parent, other.Seq, other.Created, other.Label = snapshot.Hash{}, 7, 8, ""
	if other.State() != example.State() {
		t.Error("the state hash depends on what is not state")
	}
	other.Step++
	if other.State() == example.State() {
		t.Error("the state hash does not depend on the step")
	}
	if got := example.State().String(); got != want {
		t.Errorf("state hash %s, want %s", got, want)
	}
}

func TestDecodeErrors(t *testing.T) {
	good, err := example.Encode()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		harm func(p []byte) []byte
		kind error
		want string
	}{
		{"version", func(p []byte) []byte { p[8] = 9; return p }, snapshot.ErrVersion, "format version 9 and this emurun reads version 1: use the emurun that wrote it, or a newer one"},
		{"bit", func(p []byte) []byte { p[50] ^= 4; return p }, snapshot.ErrCorrupt, "checksum"},
		{"magic", func(p []byte) []byte { p[0] = 'e'; return p }, snapshot.ErrCorrupt, "does not begin with"},
		{"short", func(p []byte) []byte { return p[:20] }, snapshot.ErrCorrupt, "does not begin with"},
		{"cut", func(p []byte) []byte { return resum(p[:len(p)-50]) }, snapshot.ErrCorrupt, "cut short"},
		{"longer", func(p []byte) []byte { return resum(append(p, 0)) }, snapshot.ErrCorrupt, "left over"},
	}
	for _, tt := range tests {
		_, err := snapshot.DecodeManifest(tt.harm([]byte(string(good))))
		if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// resum gives p the right checksum at its end.
func resum(p []byte) []byte {
	body := p[:len(p)-snapshot.HashSize]
	sum := snapshot.Sum(body)
	return append(body, sum[:]...)
}

func TestOrderOfSections(t *testing.T) {
	m := &snapshot.Manifest{Sections: []snapshot.Section{{Name: "b"}, {Name: "a"}}}
	if _, err := m.Encode(); err == nil || !strings.Contains(err.Error(), "must ascend") {
		t.Errorf("error %v", err)
	}
}

func FuzzManifest(f *testing.F) {
	p, _ := example.Encode()
	f.Add(p)
	f.Add(p[:60])
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > snapshot.HashSize {
			p = resum(p) // or the checksum would hide the decoder
		}
		m, err := snapshot.DecodeManifest(p)
		if err != nil {
			return
		}
		if again, err := m.Encode(); err != nil || string(again) != string(p) {
			t.Errorf("%x decodes, and encodes as %x, error %v", p, again, err)
		}
	})
}
