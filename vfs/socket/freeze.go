package socket

import (
	"cmp"
	"maps"
	"slices"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Kinds adds the kinds of objects of this package. n is the network of the machine that thaws.
func Kinds(k *wire.Kinds, n *Net) {
	wire.Add(k, "socket.Net", func() *Net { return n })
	wire.Add(k, "socket.Socket", func() *Socket { return &Socket{net: n} })
}

func (i inode) compare(x inode) int {
	return cmp.Or(cmp.Compare(i.dev, x.dev), cmp.Compare(i.ino, x.ino))
}

// Freeze implements wire.Object.
func (n *Net) Freeze(e *wire.Encoder) {
	e.Count(len(n.abstract))
	for _, name := range slices.Sorted(maps.Keys(n.abstract)) {
		e.String(name)
		e.Ref(n.abstract[name])
	}
	e.Count(len(n.paths))
	for _, i := range slices.SortedFunc(maps.Keys(n.paths), inode.compare) {
		e.Uint64(i.dev)
		e.Uint64(i.ino)
		e.Ref(n.paths[i])
	}
	freezeSockets(e, n.ports)
	e.Uint32(n.nextName)
	e.Uint16(n.nextPort)
}

// Thaw implements wire.Object. What the network had before is gone.
func (n *Net) Thaw(d *wire.Decoder) {
	*n = Net{abstract: map[string]*Socket{}, paths: map[inode]*Socket{}}
	var name string
	for i := range d.Count(wire.MaxLen, 8) {
		next := d.String(maxPath)
		if i > 0 && name >= next {
			d.Fail("%q is out of order", next)
			return
		}
		name = next
		n.abstract[name] = thawSocket(d)
	}
	var file inode
	for i := range d.Count(wire.MaxLen, 20) {
		next := inode{d.Uint64(), d.Uint64()}
		if i > 0 && file.compare(next) >= 0 {
			d.Fail("inode %d is out of order", next.ino)
			return
		}
		file = next
		n.paths[file] = thawSocket(d)
	}
	n.ports = thawSockets(d)
	n.nextName, n.nextPort = d.Uint32(), d.Uint16()
	if n.nextPort > lastEphemeral-firstEphemeral {
		d.Fail("the next port is %d", firstEphemeral+int(n.nextPort))
	}
}

// maxPath bounds a name; sockaddr_un has less room, unix(7).
const maxPath = abi.PATH_MAX

func freezeSockets(e *wire.Encoder, list []*Socket) {
	e.Count(len(list))
	for _, s := range list {
		e.Ref(s)
	}
}

func thawSockets(d *wire.Decoder) []*Socket {
	var list []*Socket
	seen := map[*Socket]bool{}
	for range d.Count(wire.MaxLen, 4) {
		s := thawSocket(d)
		if seen[s] {
			d.Fail("a socket is in a list twice")
		}
		seen[s] = true
		list = append(list, s)
	}
	return list
}

func thawSocket(d *wire.Decoder) *Socket {
	s := wire.Ref[*Socket](d)
	if s == nil {
		d.Fail("a socket is missing")
	}
	return s
}

// Freeze implements wire.Object.
func (s *Socket) Freeze(e *wire.Encoder) {
	s.FreezeDefaults(e)
	e.Uint64(s.ino)
	e.Int32(s.domain)
	e.Int32(s.kind)
	e.Int32(s.protocol)
	s.queue.Freeze(e)
	e.Uint8(uint8(s.state))
	freezeCred(e, &s.cred)
	freezeCred(e, &s.peerCred)
	s.freezeNames(e)
	e.Count(len(s.in))
	for i := range s.in {
		s.in[i].freeze(e)
	}
	freezeSockets(e, s.backlog)
	e.Int64(int64(s.waiting))
	e.Uint16(uint16(s.err))
	e.Count(len(s.options))
	for _, o := range s.options {
		e.Int32(o.level)
		e.Int32(o.name)
		e.Int64(int64(o.value))
	}
	e.Int64(s.rcvNs)
	e.Int64(s.sndNs)
	for _, b := range s.flags() {
		e.Bool(*b)
	}
}

// flags are the parts that are true or false.
func (s *Socket) flags() []*bool {
	return []*bool{
		&s.shutIn, &s.shutOut, &s.reset, &s.closed, &s.passCred, &s.v6only, &s.refused, &s.progress,
	}
}

// Thaw implements wire.Object.
func (s *Socket) Thaw(d *wire.Decoder) {
	s.ThawDefaults(d)
	s.ino = d.Uint64()
	s.domain, s.kind, s.protocol = d.Int32(), d.Int32(), d.Int32()
	s.queue.Thaw(d)
	s.state = state(d.Uint8())
	thawCred(d, &s.cred)
	thawCred(d, &s.peerCred)
	s.thawNames(d)
	for range d.Count(wire.MaxLen, minMessage) {
		s.in = append(s.in, message{})
		m := &s.in[len(s.in)-1]
		m.thaw(d)
		s.inBytes += len(m.data)
	}
	s.backlog = thawSockets(d)
	s.waiting = int(d.Int64())
	s.err = abi.Errno(d.Uint16())
	for range d.Count(wire.MaxLen, 16) {
		s.options = append(s.options, option{d.Int32(), d.Int32(), int(d.Int64())})
	}
	s.rcvNs, s.sndNs = d.Int64(), d.Int64()
	for _, b := range s.flags() {
		*b = d.Bool()
	}
	if s.err > maxErrno || s.state > connected {
		d.Fail("a socket in state %d with error %d", s.state, s.err)
	}
	d.Filled(s.check)
}

// maxErrno is the last number that a system call can return as an error.
const maxErrno = 4095

// check tests that the sockets that s refers to refer to s as well.
func (s *Socket) check() error {
	if p := s.peer; p != nil && s.connects() && p.peer != s {
		return wire.Corrupt("socket %d is connected to one that is not connected to it", s.ino)
	}
	for _, from := range s.senders {
		if from.peer != s {
			return wire.Corrupt("socket %d does not send to socket %d", from.ino, s.ino)
		}
	}
	return nil
}

// freezeNames writes the addresses and who is connected.
func (s *Socket) freezeNames(e *wire.Encoder) {
	freezeAddr(e, &s.local)
	freezeAddr(e, &s.remote)
	e.Bool(s.bound)
	e.Uint64(s.file.dev)
	e.Uint64(s.file.ino)
	e.Ref(s.peer)
	freezeSockets(e, s.senders)
}

func (s *Socket) thawNames(d *wire.Decoder) {
	thawAddr(d, &s.local)
	thawAddr(d, &s.remote)
	s.bound = d.Bool()
	s.file = inode{d.Uint64(), d.Uint64()}
	s.peer = wire.Ref[*Socket](d)
	s.senders = thawSockets(d)
}

// minMessage is the length of the shortest message.
const minMessage = 4 + 32 + 4 + 12

func (m *message) freeze(e *wire.Encoder) {
	e.Bytes(m.data)
	freezeAddr(e, &m.from)
	e.Count(len(m.fds))
	for _, f := range m.fds {
		e.Ref(f)
	}
	freezeCred(e, &m.cred)
}

func (m *message) thaw(d *wire.Decoder) {
	m.data = d.Bytes(wire.MaxLen)
	thawAddr(d, &m.from)
	for range d.Count(wire.MaxLen, 4) {
		f := wire.Ref[*vfs.OpenFile](d)
		if f == nil {
			d.Fail("a message with a descriptor of nothing")
		}
		m.fds = append(m.fds, f)
	}
	thawCred(d, &m.cred)
}

func freezeAddr(e *wire.Encoder, a *abi.Sockaddr) {
	e.Uint16(a.Family)
	e.String(a.Path)
	e.Fixed(a.Addr[:])
	e.Uint16(a.Port)
	e.Uint32(a.Flow)
	e.Uint32(a.Scope)
}

func thawAddr(d *wire.Decoder, a *abi.Sockaddr) {
	a.Family = d.Uint16()
	a.Path = d.String(maxPath)
	d.Fixed(a.Addr[:])
	a.Port = d.Uint16()
	a.Flow, a.Scope = d.Uint32(), d.Uint32()
}

func freezeCred(e *wire.Encoder, c *abi.Ucred) {
	e.Int32(c.PID)
	e.Uint32(c.UID)
	e.Uint32(c.GID)
}

func thawCred(d *wire.Decoder, c *abi.Ucred) { c.PID, c.UID, c.GID = d.Int32(), d.Uint32(), d.Uint32() }
