package abi

// Flags of eventfd2(2).
const (
	EFD_SEMAPHORE = 0x1
	EFD_CLOEXEC   = 0x80000
	EFD_NONBLOCK  = 0x800
)

// Flags of signalfd4(2).
const (
	SFD_CLOEXEC  = 0x80000
	SFD_NONBLOCK = 0x800
)

// Flags of timerfd_create(2) and timerfd_settime(2).
const (
	TFD_CLOEXEC             = 0x80000
	TFD_NONBLOCK            = 0x800
	TFD_TIMER_ABSTIME       = 0x1
	TFD_TIMER_CANCEL_ON_SET = 0x2
	TFD_IOC_SET_TICKS       = 0x40085400
)

// SignalfdSiginfo is struct signalfd_siginfo, signalfd(2).
type SignalfdSiginfo struct {
	Signo   uint32
	Errno   int32
	Code    int32
	PID     uint32
	UID     uint32
	FD      int32
	TID     uint32
	Band    uint32
	Overrun uint32
	Trapno  uint32
	Status  int32
	Int     int32
	Ptr     uint64
	Utime   uint64
	Stime   uint64
	Addr    uint64
}

// SignalfdSiginfoSize is the size of SignalfdSiginfo in memory.
const SignalfdSiginfoSize = 128

// Put writes s to p.
func (s *SignalfdSiginfo) Put(p []byte) {
	clear(p[:SignalfdSiginfoSize])
	le.PutUint32(p[0:], s.Signo)
	le.PutUint32(p[4:], uint32(s.Errno))
	le.PutUint32(p[8:], uint32(s.Code))
	le.PutUint32(p[12:], s.PID)
	le.PutUint32(p[16:], s.UID)
	le.PutUint32(p[20:], uint32(s.FD))
	le.PutUint32(p[24:], s.TID)
	le.PutUint32(p[28:], s.Band)
	le.PutUint32(p[32:], s.Overrun)
	le.PutUint32(p[36:], s.Trapno)
	le.PutUint32(p[40:], uint32(s.Status))
	le.PutUint32(p[44:], uint32(s.Int))
	le.PutUint64(p[48:], s.Ptr)
	le.PutUint64(p[56:], s.Utime)
	le.PutUint64(p[64:], s.Stime)
	le.PutUint64(p[72:], s.Addr)
}
