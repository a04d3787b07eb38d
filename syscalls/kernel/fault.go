package kernel

import (
	"emurun/emu/mem"

	"emurun/abi"
	"emurun/emu/x86"
)

// Fault turns the exception of the thread's CPU into the signal Linux sends
// for it, which cannot be escaped by blocking or ignoring it.
func (t *Thread) Fault() {
	exc := t.CPU.Exc
	t.trap.vector, t.trap.code = uint64(exc.Vector), uint64(exc.Code)
	info := abi.Siginfo{Code: abi.SI_KERNEL}
	switch exc.Vector {
	case x86.VecDE:
		info = faultInfo(abi.SIGFPE, abi.FPE_INTDIV, t.CPU.RIP)
	case x86.VecDB:
		t.CPU.RFLAGS &^= x86.TF
		info = faultInfo(abi.SIGTRAP, abi.TRAP_TRACE, t.CPU.RIP)
	case x86.VecBP:
		info.Signo = abi.SIGTRAP
	case x86.VecUD:
		info = faultInfo(abi.SIGILL, abi.ILL_ILLOPN, t.CPU.RIP)
	case x86.VecSS:
		info.Signo = abi.SIGBUS
	case x86.VecAC:
		info = faultInfo(abi.SIGBUS, abi.BUS_ADRALN, 0)
	case x86.VecMF:
		info = faultInfo(abi.SIGFPE, x87Code(&t.CPU.FPU), t.CPU.RIP)
	case x86.VecXM:
		info = faultInfo(abi.SIGFPE, simdCode(t.CPU.MXCSR), t.CPU.RIP)
	case x86.VecPF:
		t.trap.addr = exc.Addr
		info = t.pageFault(exc)
	default:
		info.Signo = abi.SIGSEGV // #GP and the rest, si_addr 0
	}
	t.force(info)
}

func faultInfo(sig abi.Signal, code int32, addr uint64) abi.Siginfo {
	return abi.Siginfo{Signo: sig, Code: code, Data: [4]uint64{addr}}
}

// Exception bits of MXCSR and of the x87 status word, which agree.
const (
	fpIE = 1 << iota
	fpDE
	fpZE
	fpOE
	fpUE
	fpPE
)

// fpCode is the si_code of the first unmasked exception in the order in which
// Linux looks at them.
func fpCode(e uint32) int32 {
	switch {
	case e&fpIE != 0:
		return abi.FPE_FLTINV
	case e&fpZE != 0:
		return abi.FPE_FLTDIV
	case e&fpOE != 0:
		return abi.FPE_FLTOVF
	case e&(fpDE|fpUE) != 0:
		return abi.FPE_FLTUND
	case e&fpPE != 0:
		return abi.FPE_FLTRES
	}
	return abi.SI_KERNEL
}

// x87Code is the si_code of #MF.
func x87Code(f *x86.FPU) int32 { return fpCode(uint32(f.SW) &^ uint32(f.CW) & 0x3f) }

// simdCode is the si_code of #XM.
func simdCode(mxcsr uint32) int32 { return fpCode(mxcsr &^ (mxcsr >> 7) & 0x3f) }

// pageFault is the signal of #PF: what the memory says about the address.
func (t *Thread) pageFault(exc x86.Exception) abi.Siginfo {
	switch t.Proc.Mem.Cause {
	case mem.CauseBus:
		return faultInfo(abi.SIGBUS, abi.BUS_ADRERR, exc.Addr)
	case mem.CauseAccErr:
		return faultInfo(abi.SIGSEGV, abi.SEGV_ACCERR, exc.Addr)
	case mem.CauseOOM:
		// The machine is out of memory: Linux's OOM killer takes the process.
		return KernelInfo(abi.SIGKILL)
	}
	return faultInfo(abi.SIGSEGV, abi.SEGV_MAPERR, exc.Addr)
}
