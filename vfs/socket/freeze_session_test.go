package socket

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
)

// live are sockets of a machine: a stream with pieces and descriptors in it, one of them its
// own; two senders to a datagram socket with a name; a TCP listener whose client was not
// accepted yet and has sent; one whose other end is gone; a bound path.
type live struct {
	net     *Net
	wait    *testPart
	sockets []*vfs.OpenFile
}

func newLive(t testing.TB) *live {
	l := &live{net: new(Net), wait: new(testPart)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	open := func(domain, kind int32) *Socket {
		s := l.net.New(uint64(len(l.sockets)+1), domain, kind, 0, abi.Ucred{PID: int32(len(l.sockets) + 10), UID: 4})
		l.sockets = append(l.sockets, s.OpenFile(abi.O_NONBLOCK))
		return s
	}
	send := func(s *Socket, text string, o Outgoing) {
		t.Helper()
		_, err := s.Send([]byte(text), o)
		must(err)
	}
	a, b := open(abi.AF_UNIX, abi.SOCK_STREAM), open(abi.AF_UNIX, abi.SOCK_STREAM)
	Pair(a, b)
	send(a, "first", Outgoing{Cred: abi.Ucred{PID: 1}})
	send(a, "with", Outgoing{FDs: []*vfs.OpenFile{l.sockets[1].Ref(), l.sockets[0].Ref()}})
	send(a, "last", Outgoing{Cred: abi.Ucred{PID: 1}})
	b.queue.Add(l.wait)
	must(b.SetOption(abi.SOL_SOCKET, abi.SO_PASSCRED, []byte{1, 0, 0, 0}))
	must(b.Shutdown(abi.SHUT_WR))

	d := open(abi.AF_UNIX, abi.SOCK_DGRAM)
	must(l.net.BindAbstract(d, "\x00name"))
	for range 2 {
		s := open(abi.AF_UNIX, abi.SOCK_DGRAM)
		_, err := s.Connect(d, d.Name(), 0, abi.Ucred{})
		must(err)
		send(s, "datagram", Outgoing{})
		send(s, "", Outgoing{})
	}
	tcp := open(abi.AF_INET, abi.SOCK_STREAM)
	must(l.net.BindPort(tcp, abi.Sockaddr{Family: abi.AF_INET, Port: 8080}, false))
	must(tcp.SetOption(abi.SOL_SOCKET, abi.SO_RCVBUF, []byte{0, 16, 0, 0}))
	must(tcp.Listen(1, abi.Ucred{PID: 2}))
	client := open(abi.AF_INET, abi.SOCK_STREAM)
	addr := abi.Sockaddr{Family: abi.AF_INET, Port: 8080, Addr: [16]byte{127, 0, 0, 1}}
	must(l.net.Autobind(client, &addr))
	_, err := client.Connect(tcp, addr, 30, abi.Ucred{PID: 3})
	must(err)
	send(client, "request", Outgoing{})
	if err := client.InProgress(abi.ECONNREFUSED); err != abi.EINPROGRESS {
		t.Fatal(err)
	}
	e, f := open(abi.AF_UNIX, abi.SOCK_SEQPACKET), open(abi.AF_UNIX, abi.SOCK_SEQPACKET)
	Pair(e, f)
	send(e, "packet", Outgoing{})
	send(f, "unread", Outgoing{})
	l.sockets[len(l.sockets)-2].Unref()
	l.sockets = append(l.sockets[:len(l.sockets)-2], l.sockets[len(l.sockets)-1])
	l.net.BindPath(f, "/path", &vfs.Attr{Dev: 3, Ino: 4})
	return l
}

// roots is what freezes.
func (l *live) roots() *wiretest.Roots {
	r := &wiretest.Roots{Objects: []wire.Object{l.net, l.wait}}
	for _, s := range l.sockets {
		r.Objects = append(r.Objects, s)
	}
	return r
}

// thawedLive is the reverse of roots; nil if the objects are others.
func thawedLive(root wire.Object) *live {
	r, ok := root.(*wiretest.Roots)
	if !ok || len(r.Objects) != 10 {
		return nil
	}
	l := new(live)
	l.net, _ = r.Objects[0].(*Net)
	l.wait, _ = r.Objects[1].(*testPart)
	for _, o := range r.Objects[2:] {
		f, ok := o.(*vfs.OpenFile)
		if !ok {
			return nil
		}
		if _, ok := f.File.(*Socket); !ok {
			return nil
		}
		l.sockets = append(l.sockets, f)
	}
	if l.net == nil || l.wait == nil {
		return nil
	}
	return l
}

type sayer func(format string, args ...any)

func (l *live) socket(i int) *Socket { return l.sockets[i].File.(*Socket) }

// look says how all sockets are.
func (l *live) look(say sayer) {
	for i := range l.sockets {
		s := l.socket(i)
		peer, err := s.PeerName()
		say("%d ready %#x bytes %d, %+v to %+v %v", i, s.Ready(), s.inBytes, s.Name(), peer, err)
	}
	say("woken %d", l.wait.woken)
}

// receive says what a socket gives.
func (l *live) receive(say sayer, i, n int) {
	p := make([]byte, n)
	r, err := l.socket(i).Receive(p, 0)
	say("%d: %q of %d, %v, from %+v %+v", i, p[:r.N], r.Size, err, r.From, r.Cred)
	for _, f := range r.FDs {
		say("  %s with %d references", f.Dentry.Name, f.Refs)
	}
	r.Drop()
}

// goOn does the same with every machine, and returns what it sees.
func (l *live) goOn() (log []string) {
	var say sayer = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	l.look(say)
	for range 6 {
		for i := range l.sockets {
			l.receive(say, i, 7)
		}
	}
	l.look(say)
	for i := range l.sockets {
		s := l.socket(i)
		n, err := s.Send([]byte("more"), Outgoing{Cred: abi.Ucred{PID: 9}})
		say("%d sends %d, %v", i, n, err)
		for _, name := range []int32{abi.SO_ERROR, abi.SO_RCVBUF, abi.SO_PEERCRED, abi.SO_PASSCRED, abi.SO_ACCEPTCONN} {
			v, err := s.Option(abi.SOL_SOCKET, name)
			say("%d option %d: %x %v", i, name, v, err)
		}
	}
	l.connect(say)
	l.look(say)
	for i, f := range l.sockets {
		f.Unref()
		say("%d has %d references", i, f.Refs)
		l.look(say)
	}
	say("%d names, %d paths, %d ports", len(l.net.abstract), len(l.net.paths), len(l.net.ports))
	return log
}

// connect accepts who waits and lets the next ones come.
func (l *live) connect(say sayer) {
	listener := l.socket(5)
	for range 2 {
		s, err := listener.Accept()
		say("accept: %v", err)
		if err != nil {
			break
		}
		p := make([]byte, 9)
		r, err := s.Receive(p, 0)
		say("request %q, %v, from %+v", p[:r.N], err, s.remote)
		r.Drop()
	}
	for ino := range uint64(3) {
		c := l.net.New(50+ino, abi.AF_INET, abi.SOCK_STREAM, 0, abi.Ucred{})
		addr := listener.local
		say("bind: %v %+v", l.net.Autobind(c, &addr), c.local)
		_, err := c.Connect(listener, addr, 60+ino, abi.Ucred{PID: 7})
		say("connect: %v", err)
	}
	u := l.net.New(70, abi.AF_UNIX, abi.SOCK_DGRAM, 0, abi.Ucred{})
	say("autobind: %v %+v", l.net.BindAbstract(u, ""), u.local)
	say("at names: %v %v", l.net.Abstract("\x00name") == l.socket(2), l.net.AtPath(&vfs.Attr{Dev: 3, Ino: 4}) == l.socket(7))
}

func TestFreezeLive(t *testing.T) {
	l := newLive(t)
	thawed := thawedLive(wiretest.Copy(t, testKinds(new(Net)), l.roots()))
	if thawed == nil {
		t.Fatal("other objects have thawed")
	}
	want, got := l.goOn(), thawed.goOn()
	if d := cmp.Diff(want, got); d != "" || len(want) < 100 {
		t.Errorf("%d lines (-live +thawed):\n%s", len(want), d)
	}
	if testing.Verbose() {
		for _, line := range want {
			t.Log(line)
		}
	}
}

func freshKinds() *wire.Kinds { return testKinds(new(Net)) }

// use goes on with what thawed from bytes that nobody wrote.
func use(o wire.Object) {
	if l := thawedLive(o); l != nil {
		l.goOn()
	}
}

func TestThawCorrupt(t *testing.T) { wiretest.Corrupt(t, freshKinds, newLive(t).roots(), use) }

func TestThawImpossible(t *testing.T) {
	for name, spoil := range map[string]func(l *live){
		"a peer of another":       func(l *live) { l.socket(0).peer = l.socket(3) },
		"a sender to another":     func(l *live) { l.socket(2).senders[0].peer = l.socket(0) },
		"a sender twice":          func(l *live) { l.socket(2).senders[0] = l.socket(2).senders[1] },
		"no sender":               func(l *live) { l.socket(2).senders[0] = nil },
		"nobody in a backlog":     func(l *live) { l.socket(5).backlog[0] = nil },
		"a descriptor of nothing": func(l *live) { l.socket(1).in[1].fds[0] = nil },
		"a fourth state":          func(l *live) { l.socket(1).state = 3 },
		"an error too large":      func(l *live) { l.socket(1).err = 4096 },
		"a port too large":        func(l *live) { l.net.nextPort = 60000 },
		"a name of nobody":        func(l *live) { l.net.abstract["\x00x"] = nil },
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
