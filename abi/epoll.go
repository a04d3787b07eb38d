package abi

// Operations of epoll_ctl(2).
const (
	EPOLL_CTL_ADD = 1
	EPOLL_CTL_DEL = 2
	EPOLL_CTL_MOD = 3
)

// Events of epoll_ctl(2).
const (
	EPOLLIN        = 0x1
	EPOLLPRI       = 0x2
	EPOLLOUT       = 0x4
	EPOLLERR       = 0x8
	EPOLLHUP       = 0x10
	EPOLLRDNORM    = 0x40
	EPOLLRDBAND    = 0x80
	EPOLLWRNORM    = 0x100
	EPOLLWRBAND    = 0x200
	EPOLLMSG       = 0x400
	EPOLLRDHUP     = 0x2000
	EPOLLEXCLUSIVE = 0x10000000
	EPOLLWAKEUP    = 0x20000000
	EPOLLONESHOT   = 0x40000000
	EPOLLET        = 0x80000000
)

// Flags of epoll_create1(2).
const (
	EPOLL_CLOEXEC = 0x80000
)

// EpollEvent is struct epoll_event, epoll_ctl(2), which is packed on x86-64.
type EpollEvent struct {
	Events uint32
	Data   uint64
}

// EpollEventSize is the size of EpollEvent in memory.
const EpollEventSize = 12

// Put writes s to p.
func (s *EpollEvent) Put(p []byte) {
	clear(p[:EpollEventSize])
	le.PutUint32(p[0:], s.Events)
	le.PutUint64(p[4:], s.Data)
}

// Decode reads s from p.
func (s *EpollEvent) Decode(p []byte) {
	s.Events = le.Uint32(p[0:])
	s.Data = le.Uint64(p[4:])
}
