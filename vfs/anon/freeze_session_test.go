package anon

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

var fifoAttr = vfs.Attr{Dev: 1, Ino: 70, Mode: abi.S_IFIFO | 0o600}

// live are objects of a machine: a pipe with three packets, a FIFO whose reader waits for a
// writer, an eventfd that is nearly full, and two epoll sets, one in the other, that watch
// them by level, by edge and once.
type live struct {
	state *State
	wait  *testPart
	r, w  *vfs.OpenFile // of the pipe
	event *vfs.OpenFile
	inner *vfs.OpenFile
	outer *vfs.OpenFile
}

func newLive(t testing.TB) *live {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	l := &live{state: new(State), wait: new(testPart)}
	l.r, l.w = l.state.OpenPipe(4, abi.O_DIRECT|abi.O_NONBLOCK)
	for _, s := range []string{"one", "two", "three"} {
		_, err := l.w.Write([]byte(s))
		must(err)
	}
	fifo := l.state.Fifo(&fifoAttr)
	if _, err := fifo.OpenFifo(5, abi.O_RDONLY); err != abi.EAGAIN {
		t.Fatal(err)
	}
	fifo.queue.Add(l.wait)
	l.event = l.state.Open(NewEventfd(eventfdMax-1, abi.EFD_SEMAPHORE), "[eventfd]", abi.O_RDWR)
	inner, outer := NewEpoll(), NewEpoll()
	l.inner = l.state.Open(inner, "[eventpoll]", abi.O_RDWR)
	l.outer = l.state.Open(outer, "[eventpoll]", abi.O_RDWR)
	must(inner.Add(3, l.r, abi.EpollEvent{Events: abi.EPOLLIN, Data: 3}))
	must(inner.Add(4, l.event, abi.EpollEvent{Events: abi.EPOLLIN | abi.EPOLLOUT | abi.EPOLLET, Data: 4}))
	must(inner.Add(5, l.event, abi.EpollEvent{Events: abi.EPOLLOUT | abi.EPOLLONESHOT, Data: 5}))
	must(outer.Add(6, l.inner, abi.EpollEvent{Events: abi.EPOLLIN, Data: 6}))
	must(outer.Add(7, l.w, abi.EpollEvent{Events: abi.EPOLLOUT | abi.EPOLLET | abi.EPOLLEXCLUSIVE, Data: 7}))
	outer.queue.Add(l.wait)
	inner.Take(2) // the pipe goes to the end, the eventfd is taken
	return l
}

// roots is what freezes.
func (l *live) roots() *wiretest.Roots {
	return &wiretest.Roots{Objects: []wire.Object{l.state, l.wait, l.r, l.w, l.event, l.inner, l.outer}}
}

// thawedLive is the reverse of roots; nil if the objects are others.
func thawedLive(root wire.Object) *live {
	r, ok := root.(*wiretest.Roots)
	if !ok || len(r.Objects) != 7 {
		return nil
	}
	l := new(live)
	for i, p := range []**vfs.OpenFile{&l.r, &l.w, &l.event, &l.inner, &l.outer} {
		if *p, ok = r.Objects[i+2].(*vfs.OpenFile); !ok {
			return nil
		}
	}
	l.state, _ = r.Objects[0].(*State)
	l.wait, _ = r.Objects[1].(*testPart)
	if l.state == nil || l.wait == nil {
		return nil
	}
	return l
}

// goOn does the same with every machine, and returns what it sees.
func (l *live) goOn() (log []string) {
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	read := func(f *vfs.OpenFile, n int) {
		p := make([]byte, n)
		n, err := f.Read(p)
		say("read %q, %v", p[:max(n, 0)], err)
	}
	take := func(f *vfs.OpenFile, limit int) {
		if e, ok := f.File.(*Epoll); ok {
			say("ready %#x: %v; woken %d", f.File.Ready(), e.Take(limit), l.wait.woken)
			say("%d entries of %d files: %v", len(e.items), len(e.files), slices.Sorted(maps.Values(e.files)))
		}
	}
	look := func() {
		take(l.inner, 1)
		take(l.outer, 9)
		take(l.inner, 9)
	}
	look()
	read(l.r, 2)
	look()
	read(l.event, 8)
	look()
	for range 2 {
		_, err := l.event.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0})
		say("write: %v", err)
	}
	look()
	for range 3 {
		read(l.r, 100)
	}
	look()
	_, err := l.w.Write(make([]byte, 5000))
	say("write: %v", err)
	look()
	l.goOnFifo(say)
	for _, f := range []*vfs.OpenFile{l.r, l.inner, l.event, l.w, l.outer} {
		f.Unref()
		look()
	}
	return append(log, fmt.Sprint(l.state.NextInode(), len(l.state.fifos)))
}

// goOnFifo lets the partner of a waiting open come and go, and the next one wait.
func (l *live) goOnFifo(say func(string, ...any)) {
	fifo := l.state.Fifo(&fifoAttr)
	w, err := fifo.OpenFifo(6, abi.O_WRONLY)
	say("writer: %v, woken %d", err, l.wait.woken)
	if err != nil {
		return
	}
	w.Release()
	r, err := fifo.OpenFifo(5, abi.O_RDONLY)
	say("reader: %v", err)
	if err != nil {
		return
	}
	say("ready %#x", r.Ready())
	r.Release()
	say("%d FIFOs, again the same: %v", len(l.state.fifos), l.state.Fifo(&fifoAttr) == fifo)
}

func TestFreezeLive(t *testing.T) {
	l := newLive(t)
	thawed := thawedLive(wiretest.Copy(t, testKinds(new(State)), l.roots()))
	want, got := l.goOn(), thawed.goOn()
	if d := cmp.Diff(want, got); d != "" || len(want) < 40 {
		t.Errorf("%d lines (-live +thawed):\n%s", len(want), d)
	}
	if testing.Verbose() {
		for _, line := range want {
			t.Log(line)
		}
	}
}

func freshKinds() *wire.Kinds { return testKinds(new(State)) }

// use goes on with what thawed from bytes that nobody wrote.
func use(o wire.Object) {
	if l := thawedLive(o); l != nil {
		l.goOn()
	}
}

func TestThawCorrupt(t *testing.T) { wiretest.Corrupt(t, freshKinds, newLive(t).roots(), use) }

func TestThawImpossible(t *testing.T) {
	items := func(f *vfs.OpenFile) []*epollItem { return f.File.(*Epoll).sorted() }
	for name, spoil := range map[string]func(l *live){
		"a set in itself":        func(l *live) { items(l.inner)[0].file = l.inner },
		"a circle of sets":       func(l *live) { items(l.inner)[0].file = l.outer },
		"an entry of no file":    func(l *live) { items(l.inner)[0].file = nil },
		"an entry without queue": func(l *live) { items(l.inner)[0].queue = nil },
		"an entry of two sets":   func(l *live) { items(l.inner)[0].set = l.outer.File.(*Epoll) },
		"an entry too young":     func(l *live) { items(l.inner)[2].age = 100 },
		"ready twice": func(l *live) {
			e := l.inner.File.(*Epoll)
			e.ready = append(e.ready, e.ready[0])
		},
		"no buffers":       func(l *live) { l.r.File.(*PipeEnd).slots = 0 },
		"too many buffers": func(l *live) { l.r.File.(*PipeEnd).slots = 2 },
		"an empty buffer":  func(l *live) { l.r.File.(*PipeEnd).bufs[1].data = nil },
		"another's FIFO":   func(l *live) { l.state.fifos[fifoKey{1, 70}].key.ino = 71 },
		"another's end":    func(l *live) { l.state.fifos[fifoKey{1, 70}].opening[0].end.Pipe = l.r.File.(*PipeEnd).Pipe },
		"a full eventfd":   func(l *live) { l.event.File.(*Eventfd).count = 1<<64 - 1 },
	} {
		l := newLive(t)
		spoil(l)
		if _, err := wire.ThawGraph(wiretest.Frozen(t, freshKinds(), l.roots()), freshKinds(), nil); err == nil {
			t.Errorf("%s thaws", name)
		}
	}
}

// Sets nest five deep, whichever end they grow at.
func TestNesting(t *testing.T) {
	for name, inward := range map[string]bool{"outwards": false, "inwards": true} {
		s := new(State)
		last := s.Open(NewEpoll(), "", abi.O_RDWR)
		for i := range 6 {
			next := s.Open(NewEpoll(), "", abi.O_RDWR)
			set, member := next, last
			if inward {
				set, member = last, next
			}
			want := error(nil)
			if i >= 4 {
				want = abi.ELOOP
			}
			if err := set.File.(*Epoll).Add(3, member, abi.EpollEvent{Events: abi.EPOLLIN}); err != want {
				t.Errorf("%s, set %d: %v, want %v", name, i+2, err, want)
			}
			if want == nil {
				last = next
			}
		}
		wiretest.Copy(t, testKinds(new(State)), last)
	}
}

// FuzzThaw: whatever thaws freezes again and can be used; nothing panics or hangs.
func FuzzThaw(f *testing.F) {
	f.Add(wiretest.Frozen(f, freshKinds(), newLive(f).roots()))
	f.Fuzz(func(t *testing.T, p []byte) { wiretest.TryThaw(t, freshKinds(), p, use) })
}
