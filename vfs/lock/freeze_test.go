package lock

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

// testOwner stands for descriptor tables that own locks and threads that wait for them.
type testOwner struct{ woken uint32 }

func (o *testOwner) Wake()                  { o.woken++ }
func (o *testOwner) Freeze(e *wire.Encoder) { e.Uint32(o.woken) }
func (o *testOwner) Thaw(d *wire.Decoder)   { o.woken = d.Uint32() }

// testNode is a file, and its own description's.
type testNode struct {
	vfs.NodeDefaults
	vfs.FileDefaults
	ino uint64
}

func (n *testNode) Attr() (vfs.Attr, error) { return vfs.Attr{Dev: 1, Ino: n.ino}, nil }
func (n *testNode) Freeze(e *wire.Encoder)  { e.Uint64(n.ino) }
func (n *testNode) Thaw(d *wire.Decoder)    { n.ino = d.Uint64() }

func testKinds(t *Table) *wire.Kinds {
	k := new(wire.Kinds)
	vfs.Kinds(k, nil)
	Kinds(k, t)
	wire.Add(k, "owner", func() *testOwner { return new(testOwner) })
	wire.Add(k, "node", func() *testNode { return new(testNode) })
	wiretest.AddRoots(k)
	return k
}

func freshKinds() *wire.Kinds { return testKinds(new(Table)) }

func newFile(ino uint64) *vfs.OpenFile {
	n := &testNode{ino: ino}
	return vfs.NewOpenFile(n, n, nil, abi.O_RDWR)
}

func newOwner() any { return &testOwner{5} }

func TestFreezeTable(t *testing.T) {
	n := int64(0)
	wiretest.RoundTripGraph(t, freshKinds(), new(Table), wiretest.Derived("Queue.events", "Dentry.kind", "Dentry.checked"),
		wiretest.Skip("files"), wiretest.Make("waiting.who", newOwner), wiretest.Make("waiting.holder", newOwner),
		wiretest.Adjust(func(x *Table) {
			for ino := range uint64(3) {
				f := x.file(ID{9 - ino, ino})
				for range 2 {
					n += 10
					f.records = append(f.records, Record{&testOwner{1}, int32(n), n%20 == 0, n, n + 5})
					f.whole = append(f.whole, whole{newFile(ino), n%20 == 0})
				}
				f.queue.Add(&testOwner{2})
			}
		}))
}

// live are the locks of a machine: two descriptor tables with POSIX locks on one file, one
// of which waits for the other, two descriptions with OFD locks there, and two with flock(2)
// locks on another file. Threads wait for both files.
type live struct {
	table   *Table
	owners  [2]*testOwner
	threads [2]*testOwner
	files   [4]*vfs.OpenFile
}

var first, second = ID{1, 100}, ID{1, 7}

func newLive(t testing.TB) *live {
	l := &live{table: new(Table)}
	for i := range 2 {
		l.owners[i], l.threads[i] = new(testOwner), new(testOwner)
		l.files[i], l.files[i+2] = newFile(first.Ino), newFile(second.Ino)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(l.table.Set(first, Record{l.owners[0], 11, true, 0, 9}))
	must(l.table.Set(first, Record{l.owners[1], 12, false, 10, EOF}))
	must(l.table.Set(first, Record{l.files[0], -1, false, 30, 39}))
	must(l.table.Set(first, Record{l.files[1], -1, false, 35, 50}))
	if err := l.table.Set(first, Record{l.owners[1], 12, true, 5, 5}); err != abi.EAGAIN {
		t.Fatal(err)
	}
	q, err := l.table.Wait(first, Record{l.owners[1], 12, true, 5, 5})
	must(err)
	q.Add(l.threads[0])
	must(l.table.Flock(second, l.files[2], false))
	must(l.table.Flock(second, l.files[3], false))
	l.table.Queue(second).Add(l.threads[1])
	for _, f := range l.files {
		f.Hold(l.table)
	}
	return l
}

func (l *live) roots() *wiretest.Roots {
	r := &wiretest.Roots{Objects: []wire.Object{l.table}}
	for i := range 2 {
		r.Objects = append(r.Objects, l.owners[i], l.threads[i], l.files[i], l.files[i+2])
	}
	return r
}

// thawedLive is the reverse of roots; nil if the objects are others.
func thawedLive(o wire.Object) *live {
	r, ok := o.(*wiretest.Roots)
	if !ok || len(r.Objects) != 9 {
		return nil
	}
	l := new(live)
	if l.table, ok = r.Objects[0].(*Table); !ok {
		return nil
	}
	for i := range 2 {
		o := r.Objects[1+4*i:]
		l.owners[i], _ = o[0].(*testOwner)
		l.threads[i], _ = o[1].(*testOwner)
		l.files[i], _ = o[2].(*vfs.OpenFile)
		l.files[i+2], _ = o[3].(*vfs.OpenFile)
		if l.owners[i] == nil || l.threads[i] == nil || l.files[i] == nil || l.files[i+2] == nil {
			return nil
		}
	}
	return l
}

// goOn does the same with every machine, and returns what it sees.
func (l *live) goOn() (log []string) {
	t := l.table
	say := func(format string, args ...any) {
		log = append(log, fmt.Sprintf(format, args...)+fmt.Sprintf("; woken %d %d, %d files", l.threads[0].woken, l.threads[1].woken, len(t.files)))
	}
	get := func(id ID, start int64) {
		r, ok := t.Get(id, Record{Owner: "me", Exclusive: true, Start: start, End: start})
		say("lock at %d: %v %d %v %d-%d", start, ok, r.PID, r.Exclusive, r.Start, r.End)
	}
	for _, at := range []int64{0, 9, 10, 32, 37, 45, 1 << 40} {
		get(first, at)
	}
	_, err := t.Wait(first, Record{l.owners[0], 11, true, 20, 20})
	say("the other one waits: %v", err)
	say("set: %v", t.Set(first, Record{l.owners[0], 11, false, 4, 6}))
	say("set: %v", t.Set(first, Record{l.owners[1], 12, false, 5, 5}))
	_, err = t.Wait(first, Record{l.owners[0], 11, true, 5, 5})
	say("wait: %v", err)
	get(first, 5)
	say("flock: %v", t.Flock(second, l.files[2], true))
	l.files[3].Unref()
	say("flock: %v", t.Flock(second, l.files[2], true))
	l.files[0].Unref()
	get(first, 32)
	t.Release(first, l.owners[1])
	get(first, 10)
	t.Release(first, l.owners[0])
	l.files[1].Unref()
	l.files[2].Unref()
	say("end")
	t.Queue(first).Remove(l.threads[0])
	t.Queue(second).Remove(l.threads[1])
	t.Unlock(first, l.owners[0], 0, EOF)
	t.Funlock(second, l.files[3])
	say("nobody waits")
	return log
}

func TestFreezeLive(t *testing.T) {
	l := newLive(t)
	thawed := thawedLive(wiretest.Copy(t, freshKinds(), l.roots()))
	if thawed == nil {
		t.Fatal("other objects have thawed")
	}
	want, got := l.goOn(), thawed.goOn()
	if d := cmp.Diff(want, got); d != "" || len(want) < 18 {
		t.Errorf("%d lines (-live +thawed):\n%s", len(want), d)
	}
	if testing.Verbose() {
		for _, line := range want {
			t.Log(line)
		}
	}
}

func use(o wire.Object) {
	if l := thawedLive(o); l != nil {
		l.goOn()
	}
}

func TestThawCorrupt(t *testing.T) { wiretest.Corrupt(t, freshKinds, newLive(t).roots(), use) }

func TestThawImpossible(t *testing.T) {
	for name, spoil := range map[string]func(l *live){
		"a lock of nobody":            func(l *live) { l.table.files[first].records[0].Owner = nil },
		"a whole lock of nobody":      func(l *live) { l.table.files[second].whole[0].owner = nil },
		"a lock that ends before":     func(l *live) { l.table.files[first].records[1].End = 3 },
		"a lock before the beginning": func(l *live) { l.table.files[first].records[0].Start = -1 },
		"locks out of order":          func(l *live) { l.table.files[first].records[0].Start = 60 },
		"nobody waits":                func(l *live) { l.table.waiting[0].who = nil },
	} {
		l := newLive(t)
		spoil(l)
		if _, err := wire.ThawGraph(wiretest.Frozen(t, freshKinds(), l.roots()), freshKinds(), nil); err == nil {
			t.Errorf("%s thaws", name)
		}
	}
}

// FuzzThaw: whatever thaws freezes again and can be used; nothing panics or hangs.
func FuzzThaw(f *testing.F) {
	f.Add(wiretest.Frozen(f, freshKinds(), newLive(f).roots()))
	f.Fuzz(func(t *testing.T, p []byte) { wiretest.TryThaw(t, freshKinds(), p, use) })
}
