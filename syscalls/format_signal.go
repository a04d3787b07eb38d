package syscalls

import (
	"math/bits"
	"strings"

	"emurun/abi"
)

// sigset prints a set of signals, `[INT CHLD]`, or the complement of a large
// one, `~[KILL STOP]`.
func (p *printer) sigset(set uint64) {
	if bits.OnesCount64(set) > 42 {
		p.str("~")
		set = ^set
	}
	p.str("[")
	for n, first := int32(1), true; n <= int32(abi.SIGMAX); n++ {
		if set>>(n-1)&1 == 0 {
			continue
		}
		if !first {
			p.str(" ")
		}
		first = false
		p.str(strings.TrimPrefix(sigsetName(n), "SIG"))
	}
	p.str("]")
}

func sigsetName(n int32) string {
	if abi.Signal(n) == abi.SIGRTMIN {
		return "RTMIN"
	}
	return abi.Signal(n).String()
}

func (p *printer) sigsetBytes(b []byte) { p.sigset(le.Uint64(b)) }

func (p *printer) sigsetIn(i int)  { p.show(p.args[i], 8, false, p.sigsetBytes) }
func (p *printer) sigsetOut(i int) { p.show(p.args[i], 8, true, p.sigsetBytes) }

func (p *printer) sigaction(b []byte) {
	var a abi.Sigaction
	a.Decode(b)
	p.str("{sa_handler=")
	switch a.Handler {
	case abi.SIG_DFL:
		p.str("SIG_DFL")
	case abi.SIG_IGN:
		p.str("SIG_IGN")
	default:
		p.hex(a.Handler)
	}
	p.str(", sa_mask=")
	p.sigset(a.Mask)
	p.str(", sa_flags=")
	p.flags(saFlags, a.Flags, "")
	if a.Flags&abi.SA_RESTORER != 0 {
		p.str(", sa_restorer=")
		p.hex(a.Restorer)
	}
	p.str("}")
}

func (p *printer) sigactionIn(i int)  { p.show(p.args[i], abi.SigactionSize, false, p.sigaction) }
func (p *printer) sigactionOut(i int) { p.show(p.args[i], abi.SigactionSize, true, p.sigaction) }

func (p *printer) sigstack(b []byte) {
	var s abi.StackT
	s.Decode(b)
	p.str("{ss_sp=")
	p.addr(s.SP)
	p.str(", ss_flags=")
	p.flags(ssFlags, uint64(s.Flags), "")
	p.str(", ss_size=")
	p.uint(s.Size)
	p.str("}")
}

func (p *printer) sigstackIn(i int)  { p.show(p.args[i], abi.StackTSize, false, p.sigstack) }
func (p *printer) sigstackOut(i int) { p.show(p.args[i], abi.StackTSize, true, p.sigstack) }

func (p *printer) siginfoBytes(b []byte) {
	var s abi.Siginfo
	s.Decode(b)
	p.siginfo(&s)
}

func (p *printer) siginfoIn(i int)  { p.show(p.args[i], abi.SiginfoSize, false, p.siginfoBytes) }
func (p *printer) siginfoOut(i int) { p.show(p.args[i], abi.SiginfoSize, true, p.siginfoBytes) }

var childCodes = []flag{
	{abi.CLD_EXITED, "CLD_EXITED"}, {abi.CLD_KILLED, "CLD_KILLED"}, {abi.CLD_DUMPED, "CLD_DUMPED"},
	{abi.CLD_TRAPPED, "CLD_TRAPPED"}, {abi.CLD_STOPPED, "CLD_STOPPED"}, {abi.CLD_CONTINUED, "CLD_CONTINUED"},
}

var segvCodes = []flag{{abi.SEGV_MAPERR, "SEGV_MAPERR"}, {abi.SEGV_ACCERR, "SEGV_ACCERR"}}

var fpeCodes = []flag{
	{abi.FPE_INTDIV, "FPE_INTDIV"}, {abi.FPE_FLTDIV, "FPE_FLTDIV"}, {abi.FPE_FLTOVF, "FPE_FLTOVF"},
	{abi.FPE_FLTUND, "FPE_FLTUND"}, {abi.FPE_FLTRES, "FPE_FLTRES"}, {abi.FPE_FLTINV, "FPE_FLTINV"},
}

// The codes of kill(2) and its kin are negative, SI_USER and SI_KERNEL apart.
var sentCodes = map[int32]string{
	abi.SI_USER: "SI_USER", abi.SI_KERNEL: "SI_KERNEL", abi.SI_QUEUE: "SI_QUEUE", abi.SI_TIMER: "SI_TIMER",
	abi.SI_MESGQ: "SI_MESGQ", abi.SI_ASYNCIO: "SI_ASYNCIO", abi.SI_SIGIO: "SI_SIGIO", abi.SI_TKILL: "SI_TKILL",
}

// siginfo prints why a signal was sent.
func (p *printer) siginfo(s *abi.Siginfo) {
	p.str("{si_signo=")
	p.signo(int32(s.Signo))
	p.str(", si_code=")
	if name := sentCodes[s.Code]; name != "" {
		p.str(name)
		p.sentInfo(s)
		p.str("}")
		return
	}
	switch s.Signo {
	case abi.SIGCHLD:
		p.value(childCodes, uint64(s.Code), "")
		p.childInfo(s)
	case abi.SIGSEGV:
		p.value(segvCodes, uint64(s.Code), "")
		p.faultInfo(s)
	case abi.SIGFPE:
		p.value(fpeCodes, uint64(s.Code), "")
		p.faultInfo(s)
	default:
		p.int(int64(s.Code))
		p.faultInfo(s)
	}
	p.str("}")
}

func (p *printer) sentInfo(s *abi.Siginfo) {
	switch s.Code {
	case abi.SI_KERNEL:
		return
	case abi.SI_TIMER:
		p.str(", si_timerid=")
		p.hex(uint64(s.TimerID()))
		p.str(", si_overrun=")
		p.int(int64(s.Overrun()))
	default:
		p.str(", si_pid=")
		p.int(int64(s.PID()))
		p.str(", si_uid=")
		p.uint(uint64(s.UID()))
	}
	if s.Code == abi.SI_QUEUE {
		p.str(", si_int=")
		p.int(int64(int32(s.Value())))
		p.str(", si_ptr=")
		p.addr(s.Value())
	}
}

func (p *printer) childInfo(s *abi.Siginfo) {
	p.str(", si_pid=")
	p.int(int64(s.PID()))
	p.str(", si_uid=")
	p.uint(uint64(s.UID()))
	p.str(", si_status=")
	if s.Code == abi.CLD_EXITED {
		p.int(int64(s.Status()))
	} else {
		p.signo(s.Status())
	}
	p.str(", si_utime=")
	p.uint(s.Utime())
	p.str(", si_stime=")
	p.uint(s.Stime())
}

func (p *printer) faultInfo(s *abi.Siginfo) {
	p.str(", si_addr=")
	p.addr(s.Addr())
}

// waitStatus prints what wait4(2) tells of a child.
func (p *printer) waitStatus(i int) {
	if !p.ok() || p.ret == 0 {
		p.addr(p.args[i])
		return
	}
	p.show(p.args[i], 4, true, func(b []byte) { p.status(le.Uint32(b)) })
}

func (p *printer) status(s uint32) {
	p.str("[{")
	switch {
	case s == 0xffff:
		p.str("WIFCONTINUED(s)")
	case s&0xff == 0x7f:
		p.str("WIFSTOPPED(s) && WSTOPSIG(s) == ")
		p.signo(int32(s >> 8 & 0xff))
	case s&0x7f == 0:
		p.str("WIFEXITED(s) && WEXITSTATUS(s) == ")
		p.uint(uint64(s >> 8 & 0xff))
	default:
		p.str("WIFSIGNALED(s) && WTERMSIG(s) == ")
		p.signo(int32(s & 0x7f))
		if s&0x80 != 0 {
			p.str(" && WCOREDUMP(s)")
		}
	}
	p.str("}]")
}
