package procfs

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// testKinds are this package's kinds with a stand-in for the kernel's.
func testKinds(k *kernel.Kernel) *wire.Kinds {
	kinds := new(wire.Kinds)
	Kinds(kinds, k)
	return kinds
}

func TestNodesFreeze(t *testing.T) {
	fs := func() any {
		f := &FS{magic: abi.PROC_SUPER_MAGIC, root: new(dir)}
		f.root.fs = f
		f.begin()
		return f
	}
	skip := wiretest.Skip("head.NodeDefaults.cache", "head.at.proc", "head.at.thread", "head.e", "head.known", "head.fs.list", "head.fs.find", "head.fs.root.head.e")
	make := wiretest.Make("head.fs", fs)
	for _, n := range []wiretest.State{new(dir), new(file), new(symlink), new(magicLink)} {
		wiretest.RoundTripGraph(t, testKinds(nil), n, skip, make)
	}
	o := &openFile{file: &file{head{fs: fs().(*FS)}}}
	wiretest.RoundTripGraph(t, testKinds(nil), o, wiretest.Make("file", func() any { return o.file }), wiretest.Skip("file.head.fs.list", "file.head.fs.find"))
	f := fs().(*FS)
	wiretest.RoundTripGraph(t, testKinds(nil), f, wiretest.Skip("k", "list", "find", "root.head.fs.list", "root.head.fs.find"),
		wiretest.Make("root", func() any { return f.root }), wiretest.Adjust(func(f *FS) { f.magic = abi.SYSFS_MAGIC }))
}

// Every node of /proc and /sys shows the same when it is found again by its place.
func TestResolve(t *testing.T) {
	k, _ := newProc(t)
	for _, fs := range []*FS{New(k, 22), NewSys(k, 23)} {
		n := 0
		var walk func(path string, node vfs.Node)
		walk = func(path string, node vfs.Node) {
			n++
			h, fresh := headOf(node), headOf(node)
			fresh.known, fresh.e = false, entry{}
			if got, want := shape(fresh.entry()), shape(h.entry()); got != want {
				t.Errorf("%s is %+v when it is found again, not %+v", path, got, want)
			}
			list, err := node.Entries()
			if err != nil {
				return
			}
			for _, e := range list {
				child, err := node.Lookup(e.Name)
				if err != nil {
					t.Fatalf("%s/%s: %v", path, e.Name, err)
				}
				walk(path+"/"+e.Name, child)
			}
		}
		walk("", fs.Root())
		if n < 30 {
			t.Errorf("%d nodes", n)
		}
	}
}

// headOf returns a copy of the head of a node.
func headOf(n vfs.Node) head {
	switch n := n.(type) {
	case *dir:
		return n.head
	case *file:
		return n.head
	case *symlink:
		return n.head
	case *magicLink:
		return n.head
	}
	return n.(*memNode).head
}

// kindOf is what of an entry can be compared.
type kindOf struct {
	name                           string
	list, gen, set, target, to, of bool
}

func shape(e *entry) kindOf {
	return kindOf{e.name, e.list != nil, e.gen != nil, e.set != nil, e.target != nil, e.to != nil, e.proc != nil}
}

// A file that was read goes on with what it showed.
func TestOpenFileFreeze(t *testing.T) {
	k, c := newProc(t)
	f, err := c.Open(nil, "/proc/1000/stat", vfs.How{})
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if _, err := f.Read(b); err != nil {
		t.Fatal(err)
	}
	o := f.File.(*openFile)
	o.file.at.proc = nil // the kernel's kinds are not here
	o.file.at.path = "/uptime"
	g, err := wire.FreezeGraph(testKinds(k), o)
	if err != nil {
		t.Fatal(err)
	}
	x, err := wire.ThawGraph(g.Encoding, testKinds(k), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := x.(*openFile)
	if diff := cmp.Diff(o.data, got.data); diff != "" || !got.made {
		t.Errorf("made %v (-want +got)\n%s", got.made, diff)
	}
	if _, err := got.Read(b, 0); err != nil || !slices.Contains(b, '.') {
		t.Errorf("from its beginning it reads %q, %v", b, err)
	}
}

// FuzzThaw: whatever thaws can be looked at and frozen again.
func FuzzThaw(f *testing.F) {
	fs := New(nil, 5)
	g, err := wire.FreezeGraph(testKinds(nil), &openFile{file: &file{head{fs: fs, at: place{path: "/sys/kernel/ostype"}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(g.Encoding)
	f.Fuzz(func(t *testing.T, p []byte) {
		o, err := wire.ThawGraph(p, testKinds(nil), nil)
		if err != nil {
			return
		}
		if _, err := wire.FreezeGraph(testKinds(nil), o); err != nil {
			t.Errorf("it thaws, but does not freeze: %v", err)
		}
	})
}
