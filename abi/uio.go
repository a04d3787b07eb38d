package abi

// Flags of preadv2(2) and pwritev2(2).
const (
	RWF_HIPRI  = 0x1
	RWF_DSYNC  = 0x2
	RWF_SYNC   = 0x4
	RWF_NOWAIT = 0x8
	RWF_APPEND = 0x10
)

// Flags of splice(2), tee(2) and vmsplice(2).
const (
	SPLICE_F_MOVE     = 0x1
	SPLICE_F_NONBLOCK = 0x2
	SPLICE_F_MORE     = 0x4
	SPLICE_F_GIFT     = 0x8
)

// Limits of readv(2) and write(2).
const (
	IOV_MAX      = 1024
	MAX_RW_COUNT = 0x7ffff000
)

// Iovec is struct iovec, readv(2).
type Iovec struct {
	Base uint64
	Len  uint64
}

// IovecSize is the size of Iovec in memory.
const IovecSize = 16

// Put writes s to p.
func (s *Iovec) Put(p []byte) {
	clear(p[:IovecSize])
	le.PutUint64(p[0:], s.Base)
	le.PutUint64(p[8:], s.Len)
}

// Decode reads s from p.
func (s *Iovec) Decode(p []byte) {
	s.Base = le.Uint64(p[0:])
	s.Len = le.Uint64(p[8:])
}
