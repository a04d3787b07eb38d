package socket

import (
	"strings"
	"testing"

	"emurun/abi"
	"emurun/vfs"

	"github.com/google/go-cmp/cmp"
)

// pair returns two connected UNIX sockets.
func pair(kind int32) (a, b *Socket) {
	n := new(Net)
	a, b = n.New(1, abi.AF_UNIX, kind, 0, abi.Ucred{PID: 1}), n.New(2, abi.AF_UNIX, kind, 0, abi.Ucred{PID: 2})
	Pair(a, b)
	return a, b
}

// receive returns what one Receive gives with a buffer of n bytes.
func receive(s *Socket, n int, flags uint32) string {
	b := make([]byte, n)
	r, err := s.Receive(b, flags)
	r.Drop()
	if err != nil {
		return err.Error()
	}
	return string(b[:r.N])
}

// What is sent in pieces, and what reads of three bytes then give: streams join,
// datagrams are cut.
func TestBoundaries(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind int32
		sent []string
		want []string
	}{
		{"stream", abi.SOCK_STREAM, []string{"a", "bcde", "f"}, []string{"abc", "def", abi.EAGAIN.Error()}},
		{"datagrams", abi.SOCK_DGRAM, []string{"a", "bcde", "", "f"}, []string{"a", "bcd", "", "f", abi.EAGAIN.Error()}},
		{"packets", abi.SOCK_SEQPACKET, []string{"a", "bcde", "f"}, []string{"a", "bcd", "f", abi.EAGAIN.Error()}},
	} {
		a, b := pair(tt.kind)
		for _, s := range tt.sent {
			if n, err := a.Send([]byte(s), Outgoing{}); n != len(s) || err != nil {
				t.Errorf("%s: send %q: %d, %v", tt.name, s, n, err)
			}
		}
		var got []string
		for range tt.want {
			got = append(got, receive(b, 3, 0))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// MSG_PEEK leaves what it shows.
func TestPeek(t *testing.T) {
	for _, kind := range []int32{abi.SOCK_STREAM, abi.SOCK_DGRAM} {
		a, b := pair(kind)
		if _, err := a.Send([]byte("xyz"), Outgoing{}); err != nil {
			t.Fatal(err)
		}
		got := []string{receive(b, 3, abi.MSG_PEEK), receive(b, 3, abi.MSG_PEEK), receive(b, 3, 0), receive(b, 3, abi.MSG_PEEK)}
		if diff := cmp.Diff([]string{"xyz", "xyz", "xyz", abi.EAGAIN.Error()}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// A stream takes no more than the buffer of its peer, and a full one is not writable.
func TestFull(t *testing.T) {
	a, b := pair(abi.SOCK_STREAM)
	big := []byte(strings.Repeat("x", 2*bufSize))
	if n, err := a.Send(big, Outgoing{}); n != bufSize || err != nil {
		t.Errorf("sent %d, %v", n, err)
	}
	if _, err := a.Send(big, Outgoing{}); err != abi.EAGAIN {
		t.Errorf("sending more: %v", err)
	}
	if a.Ready()&abi.POLLOUT != 0 {
		t.Error("a full stream is writable")
	}
	receive(b, bufSize, 0)
	if a.Ready()&abi.POLLOUT == 0 {
		t.Error("an empty stream is not writable")
	}
}

// What either side sees when the other shuts down or closes.
func TestEnd(t *testing.T) {
	const in, hup, rdhup = abi.POLLIN | abi.POLLRDNORM, abi.POLLHUP, abi.POLLRDHUP
	const out = abi.POLLOUT | abi.POLLWRNORM
	for _, tt := range []struct {
		name   string
		do     func(a *Socket)
		ready  uint32
		read   string
		writes error
	}{
		{"nothing", func(*Socket) {}, out, abi.EAGAIN.Error(), nil},
		{"SHUT_WR", func(a *Socket) { _ = a.Shutdown(abi.SHUT_WR) }, in | out | rdhup, "", nil},
		{"SHUT_RD", func(a *Socket) { _ = a.Shutdown(abi.SHUT_RD) }, out, abi.EAGAIN.Error(), abi.EPIPE},
		{"SHUT_RDWR", func(a *Socket) { _ = a.Shutdown(abi.SHUT_RDWR) }, in | out | rdhup | hup, "", abi.EPIPE},
		{"close", func(a *Socket) { a.Release() }, in | out | rdhup | hup, "", abi.EPIPE},
	} {
		a, b := pair(abi.SOCK_STREAM)
		tt.do(a)
		if got := b.Ready(); got != tt.ready {
			t.Errorf("%s: ready %#x, want %#x", tt.name, got, tt.ready)
		}
		if got := receive(b, 1, 0); got != tt.read {
			t.Errorf("%s: read %q, want %q", tt.name, got, tt.read)
		}
		if _, err := b.Send([]byte("x"), Outgoing{}); err != tt.writes {
			t.Errorf("%s: write: %v, want %v", tt.name, err, tt.writes)
		}
	}
}

// released counts the releases of a file that is sent.
type released struct {
	vfs.FileDefaults
	n *int
}

func (r released) Release() { *r.n++ }

// Descriptors that are never received are closed with the socket, unix(7).
func TestUnreceived(t *testing.T) {
	a, b := pair(abi.SOCK_STREAM)
	n := 0
	f := vfs.NewOpenFile(released{n: &n}, a, nil, 0)
	if _, err := a.Send([]byte("x"), Outgoing{FDs: []*vfs.OpenFile{f}}); err != nil {
		t.Fatal(err)
	}
	a.Release()
	if n != 0 {
		t.Error("the sender's end released it")
	}
	b.Release()
	if n != 1 {
		t.Errorf("released %d times", n)
	}
}

// Names are free again once their socket is closed.
func TestNames(t *testing.T) {
	n := new(Net)
	open := func() *Socket { return n.New(1, abi.AF_INET, abi.SOCK_STREAM, 0, abi.Ucred{}) }
	addr := abi.Sockaddr{Family: abi.AF_INET, Port: 80}
	s := open()
	if err := n.BindPort(s, addr, false); err != abi.EACCES {
		t.Errorf("port 80 of a user: %v", err)
	}
	if err := n.BindPort(s, addr, true); err != nil {
		t.Error(err)
	}
	if err := n.BindPort(open(), addr, true); err != abi.EADDRINUSE {
		t.Errorf("port 80 again: %v", err)
	}
	s.Release()
	if err := n.BindPort(open(), addr, true); err != nil {
		t.Errorf("port 80 when it is free: %v", err)
	}
	away := abi.Sockaddr{Family: abi.AF_INET, Port: 2000, Addr: [16]byte{10, 0, 0, 1}}
	if err := n.BindPort(open(), away, true); err != abi.EADDRNOTAVAIL {
		t.Errorf("an address of nobody: %v", err)
	}
	u := n.New(2, abi.AF_UNIX, abi.SOCK_DGRAM, 0, abi.Ucred{})
	if err := n.BindAbstract(u, ""); err != nil || n.Abstract(u.Name().Path) != u {
		t.Errorf("autobind: %v, %q", err, u.Name().Path)
	}
	u.Release()
	if n.Abstract(u.Name().Path) != nil {
		t.Error("a closed socket keeps its name")
	}
}
