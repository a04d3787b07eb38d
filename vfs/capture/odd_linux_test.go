package capture_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

var unixTime = time.Unix(1, 0)

// odd is a folder with files as /sys has them, and with one that cannot be read.
type odd struct{ vfs.NodeDefaults }

func (o *odd) Root() vfs.Node     { return o }
func (o *odd) Statfs() vfs.Statfs { return vfs.Statfs{Bsize: 4096} }
func (o *odd) Attr() (vfs.Attr, error) {
	return vfs.Attr{Ino: 1, Mode: abi.S_IFDIR | 0o755, Nlink: 2}, nil
}

func (o *odd) Lookup(name string) (vfs.Node, error) {
	f := &oddFile{name: name}
	f.attr = vfs.Attr{Ino: uint64(len(name)), Mode: abi.S_IFREG | 0o644, Nlink: 1}
	if name == "secret" {
		f.attr.Size = 100
	}
	return f, nil
}

type oddFile struct {
	vfs.NodeDefaults
	name  string
	attr  vfs.Attr
	reads int
}

func (f *oddFile) Attr() (vfs.Attr, error) { return f.attr, nil }

func (f *oddFile) Open(uint32) (vfs.File, error) {
	if f.name == "secret" {
		return nil, abi.EACCES
	}
	return vfs.NodeFile(f), nil
}

// ReadAt gives another number each time it is read from the beginning.
func (f *oddFile) ReadAt(p []byte, off int64) (int, error) {
	switch f.name {
	case "endless":
		clear(p)
		return len(p), nil
	case "secret":
		return 0, abi.EACCES
	}
	if off == 0 {
		f.reads++
	}
	if off > 0 {
		return 0, nil
	}
	return copy(p, []byte{'0' + byte(f.reads)}), nil
}

func TestOddFiles(t *testing.T) {
	fs := capture.New(new(odd), capture.Options{})
	var pages wiretest.Pages
	for round := range 3 {
		for name, want := range map[string]string{"number": "1", "endless": abi.EFBIG.Error(), "secret": abi.EACCES.Error()} {
			n, err := fs.Root().Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if _, err := n.Open(abi.O_RDONLY); err != nil {
				got = err.Error()
			} else {
				p := make([]byte, 10)
				k, err := n.ReadAt(p, 0)
				if got = string(p[:k]); err != nil {
					got = err.Error()
				}
			}
			if got != want {
				t.Errorf("round %d: %s is %q, want %q", round, name, got, want)
			}
		}
		s := pages.Freeze(t, kinds(fs), fs)
		fs = capture.New(nil, capture.Options{})
		s.Thaw(t, kinds(fs))
	}
}

// TestCommit lets a commit change the host's files under an overlay: what was in them before
// is still seen, and what was moved is found again.
func TestCommit(t *testing.T) {
	dir := hostTree(t)
	fs := capture.New(open(t, dir), capture.Options{})
	over := overlay.New(overlay.Options{Lower: fs, Dev: 1})
	one := lookup(t, over, "one")
	if _, err := one.Open(abi.O_RDONLY); err != nil {
		t.Fatal(err)
	}
	root := over.Root()
	for _, err := range []error{
		root.Rename("a", root, "moved", 0, 5),
		lookup(t, over, "c/five").SetAttr(vfs.AttrMode, vfs.Attr{Mode: 0o600}, 5),
		lookup(t, over, "c").Rename("sparse", root, "sparse", 0, 5),
		root.Unlink("one", 5),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	k := new(wire.Kinds)
	overlay.Kinds(k, func() *overlay.FS { return nil })
	capture.Kinds(k, func() *capture.FS { return nil })
	var pages wiretest.Pages
	pages.Freeze(t, k, over)
	if err := hostfs.Commit(t.TempDir(), hostfs.Tree{Path: dir, Changes: over.Changes, Synced: over.Synced}); err != nil {
		t.Fatal(err)
	}
	fs.SetBacking(open(t, dir))
	lower, err := fs.Root().Lookup("a")
	if err != nil {
		t.Fatal(err)
	}
	lower.(interface{ MovedTo(string) }).MovedTo("moved")
	for _, f := range []struct {
		n    vfs.Node
		size int
	}{{one, 0}, {lookup(t, over, "c/five"), 2}, {lookup(t, over, "moved/b/three"), 2}, {lookup(t, over, "sparse"), 0}} {
		p := make([]byte, 3)
		if k, err := f.n.ReadAt(p, 0); err != nil {
			t.Errorf("read: %d %v", k, err)
		}
	}
	if p := make([]byte, 3); read(t, lookup(t, over, "moved/b/three"), p) != "a/b" || read(t, lookup(t, over, "c/five"), p) != "c/f" {
		t.Errorf("other content")
	}
	if _, err := os.Stat(filepath.Join(dir, "moved/b/three")); err != nil {
		t.Error(err)
	}
}

// TestDrop removes files that were never opened, before and after their content was stored: it is
// not captured. That of one that was opened is.
func TestDrop(t *testing.T) {
	fs := capture.New(open(t, hostTree(t)), capture.Options{})
	over := overlay.New(overlay.Options{Lower: fs, Dev: 1})
	k := new(wire.Kinds)
	overlay.Kinds(k, func() *overlay.FS { return nil })
	capture.Kinds(k, func() *capture.FS { return nil })
	var pages wiretest.Pages
	host := func() wire.Sum {
		s := pages.Freeze(t, k, over)
		return s.Roots[slices.Index(s.Names, "host/000000")]
	}
	remove := func(dir, name string) {
		t.Helper()
		if err := lookup(t, over, dir).Unlink(name, 5); err != nil {
			t.Fatal(err)
		}
	}
	remove("a", "two")
	if got := host(); got != (wire.Sum{}) {
		t.Errorf("a file that was removed unseen is captured: %x", got)
	}
	if err := lookup(t, over, "c/five").SetAttr(vfs.AttrMode, vfs.Attr{Mode: 0o600}, 5); err != nil {
		t.Fatal(err)
	}
	if got := host(); got == (wire.Sum{}) {
		t.Error("a file that was changed is not captured")
	}
	remove("c", "five")
	remove("a", "cinque")
	if got := host(); got != (wire.Sum{}) {
		t.Errorf("a file that was removed unseen is still captured: %x", got)
	}
	f, err := lookup(t, over, "a/b/three").Open(abi.O_RDONLY)
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	remove("a/b", "three")
	if got := host(); got == (wire.Sum{}) {
		t.Error("a file that was opened is not captured")
	}
}

func lookup(t *testing.T, fs vfs.FileSystem, path string) vfs.Node {
	t.Helper()
	n, err := walk(fs, path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n
}

func read(t *testing.T, n vfs.Node, p []byte) string {
	t.Helper()
	k, err := n.ReadAt(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	return string(p[:k])
}
