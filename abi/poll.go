package abi

// Events of poll(2).
const (
	POLLIN     = 0x1
	POLLPRI    = 0x2
	POLLOUT    = 0x4
	POLLERR    = 0x8
	POLLHUP    = 0x10
	POLLNVAL   = 0x20
	POLLRDNORM = 0x40
	POLLRDBAND = 0x80
	POLLWRNORM = 0x100
	POLLWRBAND = 0x200
	POLLMSG    = 0x400
	POLLRDHUP  = 0x2000
)

// Pollfd is struct pollfd, poll(2).
type Pollfd struct {
	FD      int32
	Events  uint16
	Revents uint16
}

// PollfdSize is the size of Pollfd in memory.
const PollfdSize = 8

// Put writes s to p.
func (s *Pollfd) Put(p []byte) {
	clear(p[:PollfdSize])
	le.PutUint32(p[0:], uint32(s.FD))
	le.PutUint16(p[4:], s.Events)
	le.PutUint16(p[6:], s.Revents)
}

// Decode reads s from p.
func (s *Pollfd) Decode(p []byte) {
	s.FD = int32(le.Uint32(p[0:]))
	s.Events = le.Uint16(p[4:])
	s.Revents = le.Uint16(p[6:])
}
