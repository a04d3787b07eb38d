package abi

import (
	"encoding/binary"
	"strconv"
)

// Signal is a signal number, signal(7).
type Signal int32

// The signals of x86-64 Linux.
const (
	SIGHUP    Signal = 1
	SIGINT    Signal = 2
	SIGQUIT   Signal = 3
	SIGILL    Signal = 4
	SIGTRAP   Signal = 5
	SIGABRT   Signal = 6
	SIGBUS    Signal = 7
	SIGFPE    Signal = 8
	SIGKILL   Signal = 9
	SIGUSR1   Signal = 10
	SIGSEGV   Signal = 11
	SIGUSR2   Signal = 12
	SIGPIPE   Signal = 13
	SIGALRM   Signal = 14
	SIGTERM   Signal = 15
	SIGSTKFLT Signal = 16
	SIGCHLD   Signal = 17
	SIGCONT   Signal = 18
	SIGSTOP   Signal = 19
	SIGTSTP   Signal = 20
	SIGTTIN   Signal = 21
	SIGTTOU   Signal = 22
	SIGURG    Signal = 23
	SIGXCPU   Signal = 24
	SIGXFSZ   Signal = 25
	SIGVTALRM Signal = 26
	SIGPROF   Signal = 27
	SIGWINCH  Signal = 28
	SIGIO     Signal = 29
	SIGPWR    Signal = 30
	SIGSYS    Signal = 31

	SIGRTMIN Signal = 32 // the first real-time signal as the kernel counts them
	SIGMAX   Signal = 64
)

var signalName = [...]string{
	SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
	SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
	SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
	SIGSTKFLT: "SIGSTKFLT", SIGCHLD: "SIGCHLD", SIGCONT: "SIGCONT", SIGSTOP: "SIGSTOP", SIGTSTP: "SIGTSTP",
	SIGTTIN: "SIGTTIN", SIGTTOU: "SIGTTOU", SIGURG: "SIGURG", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
	SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF", SIGWINCH: "SIGWINCH", SIGIO: "SIGIO", SIGPWR: "SIGPWR",
	SIGSYS: "SIGSYS",
}

// String returns the symbol, such as "SIGINT", or "SIGRT_n" as strace has it.
func (s Signal) String() string {
	switch {
	case s >= SIGRTMIN && s <= SIGMAX:
		return "SIGRT_" + strconv.Itoa(int(s-SIGRTMIN))
	case s > 0 && s < SIGRTMIN:
		return signalName[s]
	}
	return strconv.Itoa(int(s))
}

// Valid reports whether s is a signal number.
func (s Signal) Valid() bool { return s >= 1 && s <= SIGMAX }

// Bit returns the signal's bit in a signal set, or 0 for an invalid number.
func (s Signal) Bit() uint64 {
	if !s.Valid() {
		return 0
	}
	return 1 << (uint(s) - 1)
}

// How rt_sigprocmask(2) combines masks.
const (
	SIG_BLOCK   = 0
	SIG_UNBLOCK = 1
	SIG_SETMASK = 2
)

// Special handlers, rt_sigaction(2).
const (
	SIG_DFL = 0
	SIG_IGN = 1
)

// Flags of rt_sigaction(2).
const (
	SA_NOCLDSTOP      = 0x00000001
	SA_NOCLDWAIT      = 0x00000002
	SA_SIGINFO        = 0x00000004
	SA_EXPOSE_TAGBITS = 0x00000800
	SA_RESTORER       = 0x04000000
	SA_ONSTACK        = 0x08000000
	SA_RESTART        = 0x10000000
	SA_NODEFER        = 0x40000000
	SA_RESETHAND      = 0x80000000
)

// Sigaction is the kernel's struct sigaction on x86-64.
type Sigaction struct {
	Handler  uint64
	Flags    uint64
	Restorer uint64
	Mask     uint64
}

// SigactionSize is the size of Sigaction in memory.
const SigactionSize = 32

// Put writes a to p.
func (a *Sigaction) Put(p []byte) {
	binary.LittleEndian.PutUint64(p, a.Handler)
	binary.LittleEndian.PutUint64(p[8:], a.Flags)
	binary.LittleEndian.PutUint64(p[16:], a.Restorer)
	binary.LittleEndian.PutUint64(p[24:], a.Mask)
}

// Decode reads a from p.
func (a *Sigaction) Decode(p []byte) {
	a.Handler = binary.LittleEndian.Uint64(p)
	a.Flags = binary.LittleEndian.Uint64(p[8:])
	a.Restorer = binary.LittleEndian.Uint64(p[16:])
	a.Mask = binary.LittleEndian.Uint64(p[24:])
}

// Flags and limits of sigaltstack(2).
const (
	SS_ONSTACK    = 1
	SS_DISABLE    = 2
	SS_AUTODISARM = 1 << 31
	MINSIGSTKSZ   = 2048
)

// StackT is stack_t, sigaltstack(2).
type StackT struct {
	SP    uint64
	Flags uint32
	Size  uint64
}

// StackTSize is the size of StackT in memory.
const StackTSize = 24

// Put writes s to p.
func (s *StackT) Put(p []byte) {
	binary.LittleEndian.PutUint64(p, s.SP)
	binary.LittleEndian.PutUint64(p[8:], uint64(s.Flags))
	binary.LittleEndian.PutUint64(p[16:], s.Size)
}

// Decode reads s from p.
func (s *StackT) Decode(p []byte) {
	s.SP = binary.LittleEndian.Uint64(p)
	s.Flags = binary.LittleEndian.Uint32(p[8:])
	s.Size = binary.LittleEndian.Uint64(p[16:])
}

// Values of si_code, sigaction(2).
const (
	SI_USER    = 0
	SI_KERNEL  = 0x80
	SI_QUEUE   = -1
	SI_TIMER   = -2
	SI_MESGQ   = -3
	SI_ASYNCIO = -4
	SI_SIGIO   = -5
	SI_TKILL   = -6

	ILL_ILLOPN = 2

	FPE_INTDIV = 1
	FPE_FLTDIV = 3
	FPE_FLTOVF = 4
	FPE_FLTUND = 5
	FPE_FLTRES = 6
	FPE_FLTINV = 7

	SEGV_MAPERR = 1
	SEGV_ACCERR = 2

	BUS_ADRALN = 1
	BUS_ADRERR = 2

	TRAP_BRKPT = 1
	TRAP_TRACE = 2

	CLD_EXITED    = 1
	CLD_KILLED    = 2
	CLD_DUMPED    = 3
	CLD_TRAPPED   = 4
	CLD_STOPPED   = 5
	CLD_CONTINUED = 6

	POLL_IN  = 1
	POLL_OUT = 2
	POLL_HUP = 6
)

// SiginfoSize is the size of siginfo_t in memory.
const SiginfoSize = 128

// Siginfo is siginfo_t. Data is the union behind the three common fields, as
// far as Linux keeps it (32 bytes); the methods read its members.
type Siginfo struct {
	Signo Signal
	Errno int32
	Code  int32
	Data  [4]uint64
}

// Put writes s to p, SiginfoSize bytes.
func (s *Siginfo) Put(p []byte) {
	clear(p[:SiginfoSize])
	binary.LittleEndian.PutUint32(p, uint32(s.Signo))
	binary.LittleEndian.PutUint32(p[4:], uint32(s.Errno))
	binary.LittleEndian.PutUint32(p[8:], uint32(s.Code))
	for i, v := range s.Data {
		binary.LittleEndian.PutUint64(p[16+8*i:], v)
	}
}

// Decode reads s from p.
func (s *Siginfo) Decode(p []byte) {
	s.Signo = Signal(binary.LittleEndian.Uint32(p))
	s.Errno = int32(binary.LittleEndian.Uint32(p[4:]))
	s.Code = int32(binary.LittleEndian.Uint32(p[8:]))
	for i := range s.Data {
		s.Data[i] = binary.LittleEndian.Uint64(p[16+8*i:])
	}
}

// PID returns si_pid of a kill, queue or SIGCHLD information.
func (s *Siginfo) PID() int32 { return int32(s.Data[0]) }

// UID returns si_uid of a kill, queue or SIGCHLD information.
func (s *Siginfo) UID() uint32 { return uint32(s.Data[0] >> 32) }

// Value returns si_value of a queue or timer information.
func (s *Siginfo) Value() uint64 { return s.Data[1] }

// Status returns si_status of a SIGCHLD information.
func (s *Siginfo) Status() int32 { return int32(s.Data[1]) }

// Utime returns si_utime of a SIGCHLD information, in clock ticks.
func (s *Siginfo) Utime() uint64 { return s.Data[2] }

// Stime returns si_stime of a SIGCHLD information, in clock ticks.
func (s *Siginfo) Stime() uint64 { return s.Data[3] }

// TimerID returns si_timerid of a timer information.
func (s *Siginfo) TimerID() int32 { return int32(s.Data[0]) }

// Overrun returns si_overrun of a timer information.
func (s *Siginfo) Overrun() int32 { return int32(s.Data[0] >> 32) }

// Addr returns si_addr of a fault.
func (s *Siginfo) Addr() uint64 { return s.Data[0] }

// Band returns si_band of a poll information.
func (s *Siginfo) Band() int64 { return int64(s.Data[0]) }

// FD returns si_fd of a poll information.
func (s *Siginfo) FD() int32 { return int32(s.Data[1]) }

// KillInfo is the information of a signal that a process sent.
func KillInfo(sig Signal, code int32, pid int32, uid uint32) Siginfo {
	return Siginfo{Signo: sig, Code: code, Data: [4]uint64{uint64(uint32(pid)) | uint64(uid)<<32}}
}

// How a timer or message queue notifies, sigevent(3type).
const (
	SIGEV_SIGNAL    = 0
	SIGEV_NONE      = 1
	SIGEV_THREAD    = 2
	SIGEV_THREAD_ID = 4
)
