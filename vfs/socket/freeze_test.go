package socket

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

func testKinds(n *Net) *wire.Kinds {
	k := new(wire.Kinds)
	vfs.Kinds(k, nil)
	Kinds(k, n)
	wire.Add(k, "part", func() *testPart { return new(testPart) })
	wiretest.AddRoots(k)
	return k
}

func TestFreezeNet(t *testing.T) {
	wiretest.RoundTripGraph(t, testKinds(new(Net)), new(Net), wiretest.Derived("Socket.net"),
		wiretest.Skip("abstract", "paths", "ports"),
		wiretest.Adjust(func(n *Net) {
			n.abstract, n.paths = map[string]*Socket{}, map[inode]*Socket{}
			for i := range uint64(3) {
				a, b := n.New(i, abi.AF_UNIX, abi.SOCK_STREAM, 0, abi.Ucred{}), n.New(i, abi.AF_UNIX, abi.SOCK_DGRAM, 0, abi.Ucred{})
				if err := n.BindAbstract(a, ""); err != nil {
					t.Fatal(err)
				}
				n.BindPath(b, "/p", &vfs.Attr{Dev: i % 2, Ino: 9 - i})
				n.ports = append(n.ports, n.New(i, abi.AF_INET, abi.SOCK_DGRAM, 0, abi.Ucred{}))
			}
		}))
}

func TestFreezeSocket(t *testing.T) {
	n := new(Net)
	other := func() *Socket { return n.New(40, abi.AF_UNIX, abi.SOCK_STREAM, 0, abi.Ucred{PID: 3}) }
	wiretest.RoundTripGraph(t, testKinds(n), &Socket{net: n},
		wiretest.Derived("Queue.events", "Dentry.kind", "Dentry.checked"),
		wiretest.Skip("net", "peer", "senders", "backlog", "in.fds"),
		wiretest.Make("queue.waiters", newPart), wiretest.Make("NodeDefaults.cache", newPart),
		wiretest.Adjust(func(s *Socket) {
			s.state, s.err, s.inBytes = connected, 40, 0
			s.peer = other()
			s.peer.peer = s
			for i := range s.in {
				s.inBytes += len(s.in[i].data)
				s.in[i].fds = []*vfs.OpenFile{other().OpenFile(0)}
				from := other()
				from.peer, from.kind = s, abi.SOCK_DGRAM
				s.senders = append(s.senders, from)
				s.backlog = append(s.backlog, other())
			}
		}))
}
