package socket

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// Outgoing is what goes along with sent data.
type Outgoing struct {
	To   *Socket      // of a datagram; nil is where the socket is connected to
	Addr abi.Sockaddr // the same as an address
	FDs  []*vfs.OpenFile
	Cred abi.Ucred
}

// maxDatagram is the largest datagram of udp(7).
const maxDatagram = 65507

// Send sends data, send(2). Of a stream as much is sent as there is room for. The
// references of the descriptors become the receiver's once something was sent.
func (s *Socket) Send(p []byte, o Outgoing) (int, error) {
	if err := s.takeError(); err != nil {
		return 0, err
	}
	if s.shutOut {
		return 0, abi.EPIPE
	}
	if !s.connects() {
		return s.sendDatagram(p, o)
	}
	switch {
	case s.state != connected && s.domain != abi.AF_UNIX && s.stream():
		return 0, abi.EPIPE
	case s.state != connected:
		return 0, abi.ENOTCONN
	case s.gone() && s.domain != abi.AF_UNIX && !s.refused:
		// TCP notices only by the answer to what it sends (tcp(7)).
		s.refused = len(p) > 0
		return len(p), nil
	case s.gone() || s.peer.shutIn && s.domain == abi.AF_UNIX:
		return 0, abi.EPIPE
	}
	limit := s.peer.intOption(abi.SOL_SOCKET, abi.SO_RCVBUF, bufSize)
	n := len(p)
	if s.stream() {
		n = min(n, max(0, limit-s.peer.inBytes))
		if len(p) == 0 {
			return 0, nil
		}
	} else if n > limit {
		return 0, abi.EMSGSIZE
	} else if s.peer.inBytes > 0 && s.peer.inBytes+n > limit {
		n = 0
	}
	if n == 0 && len(p) > 0 {
		return 0, abi.EAGAIN
	}
	s.peer.deliver(message{data: slices.Clone(p[:n]), from: s.local, fds: o.FDs, cred: o.Cred}, s.stream())
	return n, nil
}

func (s *Socket) sendDatagram(p []byte, o Outgoing) (int, error) {
	to := o.To
	if to == nil && o.Addr.Family == 0 {
		to = s.peer
		if to == nil && s.remote.Family == 0 {
			if s.domain == abi.AF_UNIX {
				return 0, abi.ENOTCONN
			}
			return 0, abi.EDESTADDRREQ
		}
	}
	limit := s.intOption(abi.SOL_SOCKET, abi.SO_SNDBUF, bufSize)
	if s.domain != abi.AF_UNIX {
		limit = maxDatagram
		if !s.bound {
			if err := s.net.bindPort(s, s.local); err != nil {
				return 0, err
			}
		}
	}
	switch {
	case len(p) > limit:
		return 0, abi.EMSGSIZE
	case to == nil && s.domain != abi.AF_UNIX:
		if s.remote.Family != 0 {
			s.err = abi.ECONNREFUSED // the ICMP answer; it is reported to the next call
		}
		return len(p), nil
	case to == nil || to.closed:
		return 0, abi.ECONNREFUSED
	case to.kind != s.kind:
		return 0, abi.EPROTOTYPE
	case to.peer != nil && to.peer != s && s.domain == abi.AF_UNIX:
		return 0, abi.EPERM
	case to.shutIn && s.domain == abi.AF_UNIX:
		return 0, abi.EPIPE
	case !to.room(s):
		if s.domain != abi.AF_UNIX {
			return len(p), nil // lost, as udp(7) may
		}
		return 0, abi.EAGAIN
	}
	from := s.local
	if s.domain != abi.AF_UNIX {
		from = sourceFor(s, to)
	}
	to.deliver(message{data: slices.Clone(p), from: from, fds: o.FDs, cred: o.Cred}, false)
	return len(p), nil
}

// takeError returns and clears what SO_ERROR has.
func (s *Socket) takeError() error {
	if e := s.err; e != 0 {
		s.err = 0
		return e
	}
	return nil
}

// deliver puts a message into the queue; pieces of a stream that are alike join.
func (s *Socket) deliver(m message, join bool) {
	s.inBytes += len(m.data)
	if n := len(s.in); join && n > 0 && len(m.fds) == 0 && s.in[n-1].cred == m.cred {
		s.in[n-1].data = append(s.in[n-1].data, m.data...)
	} else {
		s.in = append(s.in, m)
	}
	s.queue.WakeFor(abi.POLLIN | abi.POLLRDNORM)
}

// Received is what Receive returns besides the data.
type Received struct {
	N    int // bytes put into the buffer
	Size int // of the datagram, which may be larger
	From abi.Sockaddr
	FDs  []*vfs.OpenFile // their references are the caller's
	Cred abi.Ucred
}

// Drop gives up the descriptors.
func (r *Received) Drop() {
	for _, f := range r.FDs {
		f.Unref()
	}
	r.FDs = nil
}

// Receive takes a datagram, or as much of a stream as there is up to the next
// descriptors; flags may have abi.MSG_PEEK. At the end of a stream it is 0 bytes.
func (s *Socket) Receive(p []byte, flags uint32) (Received, error) {
	if len(s.in) == 0 {
		return Received{}, s.nothing()
	}
	first := &s.in[0]
	r := Received{Size: len(first.data), From: first.from, Cred: first.cred}
	peek := flags&abi.MSG_PEEK != 0
	r.FDs = first.fds
	if peek {
		r.FDs = nil
		for _, f := range first.fds {
			r.FDs = append(r.FDs, f.Ref())
		}
	} else {
		first.fds = nil
	}
	if !s.stream() {
		r.N = copy(p, first.data)
		if !peek {
			s.inBytes -= len(first.data)
			s.in = s.in[1:]
		}
	} else {
		r.N = s.receiveStream(p, peek, len(r.FDs) > 0)
	}
	if !peek {
		s.drained()
	}
	return r, nil
}

// receiveStream copies from the pieces of a stream; it does not go beyond one
// that carries descriptors.
func (s *Socket) receiveStream(p []byte, peek, single bool) int {
	n := 0
	for i := 0; i < len(s.in) && n < len(p); {
		m := &s.in[i]
		if i > 0 && (len(m.fds) > 0 || single || s.passCred && m.cred != s.in[0].cred) {
			break
		}
		k := copy(p[n:], m.data)
		n += k
		if peek {
			i++
			continue
		}
		s.inBytes -= k
		if m.data = m.data[k:]; len(m.data) > 0 {
			break
		}
		s.in = s.in[1:]
		if single || len(s.in) > 0 && len(s.in[0].fds) > 0 {
			break
		}
	}
	return n
}

// drained tells senders that there is room.
func (s *Socket) drained() {
	if s.connects() {
		if s.peer != nil {
			s.peer.queue.WakeFor(abi.POLLOUT | abi.POLLWRNORM)
		}
	} else {
		for _, d := range s.senders {
			d.queue.WakeFor(abi.POLLOUT | abi.POLLWRNORM)
		}
	}
	s.queue.WakeFor(abi.POLLOUT)
}

// nothing is the result of receiving from an empty queue.
func (s *Socket) nothing() error {
	if err := s.takeError(); err != nil {
		return err
	}
	switch {
	case s.reset:
		s.reset = false
		return abi.ECONNRESET
	case s.connects() && s.state != connected && s.domain == abi.AF_UNIX && !s.stream():
		return abi.ENOTCONN
	case s.connects() && s.state != connected && s.domain == abi.AF_UNIX:
		return abi.EINVAL
	case s.connects() && s.state != connected:
		return abi.ENOTCONN
	case s.eof():
		return nil
	}
	return abi.EAGAIN
}

// PassesCred reports whether SO_PASSCRED is set.
func (s *Socket) PassesCred() bool { return s.passCred }

// Kind returns the domain and type of the socket.
func (s *Socket) Kind() (domain, kind int32) { return s.domain, s.kind }

// Stream reports whether data has no boundaries.
func (s *Socket) Stream() bool { return s.stream() }
