package anon

import (
	"testing"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

// testPart stands for threads that wait, and page caches.
type testPart struct{ woken uint32 }

func (p *testPart) Wake()                                 { p.woken++ }
func (p *testPart) Flush(int64, int64) error              { return nil }
func (p *testPart) Wrote([]byte, int64)                   {}
func (p *testPart) Resized(int64)                         {}
func (p *testPart) Dirty(func([]byte, int64) error) error { return nil }
func (p *testPart) Changed(int64, int64)                  {}
func (p *testPart) Freeze(e *wire.Encoder)                { e.Uint32(p.woken) }
func (p *testPart) Thaw(d *wire.Decoder)                  { p.woken = d.Uint32() }

func newPart() any { return &testPart{7} }

func testKinds(s *State) *wire.Kinds {
	k := new(wire.Kinds)
	vfs.Kinds(k, nil)
	Kinds(k, s)
	wire.Add(k, "part", func() *testPart { return new(testPart) })
	wiretest.AddRoots(k)
	return k
}

// options are for the parts that other tests look at, and what is derived.
var options = []wiretest.Option{
	wiretest.Derived("Dentry.checked", "Dentry.kind", "Queue.events", "Epoll.nested"),
	wiretest.Make("inode.NodeDefaults.cache", newPart), wiretest.Make("NodeDefaults.cache", newPart),
	wiretest.Make("kind.queue.waiters", newPart),
}

func roundTrip(t *testing.T, want wiretest.State, more ...wiretest.Option) {
	t.Helper()
	wiretest.RoundTripGraph(t, testKinds(new(State)), want, append(more, options...)...)
}

func TestFreezeState(t *testing.T) {
	s := new(State)
	roundTrip(t, s, wiretest.Skip("fifos"), wiretest.Adjust(func(s *State) {
		for ino := range uint64(3) {
			s.Fifo(&vfs.Attr{Dev: 9, Ino: ino, Mode: abi.S_IFIFO})
		}
	}))
}

func TestFreezeInode(t *testing.T) { roundTrip(t, new(inode)) }

func TestFreezePipe(t *testing.T) {
	roundTrip(t, new(Pipe), wiretest.Skip("opening.end", "fifos"), wiretest.Adjust(func(p *Pipe) {
		for i := range p.opening {
			p.opening[i].end = p.End(abi.O_RDONLY)
		}
		p.fifos = &State{fifos: map[fifoKey]*Pipe{p.key: p}}
	}))
}

func TestFreezePipeEnd(t *testing.T) {
	roundTrip(t, new(PipeEnd), wiretest.Skip("Pipe"), wiretest.Adjust(func(e *PipeEnd) { e.Pipe = newPipe(inode{ino: 3}) }))
}

func TestFreezeEventfd(t *testing.T) { roundTrip(t, new(Eventfd)) }

// The room behind the bytes of a buffer shows in how much the pipe takes.
func TestFreezeRoom(t *testing.T) {
	p := newPipe(inode{})
	w, r := p.End(abi.O_WRONLY), p.End(abi.O_RDONLY)
	p.slots = 1
	for _, n := range []int{4000, 50} {
		if k, err := w.Write(make([]byte, n), 0); k != n || err != nil {
			t.Fatalf("write: %d, %v", k, err)
		}
	}
	if _, err := r.Read(make([]byte, 4040), 0); err != nil {
		t.Fatal(err)
	}
	thawed := wiretest.Copy(t, testKinds(new(State)), w)
	for _, e := range []*PipeEnd{w, thawed} {
		if k, err := e.Write(make([]byte, 47), 0); err != abi.EAGAIN {
			t.Errorf("47 bytes: %d, %v", k, err)
		}
		if k, err := e.Write(make([]byte, 46), 0); k != 46 || err != nil {
			t.Errorf("46 bytes: %d, %v", k, err)
		}
	}
}

// watched returns a set that watches two eventfds, of which one is ready.
func watched() *Epoll {
	e := NewEpoll()
	s := new(State)
	for i := range uint64(2) {
		f := s.Open(NewEventfd(i, 0), "[eventfd]", abi.O_RDWR)
		if err := e.Add(int32(i+3), f, abi.EpollEvent{Events: abi.EPOLLIN, Data: i}); err != nil {
			panic(err)
		}
	}
	return e
}

func TestFreezeEpoll(t *testing.T) {
	roundTrip(t, new(Epoll), wiretest.Skip("items", "files", "ready"), wiretest.Adjust(func(e *Epoll) {
		x := watched()
		e.items, e.files, e.ready = x.items, x.files, x.ready
		for _, i := range x.sorted() {
			i.set = e
			i.file.Drop(x)
			i.file.Hold(e)
		}
	}))
}

func TestFreezeEpollItem(t *testing.T) {
	roundTrip(t, new(epollItem), wiretest.Skip("set", "file", "queue", "listed"), wiretest.Adjust(func(i *epollItem) {
		i.set = NewEpoll()
		i.file = new(State).Open(NewEventfd(1, 0), "[eventfd]", abi.O_RDWR)
		i.queue = i.file.File.Queue()
		i.queue.Add(i)
		i.set.items[epollKey{i.fd, i.file}] = i
		i.set.files[i.file] = 1
		i.set.added = i.age
	}))
}
