package socket

import (
	"errors"
	"fmt"

	"emurun/abi"
	"emurun/vfs"
)

// state is how far a connection-oriented socket has come.
type state uint8

const (
	fresh state = iota
	listening
	connected
)

// message is something sent: a datagram, or a piece of a stream.
type message struct {
	data []byte
	from abi.Sockaddr
	fds  []*vfs.OpenFile // SCM_RIGHTS
	cred abi.Ucred       // of the sender
}

// Socket is an open socket.
type Socket struct {
	vfs.NodeDefaults
	vfs.FileDefaults
	net      *Net
	ino      uint64
	domain   int32
	kind     int32 // abi.SOCK_STREAM…
	protocol int32
	queue    vfs.Queue
	state    state
	cred     abi.Ucred // of who made it, or called listen(2) or connect(2)
	peerCred abi.Ucred // SO_PEERCRED

	local, remote abi.Sockaddr
	bound         bool
	file          inode // of a bound path
	peer          *Socket
	senders       []*Socket // datagram sockets connected to this one

	in       []message
	inBytes  int
	backlog  []*Socket // connections that accept(2) has not taken
	waiting  int       // at most
	shutIn   bool      // nothing more is received
	shutOut  bool      // nothing more is sent
	reset    bool      // ECONNRESET is due
	err      abi.Errno // SO_ERROR
	options  []option
	closed   bool
	passCred bool
	rcvNs    int64 // SO_RCVTIMEO; negative is none
	sndNs    int64
	v6only   bool
	refused  bool // the other end has answered that it is gone
	progress bool // a connect(2) that returned EINPROGRESS has not been asked for again
}

// inode names a bound path.
type inode struct{ dev, ino uint64 }

// bufSize is SO_SNDBUF and SO_RCVBUF at first, /proc/sys/net/core/wmem_default.
const bufSize = 212992

// maxQueued is how many datagrams wait at most, /proc/sys/net/unix/max_dgram_qlen.
const maxQueued = 10

// New returns an unbound socket.
func (n *Net) New(ino uint64, domain, kind, protocol int32, cred abi.Ucred) *Socket {
	return &Socket{
		net: n, ino: ino, domain: domain, kind: kind, protocol: protocol, cred: cred, rcvNs: -1, sndNs: -1,
		local: abi.Sockaddr{Family: uint16(domain)},
	}
}

// OpenFile returns a description of the socket.
func (s *Socket) OpenFile(flags uint32) *vfs.OpenFile {
	return vfs.NewOpenFile(s, s, vfs.NewDentry(fmt.Sprintf("socket:[%d]", s.ino), s), abi.O_RDWR|flags)
}

// Attr implements vfs.Node.
func (s *Socket) Attr() (vfs.Attr, error) {
	return vfs.Attr{Dev: abi.Mkdev(0, 8), Ino: s.ino, Mode: abi.S_IFSOCK | 0o777, Nlink: 1, UID: s.cred.UID, GID: s.cred.GID, Blksize: 4096}, nil
}

// Queue implements vfs.File.
func (s *Socket) Queue() *vfs.Queue { return &s.queue }

// stream reports whether data has no boundaries.
func (s *Socket) stream() bool { return s.kind == abi.SOCK_STREAM }

// connects reports whether the socket needs a connection.
func (s *Socket) connects() bool { return s.kind != abi.SOCK_DGRAM }

// TimeoutsNs tells read(2) and write(2) how long to wait.
func (s *Socket) TimeoutsNs() (read, write int64) { return s.rcvNs, s.sndNs }

// Read implements vfs.File.
func (s *Socket) Read(p []byte, _ int64) (int, error) {
	r, err := s.Receive(p, 0)
	r.Drop()
	return r.N, err
}

// Write implements vfs.File.
func (s *Socket) Write(p []byte, _ int64) (int, error) {
	return s.Send(p, Outgoing{Cred: s.cred})
}

// Ready implements vfs.File.
func (s *Socket) Ready() uint32 {
	var ev uint32
	if s.err != 0 || s.reset {
		ev |= abi.POLLERR
	}
	switch {
	case s.state == listening:
		if len(s.backlog) > 0 {
			ev |= abi.POLLIN | abi.POLLRDNORM
		}
		return ev
	case s.connects() && s.state != connected && !s.eof():
		ev |= abi.POLLOUT | abi.POLLWRNORM | abi.POLLHUP
		if s.err != 0 {
			ev |= abi.POLLIN | abi.POLLRDNORM | abi.POLLRDHUP
		}
		return ev
	}
	if len(s.in) > 0 || s.eof() {
		ev |= abi.POLLIN | abi.POLLRDNORM
	}
	if s.eof() && s.connects() {
		ev |= abi.POLLRDHUP
		if s.shutOut || s.gone() {
			ev |= abi.POLLHUP
		}
	}
	if s.writable() {
		ev |= abi.POLLOUT | abi.POLLWRNORM
	}
	return ev
}

// gone reports whether the other end has closed.
func (s *Socket) gone() bool {
	return s.connects() && s.state == connected && (s.peer == nil || s.peer.closed)
}

// eof reports whether nothing more will be received.
func (s *Socket) eof() bool {
	return s.shutIn || s.gone() || s.connects() && s.peer != nil && s.peer.shutOut
}

// writable reports whether a send would not wait.
func (s *Socket) writable() bool {
	switch {
	case s.shutOut || s.gone():
		return true // EPIPE at once
	case s.peer == nil:
		return true
	}
	return s.peer.room(s)
}

// room reports whether s takes a message from another socket.
func (s *Socket) room(from *Socket) bool {
	if s.kind == abi.SOCK_DGRAM && s.domain == abi.AF_UNIX && len(s.in) > maxQueued {
		return false
	}
	return s.inBytes < s.intOption(abi.SOL_SOCKET, abi.SO_RCVBUF, bufSize)
}

// Ioctl implements vfs.File.
func (s *Socket) Ioctl(req uint32, arg uint64, m vfs.Memory) (uint64, error) {
	n := 0
	switch req {
	case abi.FIONREAD:
		n = s.inBytes
		if !s.stream() && len(s.in) > 0 {
			n = len(s.in[0].data)
		}
		if s.state == listening {
			return 0, abi.EINVAL
		}
	case abi.SIOCOUTQ, abi.SIOCATMARK:
	default:
		return 0, abi.ENOTTY
	}
	b := []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}
	_, err := m.WriteAt(b, arg)
	return 0, err
}

// Release implements vfs.File: the other end sees the end, or a reset if something
// it sent was never read.
func (s *Socket) Release() {
	s.closed = true
	s.net.forget(s)
	unread := len(s.in) > 0
	s.dropInput()
	waiting := s.backlog
	s.backlog = nil
	for _, c := range waiting {
		c.Release()
	}
	if p := s.peer; p != nil && s.connects() {
		p.reset = p.reset || unread
		p.queue.Wake()
	} else if p != nil {
		p.dropSender(s)
	}
	for _, d := range s.senders {
		if d.peer == s {
			d.peer = nil
			d.err = abi.ECONNREFUSED
			d.queue.Wake()
		}
	}
	s.senders = nil
	s.queue.Wake()
}

func (s *Socket) dropInput() {
	in := s.in
	s.in, s.inBytes = nil, 0
	for _, m := range in {
		for _, f := range m.fds {
			f.Unref()
		}
	}
}

func (s *Socket) dropSender(d *Socket) {
	for i, x := range s.senders {
		if x == d {
			s.senders = append(s.senders[:i:i], s.senders[i+1:]...)
			return
		}
	}
}

// Shutdown implements shutdown(2).
func (s *Socket) Shutdown(how int32) error {
	if how < abi.SHUT_RD || how > abi.SHUT_RDWR {
		return abi.EINVAL
	}
	if s.state != connected && (s.kind != abi.SOCK_DGRAM || s.peer == nil) {
		if s.state == listening && s.domain != abi.AF_UNIX && how != abi.SHUT_WR {
			s.net.forget(s)
			s.state = fresh
			s.queue.Wake()
			return nil
		}
		return abi.ENOTCONN
	}
	if how != abi.SHUT_WR {
		s.shutIn = true
	}
	if how != abi.SHUT_RD {
		s.shutOut = true
	}
	if p := s.peer; p != nil && s.connects() && s.domain == abi.AF_UNIX {
		p.shutIn = p.shutIn || s.shutOut
		p.shutOut = p.shutOut || s.shutIn && how != abi.SHUT_WR
	}
	if s.peer != nil {
		s.peer.queue.Wake()
	}
	s.queue.Wake()
	return nil
}

// Name returns the socket's own address, getsockname(2).
func (s *Socket) Name() abi.Sockaddr { return s.local }

// PeerName returns the address of the other end, getpeername(2).
func (s *Socket) PeerName() (abi.Sockaddr, error) {
	if s.connects() && s.state != connected || s.peer == nil && s.remote.Family == 0 {
		return abi.Sockaddr{}, abi.ENOTCONN
	}
	return s.remote, nil
}

// Pair connects two new sockets, socketpair(2).
func Pair(a, b *Socket) {
	a.peer, b.peer = b, a
	a.peerCred, b.peerCred = b.cred, a.cred
	a.remote, b.remote = b.local, a.local
	if a.connects() {
		a.state, b.state = connected, connected
		return
	}
	a.senders, b.senders = []*Socket{b}, []*Socket{a}
}

// Connected reports whether the socket has a connection.
func (s *Socket) Connected() bool { return s.state == connected }

// Listen implements listen(2).
func (s *Socket) Listen(backlog int32, cred abi.Ucred) error {
	switch {
	case !s.connects():
		return abi.EOPNOTSUPP
	case s.state == connected:
		return abi.EINVAL
	case !s.bound && s.domain == abi.AF_UNIX:
		return abi.EINVAL
	case !s.bound:
		if err := s.net.bindPort(s, s.local); err != nil {
			return err
		}
	}
	if backlog < 0 || backlog > abi.SOMAXCONN {
		backlog = abi.SOMAXCONN
	}
	s.state, s.waiting, s.cred = listening, int(backlog), cred
	return nil
}

// Accept takes the oldest waiting connection, accept(2).
func (s *Socket) Accept() (*Socket, error) {
	switch {
	case !s.connects():
		return nil, abi.EOPNOTSUPP
	case s.state != listening:
		return nil, abi.EINVAL
	case len(s.backlog) == 0:
		return nil, abi.EAGAIN
	}
	c := s.backlog[0]
	s.backlog = s.backlog[1:]
	s.queue.WakeFor(abi.POLLOUT) // connects that wait for room
	return c, nil
}

// Connect connects to the socket that to is bound to, connect(2). EAGAIN: its
// backlog is full; wait on the returned queue.
func (s *Socket) Connect(to *Socket, addr abi.Sockaddr, ino uint64, cred abi.Ucred) (*vfs.Queue, error) {
	if !s.connects() {
		if s.peer != nil {
			s.peer.dropSender(s)
		}
		s.peer, s.remote, s.err = to, addr, 0
		if to != nil {
			to.senders = append(to.senders, s)
		}
		return nil, nil
	}
	switch {
	case s.progress && s.state == connected:
		s.progress = false
		return nil, nil
	case s.state == connected:
		return nil, abi.EISCONN
	case s.state == listening:
		return nil, abi.EINVAL
	case to == nil || to.state != listening || to.closed:
		return nil, abi.ECONNREFUSED
	case to.kind != s.kind:
		return nil, abi.EPROTOTYPE
	case len(to.backlog) > to.waiting:
		return &to.queue, abi.EAGAIN
	}
	c := s.net.New(ino, to.domain, to.kind, to.protocol, to.cred)
	c.options = append([]option(nil), to.options...)
	c.local, c.bound = addr, false
	if to.domain == abi.AF_UNIX {
		c.local = to.local
	}
	c.remote = s.local
	s.remote = addr
	s.cred = cred
	c.state, s.state = connected, connected
	c.peer, s.peer = s, c
	c.peerCred, s.peerCred = cred, to.cred
	to.backlog = append(to.backlog, c)
	to.queue.WakeFor(abi.POLLIN)
	s.queue.Wake()
	return nil, nil
}

// InProgress makes the outcome of a Connect known later, as connect(2) does of a
// nonblocking TCP socket: by poll(2), SO_ERROR and the next connect.
func (s *Socket) InProgress(err error) error {
	var e abi.Errno
	if err != nil && !errors.As(err, &e) {
		return err
	}
	s.progress, s.err = true, e
	return abi.EINPROGRESS
}

// Disconnect dissolves a datagram socket's association, connect(2) with AF_UNSPEC.
func (s *Socket) Disconnect() error {
	if s.connects() {
		return abi.EINVAL
	}
	if s.peer != nil {
		s.peer.dropSender(s)
	}
	s.peer, s.remote = nil, abi.Sockaddr{}
	return nil
}
