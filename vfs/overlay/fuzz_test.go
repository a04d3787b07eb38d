package overlay_test

import (
	"testing"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// sample is an overlay with something of everything.
func sample(t testing.TB) *overlay.FS {
	t.Helper()
	lower := captured.Make(nil)
	fs := overlay.New(overlay.Options{Lower: capture.New(lower, capture.Options{}), Clock: now})
	in := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	make := func(dir vfs.Node, name string, mode uint32) vfs.Node {
		n, err := dir.Create(name, vfs.NewNode{Mode: mode | 0o644, Target: "x", Time: 3})
		in(err)
		return n
	}
	d := make(lower.Root(), "d", abi.S_IFDIR)
	f := make(d, "f", abi.S_IFREG)
	_, err := f.WriteAt([]byte("below and more than a page"), 4090, 1)
	in(err)
	in(f.Setxattr("user.x", []byte("y"), 0, 1))
	in(d.Link("hard", f, 1))
	make(lower.Root(), "l", abi.S_IFLNK)
	_, err = make(lower.Root(), "g", abi.S_IFREG).WriteAt([]byte("also below"), 0, 1)
	in(err)

	d, err = fs.Root().Lookup("d")
	in(err)
	f, err = d.Lookup("f")
	in(err)
	_, err = d.Lookup("hard")
	in(err)
	_, err = d.Entries()
	in(err)
	_, err = f.(vfs.Extents).NextData(0, false)
	in(err)
	for _, name := range []string{"l", "g"} {
		n, err := fs.Root().Lookup(name)
		in(err)
		_, err = n.Open(abi.O_RDONLY)
		if name == "l" {
			_, err = n.Readlink()
		}
		in(err)
	}
	_, err = fs.Root().Entries()
	in(err)
	_, err = f.Open(abi.O_RDONLY)
	in(err)
	in(f.SetAttr(vfs.AttrUID|vfs.AttrGID, vfs.Attr{UID: 5, GID: 6}, 2))
	_, err = f.WriteAt([]byte("above"), 100, 2)
	in(err)
	in(f.Allocate(abi.FALLOC_FL_PUNCH_HOLE|abi.FALLOC_FL_KEEP_SIZE, 0, 4096, 2))
	in(f.Setxattr("user.z", []byte("w"), 0, 1))
	in(d.Rename("hard", fs.Root(), "moved", 0, 2))
	e := make(d, "e", abi.S_IFDIR)
	_, err = make(e, "new", abi.S_IFREG).WriteAt([]byte("new"), 4095, 2)
	in(err)
	return fs
}

func sampleKinds(fs *overlay.FS) *wire.Kinds {
	k := new(wire.Kinds)
	captured.Kinds(k, fs)
	return k
}

func freshKinds() *wire.Kinds {
	return sampleKinds(overlay.New(overlay.Options{Lower: capture.New(nil, capture.Options{}), Clock: now}))
}

// use looks at all of a tree and changes some of it.
func use(o wire.Object) {
	fs := o.(*overlay.FS)
	vfstest.Full(fs.Root())
	_ = fs.Root().Unlink("moved", 9)
	_ = fs.Root().Rename("d", fs.Root(), "dd", 0, 9)
	if n, err := fs.Root().Create("more", vfs.NewNode{Mode: abi.S_IFREG}); err == nil {
		_, _ = n.WriteAt(make([]byte, 9000), 1, 9)
	}
	vfstest.Full(fs.Root())
}

func TestCorrupt(t *testing.T) {
	fs := sample(t)
	wiretest.Corrupt(t, freshKinds, fs, use)
}

func FuzzThaw(f *testing.F) {
	fs := sample(f)
	f.Add(wiretest.Frozen(f, sampleKinds(fs), fs))
	f.Fuzz(func(t *testing.T, p []byte) { wiretest.TryThaw(t, freshKinds(), p, use) })
}
