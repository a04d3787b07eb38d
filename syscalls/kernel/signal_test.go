package kernel

import (
	"fmt"
	"testing"

	"emurun/abi"
	"emurun/emu/x86"

	"github.com/google/go-cmp/cmp"
)

const testHandler, testRestorer = testCode + 0x200, testCode + 0x300

func handler(flags uint64) abi.Sigaction {
	return abi.Sigaction{Handler: testHandler, Restorer: testRestorer, Flags: flags | abi.SA_RESTORER}
}

// Signals that an instruction causes come first, then by number; a standard one once,
// a real-time one as often as sent.
func TestSignalOrder(t *testing.T) {
	var q sigQueue
	for _, s := range []abi.Signal{40, abi.SIGTERM, 40, abi.SIGHUP, abi.SIGSEGV, abi.SIGHUP, 34} {
		q.push(abi.Siginfo{Signo: s, Errno: int32(len(q.items))})
	}
	var got []string
	for {
		info, ok := q.pop(^uint64(0))
		if !ok {
			break
		}
		got = append(got, fmt.Sprint(info.Signo, info.Errno))
	}
	want := []string{"SIGSEGV 4", "SIGHUP 3", "SIGTERM 1", "SIGRT_2 5", "SIGRT_8 0", "SIGRT_8 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if q.set != 0 || len(q.items) != 0 {
		t.Errorf("left: %#x", q.set)
	}
}

// Beyond RLIMIT_SIGPENDING sigqueue(3) fails, and kill(2) keeps only the fact.
func TestSignalLimit(t *testing.T) {
	_, a := newMachine(t)
	a.Proc.Limits[abi.RLIMIT_SIGPENDING].Cur = 2
	a.SetSigMask(^uint64(0))
	send := func(code int32) error { return a.Send(abi.KillInfo(40, code, 1, 1)) }
	if err := [...]error{send(abi.SI_QUEUE), send(abi.SI_QUEUE), send(abi.SI_QUEUE), send(abi.SI_USER)}; err != [...]error{nil, nil, abi.EAGAIN, nil} {
		t.Errorf("errors %v", err)
	}
	if err := a.Send(abi.KillInfo(41, abi.SI_USER, 1, 1)); err != nil {
		t.Error(err)
	}
	info, ok := a.DequeueSignal(abi.Signal(41).Bit())
	if _, more := a.DequeueSignal(abi.Signal(41).Bit()); !ok || info != (abi.Siginfo{Signo: 41}) || more {
		t.Errorf("signal %+v, %v, more %v", info, ok, more)
	}
}

// fullRegs has a different value everywhere.
func fullRegs() x86.Regs {
	r := x86.Regs{RIP: testRIP, RFLAGS: x86.FixedFlags | x86.CF | x86.DF, FSBase: 0x1000, GSBase: 0x2000, MXCSR: 0x7f80}
	for i := range r.GPR {
		r.GPR[i] = 0x1111111111111111 * uint64(i+1)
	}
	r.GPR[x86.RSP] = testStack - 0x123
	for i := range r.XMM {
		r.XMM[i] = x86.XMM{Lo: uint64(i) << 8, Hi: ^uint64(i)}
	}
	r.FPU = x86.FPU{CW: 0x27f, SW: 0x2841, Tag: 0x5a, FOP: 0x123, FIP: 0xabcdef, FDP: 0xfedcba}
	for i := range r.FPU.ST {
		r.FPU.ST[i] = x86.F80{Mant: uint64(i)<<60 | 1, SE: uint16(i)}
	}
	return r
}

// A handler starts with the registers of the ABI; rt_sigreturn brings everything
// back, floating point and mask too.
func TestSignalFrame(t *testing.T) {
	k, a := newMachine(t)
	before := fullRegs()
	a.CPU.SetRegs(&before)
	a.SigMask = abi.SIGHUP.Bit()
	a.Proc.SetAction(abi.SIGUSR1, abi.Sigaction{
		Handler: testHandler, Restorer: testRestorer, Flags: abi.SA_RESTORER, Mask: abi.SIGTERM.Bit(),
	})
	a.Send(abi.KillInfo(abi.SIGUSR1, abi.SI_TKILL, 5, 6))
	k.Next()
	r := a.CPU.Regs()
	sp := r.GPR[x86.RSP]
	if sp%16 != 8 || sp+sigFrameSize > before.GPR[x86.RSP]-redZone {
		t.Errorf("frame at %#x", sp)
	}
	if r.RIP != testHandler || r.GPR[x86.RDI] != uint64(abi.SIGUSR1) || r.RFLAGS&x86.DF != 0 || r.MXCSR != x86.InitMXCSR || r.XMM[3] != (x86.XMM{}) {
		t.Errorf("handler begins with %+v", r)
	}
	if want := abi.SIGHUP.Bit() | abi.SIGTERM.Bit() | abi.SIGUSR1.Bit(); a.SigMask != want {
		t.Errorf("mask %#x, want %#x", a.SigMask, want)
	}
	if ret, _ := a.ReadU64(sp); ret != testRestorer {
		t.Errorf("return address %#x", ret)
	}
	a.CPU.R[x86.RSP] = sp + 8 // the handler's RET
	inCall(a, abi.SYS_rt_sigreturn, func() (uint64, error) { a.Sigreturn(); return 0, nil })
	k.Next()
	if diff := cmp.Diff(before, a.CPU.Regs()); diff != "" {
		t.Errorf("registers (-before +after):\n%s", diff)
	}
	if a.SigMask != abi.SIGHUP.Bit() {
		t.Errorf("mask %#x after return", a.SigMask)
	}
}

// signal(7): which interrupted calls begin again, with and without SA_RESTART,
// and without a handler at all.
func TestRestart(t *testing.T) {
	const nr = 99
	eintr := ^uint64(abi.EINTR - 1)
	tests := []struct {
		errno                 abi.Errno
		plain, restart, quiet uint64 // RAX, and so RIP: the number of the call means "again"
	}{
		{abi.ERESTARTSYS, eintr, nr, nr},
		{abi.ERESTARTNOHAND, eintr, eintr, nr},
		{abi.ERESTARTNOINTR, nr, nr, nr},
		{abi.ERESTARTRESTARTBLOCK, eintr, eintr, abi.SYS_restart_syscall},
		{abi.EINTR, eintr, eintr, eintr},
	}
	for _, tt := range tests {
		for i, want := range []uint64{tt.plain, tt.restart, tt.quiet} {
			k, a := newMachine(t)
			k.Next()
			switch i {
			case 0:
				a.Proc.SetAction(abi.SIGUSR1, handler(0))
			case 1:
				a.Proc.SetAction(abi.SIGUSR1, handler(abi.SA_RESTART))
			}
			inCall(a, nr, func() (uint64, error) { return 0, a.ParkOr(tt.errno, Forever) })
			if i == 2 {
				a.Proc.stop(abi.SIGSTOP) // stopped and continued: no handler runs
				k.Next()
				again(a, func() (uint64, error) { return 0, a.ParkOr(tt.errno, Forever) })
				k.Next()
				a.Proc.Send(KernelInfo(abi.SIGCONT))
			} else {
				a.Proc.Send(KernelInfo(abi.SIGUSR1))
				k.Next()
				again(a, func() (uint64, error) { return 0, a.ParkOr(tt.errno, Forever) })
			}
			k.Next()
			rax, rip := a.CPU.R[x86.RAX], a.CPU.RIP
			if i < 2 { // the frame holds what the handler returns to
				sc := a.CPU.R[x86.RSP] + ucContextOff
				rax, _ = a.ReadU64(sc + 8*13)
				rip, _ = a.ReadU64(sc + scRIP)
			}
			wantRIP := uint64(testRIP)
			if want < 512 {
				wantRIP -= 2
			}
			if rax != want || rip != wantRIP {
				t.Errorf("%s, case %d: RAX %d RIP %#x, want %d %#x", tt.errno.Name(), i, int64(rax), rip, int64(want), wantRIP)
			}
		}
	}
}

// A fault whose signal is blocked or ignored kills.
func TestFaultCannotBeEscaped(t *testing.T) {
	for _, ignore := range []bool{false, true} {
		k, a := newMachine(t)
		if ignore {
			a.Proc.SetAction(abi.SIGILL, abi.Sigaction{Handler: abi.SIG_IGN})
		} else {
			a.Proc.SetAction(abi.SIGILL, handler(0))
			a.SetSigMask(^uint64(0))
		}
		k.Next()
		a.CPU.Exc = x86.Exception{Vector: x86.VecUD}
		a.Fault()
		if k.Next(); k.rootStatus&0x7f != int32(abi.SIGILL) {
			t.Errorf("ignore %v: status %#x", ignore, k.rootStatus)
		}
	}
}

// SDM Vol. 3A, 6.15 and sigaction(2): what each exception becomes.
func TestFaultInfo(t *testing.T) {
	tests := []struct {
		exc   x86.Exception
		mxcsr uint32
		want  abi.Siginfo
	}{
		{x86.Exception{Vector: x86.VecDE}, 0, faultInfo(abi.SIGFPE, abi.FPE_INTDIV, testRIP)},
		{x86.Exception{Vector: x86.VecUD}, 0, faultInfo(abi.SIGILL, abi.ILL_ILLOPN, testRIP)},
		{x86.Exception{Vector: x86.VecGP}, 0, KernelInfo(abi.SIGSEGV)},
		{x86.Exception{Vector: x86.VecBP}, 0, KernelInfo(abi.SIGTRAP)},
		{x86.Exception{Vector: x86.VecSS}, 0, KernelInfo(abi.SIGBUS)},
		{x86.Exception{Vector: x86.VecXM}, 0x1f84 &^ 0x200, faultInfo(abi.SIGFPE, abi.FPE_FLTDIV, testRIP)},
		{x86.Exception{Vector: x86.VecXM}, 0x1f81 &^ 0x80, faultInfo(abi.SIGFPE, abi.FPE_FLTINV, testRIP)},
		{x86.Exception{Vector: x86.VecXM}, 0x1f82 &^ 0x100, faultInfo(abi.SIGFPE, abi.FPE_FLTUND, testRIP)},
		{x86.Exception{Vector: x86.VecXM}, 0x1fa0 &^ 0x1000, faultInfo(abi.SIGFPE, abi.FPE_FLTRES, testRIP)},
		{x86.Exception{Vector: x86.VecPF, Addr: 0x99}, 0, faultInfo(abi.SIGSEGV, abi.SEGV_MAPERR, 0x99)},
	}
	for _, tt := range tests {
		_, a := newMachine(t)
		a.CPU.MXCSR, a.CPU.Exc = tt.mxcsr, tt.exc
		a.Fault()
		if diff := cmp.Diff([]abi.Siginfo{tt.want}, a.pending.items); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.exc, diff)
		}
	}
}

// A POSIX timer whose signal is blocked counts overruns.
func TestTimerOverrun(t *testing.T) {
	k, a := newMachine(t)
	a.SetSigMask(abi.SIGUSR1.Bit())
	id, _ := a.NewPosixTimer(PosixTimerSpec{Clock: abi.CLOCK_MONOTONIC, Signo: abi.SIGUSR1, Value: 42})
	a.Proc.SetPosixTimer(id, 1000, 1000, false)
	k.Jump(k.Now() + 5500)
	k.expire()
	info, ok := a.DequeueSignal(abi.SIGUSR1.Bit())
	if !ok || info.Overrun() != 4 || info.Value() != 42 || info.Code != abi.SI_TIMER {
		t.Errorf("signal %+v, overrun %d", info, info.Overrun())
	}
	if left, _, _ := a.Proc.PosixTimerLeft(id); left != 500 {
		t.Errorf("next expiry in %d ns, want 500", left)
	}
}

// A preempted restartable sequence goes on at its abort address, rseq(2).
func TestRseqAbort(t *testing.T) {
	const area, cs, sig = testData + 64, testData + 256, 0x53053053
	for _, inside := range []bool{true, false} {
		k, a := newMachine(t)
		must(t, a, threadFlags)
		if err := a.SetRseq(area, 32, 0, sig); err != nil {
			t.Fatal(err)
		}
		start := uint64(testRIP)
		if !inside {
			start += 0x40
		}
		for i, v := range []uint64{0, start, 0x20, testData + 0x404} {
			a.WriteU64(cs+8*uint64(i), v)
		}
		a.WriteU32(testData+0x400, sig)
		a.WriteU64(area+rseqCS, cs)
		k.Advance(k.Next().Thread, 1000) // a's turn is over
		k.Advance(k.Next().Thread, 1000)
		k.Next()
		want := uint64(testRIP)
		if inside {
			want = testData + 0x404
		}
		if got, _ := a.ReadU64(area + rseqCS); a.CPU.RIP != want || got != 0 {
			t.Errorf("inside %v: RIP %#x, want %#x; rseq_cs %#x", inside, a.CPU.RIP, want, got)
		}
	}
}
