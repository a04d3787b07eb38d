package hostfiles

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"emurun/vfs"
)

// cache is what a mapping has written to a file.
type cache map[int64]byte // the bytes of a page, by its number

func (c cache) Flush(int64, int64) error { return nil }
func (c cache) Wrote([]byte, int64)      {}
func (c cache) Resized(int64)            {}
func (c cache) Changed(int64, int64)     {}

// Dirty implements vfs.Cache.
func (c cache) Dirty(do func(p []byte, off int64) error) error {
	for i := range int64(4) {
		if b, ok := c[i]; ok {
			if err := do(bytes.Repeat([]byte{b}, 4096), i*4096); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestMapped commits what mappings wrote to a file that the host had and to a new one: with each update
// the host has it, and the guest sees nothing of that.
func TestMapped(t *testing.T) {
	dir := t.TempDir()
	old := bytes.Repeat([]byte("o"), 3*4096)
	if err := os.WriteFile(filepath.Join(dir, "old"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGuest(t, dir, false)
	f := &Files{State: t.TempDir(), Trees: []Tree{{dir, g.upper, g.view}}}
	fresh, err := g.upper.Root().Create("fresh", vfs.NewNode{Mode: 0o100600})
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.SetAttr(vfs.AttrSize, vfs.Attr{Size: 3 * 4096}, 5); err != nil {
		t.Fatal(err)
	}
	pages := cache{1: 'x'}
	for _, n := range []vfs.Node{lookup(t, g, "/old"), fresh} {
		n.(vfs.Cacher).SetCache(pages)
	}
	before, _ := lookup(t, g, "/old").Attr()
	for _, want := range []string{"-x-", "-xy"} {
		delete(pages, 1)
		delete(pages, 2)
		for i, b := range []byte(want) {
			if b != '-' {
				pages[int64(i)] = b
			}
		}
		step(t, f, "")
		for name, otherwise := range map[string]byte{"old": 'o', "fresh": 0} {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			var expect []byte
			for _, b := range []byte(want) {
				if b == '-' {
					b = otherwise
				}
				expect = append(expect, bytes.Repeat([]byte{b}, 4096)...)
			}
			if !slices.Equal(got, expect) {
				t.Errorf("%s: %s has %q, %q, %q", want, name, got[0], got[4096], got[2*4096])
			}
		}
	}
	if after, _ := lookup(t, g, "/old").Attr(); after != before {
		t.Errorf("the guest sees it: %+v, before %+v", after, before)
	}
}
