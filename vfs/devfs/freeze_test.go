package devfs

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

// testCache stands for a page cache.
type testCache struct{ n uint32 }

func (c *testCache) Flush(int64, int64) error              { return nil }
func (c *testCache) Wrote([]byte, int64)                   {}
func (c *testCache) Resized(int64)                         {}
func (c *testCache) Dirty(func([]byte, int64) error) error { return nil }
func (c *testCache) Changed(int64, int64)                  {}
func (c *testCache) Freeze(e *wire.Encoder)                { e.Uint32(c.n) }
func (c *testCache) Thaw(d *wire.Decoder)                  { c.n = d.Uint32() }

// newFS is the /dev of a fresh machine whose random bytes are all b.
func newFS(b byte) *FS {
	f := New(5, 7, func(p []byte) {
		for i := range p {
			p[i] = b
		}
	})
	f.Symlink("fd", "/proc/self/fd")
	f.Mkdir("shm")
	return f
}

func testKinds(f *FS, ns *vfs.Namespace) *wire.Kinds {
	k := new(wire.Kinds)
	vfs.Kinds(k, ns)
	Kinds(k, f)
	wire.Add(k, "cache", func() *testCache { return new(testCache) })
	wiretest.AddRoots(k)
	return k
}

func TestFreezeFS(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(newFS(2), nil), newFS(1), wiretest.Derived("node.fs"),
		wiretest.Skip("openers", "random", "root"))
}

func TestFreezeNode(t *testing.T) {
	f := newFS(1)
	wiretest.RoundTripGraph(t, testKinds(f, nil), &node{fs: f}, wiretest.Skip("fs", "entries", "nodes"),
		wiretest.Make("NodeDefaults.cache", func() any { return &testCache{3} }),
		wiretest.Adjust(func(n *node) {
			for i, name := range []string{"b", "a", "c"} {
				n.add(name, &node{fs: f, attr: vfs.Attr{Ino: uint64(i + 1)}})
			}
		}))
}

// live is a /dev with its devices open and attributes changed.
func live(t testing.TB) *wiretest.Roots {
	fs := newFS(1)
	ns := vfs.NewNamespace(fs, "udev", "devtmpfs", 0)
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Now: 9}
	r := &wiretest.Roots{Objects: []wire.Object{ns}}
	for _, name := range []string{"null", "zero", "full", "urandom", "null"} {
		f, err := c.Open(nil, name, vfs.How{Flags: abi.O_RDWR})
		if err != nil {
			t.Fatal(err)
		}
		r.Objects = append(r.Objects, f)
	}
	d, err := c.Walk(nil, "zero", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Chmod(d, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// goOn does the same with every machine, and returns what it sees.
func goOn(o wire.Object) (log []string) {
	r, ok := o.(*wiretest.Roots)
	if !ok || len(r.Objects) == 0 {
		return nil
	}
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	for _, x := range r.Objects[1:] {
		if f, ok := x.(*vfs.OpenFile); ok {
			p := []byte("xy")
			n, err := f.Read(p)
			say("%s: %q %d %v", f.Dentry.Name, p, n, err)
			n, err = f.Write(p)
			say("%d %v", n, err)
		}
	}
	ns, ok := r.Objects[0].(*vfs.Namespace)
	if !ok {
		return nil
	}
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Now: 10}
	entries, err := ns.Root().Node.Entries()
	say("%v %v", entries, err)
	for _, e := range entries {
		d, err := c.Walk(nil, e.Name, false)
		if err != nil {
			say("%s: %v", e.Name, err)
			continue
		}
		a, err := d.Node.Attr()
		target, _ := d.Node.Readlink()
		say("%s: %+v %v %q", e.Name, a, err, target)
		f, err := c.OpenAt(d, abi.O_RDONLY)
		say("opens: %v", err)
		if err == nil {
			f.Unref()
		}
	}
	return log
}

func fresh() *wire.Kinds {
	fs := newFS(1)
	return testKinds(fs, vfs.NewNamespace(fs, "", "", 0))
}

func TestFreezeLive(t *testing.T) {
	l := live(t)
	thawed := wiretest.Copy(t, fresh(), l)
	want, got := goOn(l), goOn(thawed)
	if d := cmp.Diff(want, got); d != "" || len(want) < 20 {
		t.Errorf("%d lines (-live +thawed):\n%s", len(want), d)
	}
}

func TestThawCorrupt(t *testing.T) {
	wiretest.Corrupt(t, fresh, live(t), func(o wire.Object) { goOn(o) })
}

// FuzzThaw: whatever thaws freezes again and can be used; nothing panics or hangs.
func FuzzThaw(f *testing.F) {
	f.Add(wiretest.Frozen(f, fresh(), live(f)))
	f.Fuzz(func(t *testing.T, p []byte) { wiretest.TryThaw(t, fresh(), p, func(o wire.Object) { goOn(o) }) })
}
