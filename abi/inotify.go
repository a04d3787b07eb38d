package abi

// Flags of inotify_init1(2).
const (
	IN_CLOEXEC  = 0x80000
	IN_NONBLOCK = 0x800
)

// Events and watch flags of inotify(7).
const (
	IN_ACCESS        = 0x1
	IN_MODIFY        = 0x2
	IN_ATTRIB        = 0x4
	IN_CLOSE_WRITE   = 0x8
	IN_CLOSE_NOWRITE = 0x10
	IN_OPEN          = 0x20
	IN_MOVED_FROM    = 0x40
	IN_MOVED_TO      = 0x80
	IN_CREATE        = 0x100
	IN_DELETE        = 0x200
	IN_DELETE_SELF   = 0x400
	IN_MOVE_SELF     = 0x800
	IN_UNMOUNT       = 0x2000
	IN_Q_OVERFLOW    = 0x4000
	IN_IGNORED       = 0x8000
	IN_ONLYDIR       = 0x1000000
	IN_DONT_FOLLOW   = 0x2000000
	IN_EXCL_UNLINK   = 0x4000000
	IN_MASK_CREATE   = 0x10000000
	IN_MASK_ADD      = 0x20000000
	IN_ISDIR         = 0x40000000
	IN_ONESHOT       = 0x80000000
	IN_ALL_EVENTS    = 0xfff
)

// InotifyEvent is the fixed part of struct inotify_event, inotify(7); the name of Len bytes follows.
type InotifyEvent struct {
	WD     int32
	Mask   uint32
	Cookie uint32
	Len    uint32
}

// InotifyEventSize is the size of InotifyEvent in memory.
const InotifyEventSize = 16

// Put writes s to p.
func (s *InotifyEvent) Put(p []byte) {
	clear(p[:InotifyEventSize])
	le.PutUint32(p[0:], uint32(s.WD))
	le.PutUint32(p[4:], s.Mask)
	le.PutUint32(p[8:], s.Cookie)
	le.PutUint32(p[12:], s.Len)
}

// Decode reads s from p.
func (s *InotifyEvent) Decode(p []byte) {
	s.WD = int32(le.Uint32(p[0:]))
	s.Mask = le.Uint32(p[4:])
	s.Cookie = le.Uint32(p[8:])
	s.Len = le.Uint32(p[12:])
}
