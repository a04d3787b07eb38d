package vfs

import (
	"testing"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

// testNode stands for the nodes of file systems. A directory has no hidden parts: its
// names are what was put there.
type testNode struct {
	NodeDefaults
	attr  Attr
	names []string
	nodes []*testNode
}

func (n *testNode) Attr() (Attr, error) { return n.attr, nil }
func (n *testNode) Now() Time           { return 7 }
func (n *testNode) Closed()             {}

func (n *testNode) find(name string) int {
	for i, x := range n.names {
		if x == name {
			return i
		}
	}
	return -1
}

func (n *testNode) Lookup(name string) (Node, error) {
	if i := n.find(name); i >= 0 {
		return n.nodes[i], nil
	}
	return nil, abi.ENOENT
}

func (n *testNode) Entries() (out []DirEntry, err error) {
	for i, name := range n.names {
		out = append(out, DirEntry{name, n.nodes[i].attr.Ino, DirentType(n.nodes[i].attr.Mode)})
	}
	return
}

func (n *testNode) put(name string, c *testNode) {
	n.names, n.nodes = append(n.names, name), append(n.nodes, c)
}

func (n *testNode) Create(name string, x NewNode) (Node, error) {
	c := &testNode{attr: Attr{Ino: n.attr.Ino*10 + uint64(len(n.names)), Mode: x.Mode, Nlink: 1}}
	n.put(name, c)
	return c, nil
}

func (n *testNode) take(name string) (*testNode, error) {
	i := n.find(name)
	if i < 0 {
		return nil, abi.ENOENT
	}
	c := n.nodes[i]
	n.names, n.nodes = append(n.names[:i:i], n.names[i+1:]...), append(n.nodes[:i:i], n.nodes[i+1:]...)
	return c, nil
}

func (n *testNode) Unlink(name string, _ Time) error {
	_, err := n.take(name)
	return err
}

func (n *testNode) Rename(name string, dir Node, newName string, _ uint32, _ Time) error {
	c, err := n.take(name)
	if err == nil {
		dir.(*testNode).put(newName, c)
	}
	return err
}

func (n *testNode) Open(uint32) (File, error) {
	if n.attr.Mode&abi.S_IFMT == abi.S_IFDIR {
		return DirFile(n), nil
	}
	return NodeFile(n), nil
}

func (n *testNode) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	n.attr.Freeze(e)
	e.Count(len(n.names))
	for i, name := range n.names {
		e.String(name)
		e.Ref(n.nodes[i])
	}
}

func (n *testNode) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.attr.Thaw(d)
	for range d.Count(100, 8) {
		n.put(d.String(100), wire.Ref[*testNode](d))
		if n.nodes[len(n.nodes)-1] == nil {
			d.Fail("no node")
		}
	}
}

// testFS is a file system of testNodes.
type testFS struct {
	n    uint32
	root *testNode
}

func newTestFS(n uint32) *testFS {
	return &testFS{n, &testNode{attr: Attr{Ino: uint64(n), Mode: abi.S_IFDIR | 0o755, Nlink: 2}}}
}

func (f *testFS) Root() Node     { return f.root }
func (f *testFS) Statfs() Statfs { return Statfs{} }
func (f *testFS) Freeze(e *wire.Encoder) {
	e.Uint32(f.n)
	e.Ref(f.root)
}
func (f *testFS) Thaw(d *wire.Decoder) {
	f.n = d.Uint32()
	if f.root = wire.Ref[*testNode](d); f.root == nil {
		d.Fail("no root")
	}
}

// testFile stands for the files of others.
type testFile struct {
	FileDefaults
	n uint32
}

func (f *testFile) Freeze(e *wire.Encoder) { e.Uint32(f.n) }
func (f *testFile) Thaw(d *wire.Decoder)   { f.n = d.Uint32() }

// testPart waits, holds and caches.
type testPart struct{ n uint32 }

func (p *testPart) Wake()                                 {}
func (p *testPart) Closed(*OpenFile)                      {}
func (p *testPart) Flush(int64, int64) error              { return nil }
func (p *testPart) Wrote([]byte, int64)                   {}
func (p *testPart) Resized(int64)                         {}
func (p *testPart) Dirty(func([]byte, int64) error) error { return nil }
func (p *testPart) Changed(int64, int64)                  {}
func (p *testPart) Freeze(e *wire.Encoder)                { e.Uint32(p.n) }
func (p *testPart) Thaw(d *wire.Decoder)                  { p.n = d.Uint32() }

// testQueue is an object with a queue inside, to which it points.
type testQueue struct {
	q  Queue
	to *Queue
}

func (q *testQueue) Freeze(e *wire.Encoder) {
	q.q.Freeze(e)
	e.Ref(q.to)
}

func (q *testQueue) Thaw(d *wire.Decoder) {
	q.q.Thaw(d)
	wire.Later(d, func(x *Queue) { q.to = x })
}

func testKinds(ns *Namespace) *wire.Kinds {
	k := new(wire.Kinds)
	Kinds(k, ns)
	wire.Add(k, "node", func() *testNode { return new(testNode) })
	wire.Add(k, "fs", func() *testFS { return new(testFS) })
	wire.Add(k, "file", func() *testFile { return new(testFile) })
	wire.Add(k, "part", func() *testPart { return new(testPart) })
	wire.Add(k, "queue", func() *testQueue { return new(testQueue) })
	wiretest.AddRoots(k)
	return k
}

func newPart(n uint32) func() any { return func() any { n++; return &testPart{n} } }
func newNode(n uint64) func() any { return func() any { n++; return &testNode{attr: Attr{Ino: n}} } }

func newTestMount(n uint32, at *Dentry) *Mount {
	m := &Mount{FS: newTestFS(n), At: at, Source: "src", Type: "fs", Flags: 5}
	m.Root = &Dentry{Name: "/", Node: m.FS.Root(), mount: m}
	return m
}

// What Link finds out is not frozen, nor what is looked up again.
var derived = wiretest.Derived("Dentry.checked", "Dentry.kind", "Queue.events")

func TestFreezeOpenFile(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(nil), new(OpenFile), derived,
		wiretest.Skip("Dentry.mount", "Dentry.mounted", "Dentry.children", "Dentry.Parent"),
		wiretest.Make("File", func() any { return &testFile{n: 3} }), wiretest.Make("Node", newNode(3)),
		wiretest.Make("Dentry.Node", newNode(4)), wiretest.Make("holders", newPart(5)))
}

func TestFreezeFiles(t *testing.T) {
	k := testKinds(nil)
	wiretest.RoundTripGraph(t, k, new(nodeFile), wiretest.Skip("opened"), wiretest.Make("node", newNode(1)),
		wiretest.Adjust(func(f *nodeFile) { f.setNode(f.node) }))
	wiretest.RoundTripGraph(t, k, new(dirFile), wiretest.Make("opened", newNode(1)))
	wiretest.RoundTripGraph(t, k, new(pathFile))
}

func TestFreezeNode(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(nil), new(testNode), wiretest.Make("NodeDefaults.cache", newPart(1)),
		wiretest.Make("nodes", newNode(1)))
}

func TestFreezeQueue(t *testing.T) {
	want := new(testQueue)
	wiretest.RoundTripGraph(t, testKinds(nil), want, derived, wiretest.Make("q.waiters", newPart(1)),
		wiretest.Make("to", func() any { return &want.q }))
}

func TestFreezeDentry(t *testing.T) {
	for name, fix := range map[string]func(*Dentry){
		"deleted": func(*Dentry) {},
		"linked": func(d *Dentry) {
			d.deleted = false
			d.Parent.children = map[string]*Dentry{d.Name: d}
		},
	} {
		t.Run(name, func(t *testing.T) {
			wiretest.RoundTripGraph(t, testKinds(nil), new(Dentry), derived, wiretest.Make("Node", newNode(1)),
				wiretest.Skip("children", "mount", "mounted", "Parent"),
				wiretest.Adjust(func(d *Dentry) {
					d.mount = newTestMount(1, nil)
					d.Parent = d.mount.Root
					d.mounted = newTestMount(2, d)
					fix(d)
				}))
		})
	}
}

func TestFreezeMount(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(nil), new(Mount), derived, wiretest.Skip("Root", "At"),
		wiretest.Make("FS", func() any { return newTestFS(9) }),
		wiretest.Adjust(func(m *Mount) {
			m.Root = &Dentry{Name: "/", Node: m.FS.Root(), mount: m}
			m.At = newTestMount(3, nil).Root
			m.At.mounted = m
		}))
}

// A fresh machine's mounts give way to those that were frozen.
func TestFreezeNamespace(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(&Namespace{mounts: []*Mount{newTestMount(9, nil)}}), new(Namespace), derived,
		wiretest.Skip("Special", "mounts", "root"),
		wiretest.Adjust(func(ns *Namespace) {
			a := newTestMount(1, nil)
			b := newTestMount(2, a.Root)
			a.Root.mounted = b
			ns.root, ns.mounts = a.Root, []*Mount{a, b}
		}))
}

// The file systems of a fresh machine are found by the order of their mounts.
func TestMounted(t *testing.T) {
	a, b := newTestMount(1, nil), newTestMount(2, nil)
	ns := &Namespace{mounts: []*Mount{a, {FS: a.FS}, b}}
	next := Mounted[*testFS](ns)
	if x, y, z := next(), next(), next(); x != a.FS || y != b.FS || z != nil {
		t.Errorf("got %v, %v, %v", x, y, z)
	}
}
