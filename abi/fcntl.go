package abi

// Commands of fcntl(2).
const (
	F_DUPFD            = 0
	F_GETFD            = 1
	F_SETFD            = 2
	F_GETFL            = 3
	F_SETFL            = 4
	F_GETLK            = 5
	F_SETLK            = 6
	F_SETLKW           = 7
	F_SETOWN           = 8
	F_GETOWN           = 9
	F_SETSIG           = 10
	F_GETSIG           = 11
	F_SETOWN_EX        = 15
	F_GETOWN_EX        = 16
	F_OFD_GETLK        = 36
	F_OFD_SETLK        = 37
	F_OFD_SETLKW       = 38
	F_SETLEASE         = 1024
	F_GETLEASE         = 1025
	F_NOTIFY           = 1026
	F_DUPFD_CLOEXEC    = 1030
	F_SETPIPE_SZ       = 1031
	F_GETPIPE_SZ       = 1032
	F_ADD_SEALS        = 1033
	F_GET_SEALS        = 1034
	F_GET_RW_HINT      = 1035
	F_SET_RW_HINT      = 1036
	F_GET_FILE_RW_HINT = 1037
	F_SET_FILE_RW_HINT = 1038
)

// Descriptor flags of F_GETFD and F_SETFD.
const (
	FD_CLOEXEC = 1
)

// Lock types of F_SETLK.
const (
	F_RDLCK = 0
	F_WRLCK = 1
	F_UNLCK = 2
)

// Seals of memfd_create(2) files, F_ADD_SEALS.
const (
	F_SEAL_SEAL         = 0x1
	F_SEAL_SHRINK       = 0x2
	F_SEAL_GROW         = 0x4
	F_SEAL_WRITE        = 0x8
	F_SEAL_FUTURE_WRITE = 0x10
	F_SEAL_EXEC         = 0x20
)

// Owner types of F_SETOWN_EX.
const (
	F_OWNER_TID  = 0
	F_OWNER_PID  = 1
	F_OWNER_PGRP = 2
)

// Operations of flock(2).
const (
	LOCK_SH = 1
	LOCK_EX = 2
	LOCK_NB = 4
	LOCK_UN = 8
)

// Flock is struct flock, fcntl(2).
type Flock struct {
	Type   int16
	Whence int16
	Start  int64
	Len    int64
	PID    int32
}

// FlockSize is the size of Flock in memory.
const FlockSize = 32

// Put writes s to p.
func (s *Flock) Put(p []byte) {
	clear(p[:FlockSize])
	le.PutUint16(p[0:], uint16(s.Type))
	le.PutUint16(p[2:], uint16(s.Whence))
	le.PutUint64(p[8:], uint64(s.Start))
	le.PutUint64(p[16:], uint64(s.Len))
	le.PutUint32(p[24:], uint32(s.PID))
}

// Decode reads s from p.
func (s *Flock) Decode(p []byte) {
	s.Type = int16(le.Uint16(p[0:]))
	s.Whence = int16(le.Uint16(p[2:]))
	s.Start = int64(le.Uint64(p[8:]))
	s.Len = int64(le.Uint64(p[16:]))
	s.PID = int32(le.Uint32(p[24:]))
}

// FOwnerEx is struct f_owner_ex, fcntl(2).
type FOwnerEx struct {
	Type int32
	PID  int32
}

// FOwnerExSize is the size of FOwnerEx in memory.
const FOwnerExSize = 8

// Put writes s to p.
func (s *FOwnerEx) Put(p []byte) {
	clear(p[:FOwnerExSize])
	le.PutUint32(p[0:], uint32(s.Type))
	le.PutUint32(p[4:], uint32(s.PID))
}

// Decode reads s from p.
func (s *FOwnerEx) Decode(p []byte) {
	s.Type = int32(le.Uint32(p[0:]))
	s.PID = int32(le.Uint32(p[4:]))
}
