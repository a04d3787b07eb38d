package kernel

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/emu/x86"
)

// The signal frame of x86-64, struct rt_sigframe: return address, struct
// ucontext, siginfo_t; above it the XSAVE area.
const (
	ucOff         = 8
	ucStackOff    = ucOff + 16
	ucContextOff  = ucOff + 40
	ucSigmaskOff  = ucContextOff + 256
	infoOff       = ucSigmaskOff + 8
	sigFrameSize  = infoOff + abi.SiginfoSize
	redZone       = 128 // below RSP, which leaf functions use without moving RSP
	uc_FP_XSTATE  = 1
	uc_SIGCONTEXT = 2 | 4 // UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS
	userCS        = 0x33
	userSS        = 0x2b
)

// Offsets in struct sigcontext.
const (
	scRIP     = 128
	scFlags   = 136
	scCS      = 144
	scSS      = 150
	scErr     = 152
	scTrapno  = 160
	scOldmask = 168
	scCR2     = 176
	scFpstate = 184
)

// scGPR is the order of the general-purpose registers in struct sigcontext.
var scGPR = [...]uint8{
	x86.R8, x86.R9, x86.R10, x86.R11, x86.R12, x86.R13, x86.R14, x86.R15,
	x86.RDI, x86.RSI, x86.RBP, x86.RBX, x86.RDX, x86.RAX, x86.RCX, x86.RSP,
}

// sigreturnFlags are the flags that a signal frame can change (FIX_EFLAGS).
const sigreturnFlags = x86.StatusFlags | x86.TF | x86.DF | x86.RF | x86.AC

// pushFrame writes the signal frame and makes the thread run the handler. It
// returns false if the frame does not fit anywhere.
func (t *Thread) pushFrame(info *abi.Siginfo, act abi.Sigaction, saved uint64) bool {
	if act.Flags&abi.SA_RESTORER == 0 {
		return false // x86-64 has no other way back
	}
	r := t.CPU.Regs()
	fp, sp, ok := t.frameAddress(r.GPR[x86.RSP], act.Flags)
	if !ok {
		return false
	}
	var f [sigFrameSize]byte
	t.fillFrame(f[:], &r, fp, saved)
	binary.LittleEndian.PutUint64(f[:], act.Restorer)
	info.Put(f[infoOff:])
	var x [fpFrameSize]byte
	putFPFrame(x[:], &r)
	if t.Write(x[:], fp) != nil || t.Write(f[:], sp) != nil {
		return false
	}
	if t.altStack.Flags&abi.SS_AUTODISARM != 0 {
		t.altStack = abi.StackT{Flags: abi.SS_DISABLE}
	}
	r.GPR[x86.RDI] = uint64(info.Signo)
	r.GPR[x86.RSI] = sp + infoOff
	r.GPR[x86.RDX] = sp + ucOff
	r.GPR[x86.RAX] = 0
	r.GPR[x86.RSP] = sp
	r.RIP = act.Handler
	r.RFLAGS &^= x86.DF | x86.RF | x86.TF
	initFP(&r)
	t.CPU.SetRegs(&r)
	return true
}

// frameAddress places the XSAVE area and the frame below sp, or on the
// alternate stack.
func (t *Thread) frameAddress(sp, flags uint64) (fp, frame uint64, ok bool) {
	nested := t.onAltStack(sp)
	a := &t.altStack
	sp -= redZone
	entering := false
	if flags&abi.SA_ONSTACK != 0 && a.Size != 0 && !nested {
		sp = a.SP + a.Size
		entering = true
	}
	fp = (sp - fpFrameSize) &^ (frameAlign - 1)
	frame = (fp-sigFrameSize)&^15 - 8 // as after a CALL
	if (nested || entering) && !(frame > a.SP && frame-a.SP <= a.Size) {
		return 0, 0, false // the alternate stack is too small
	}
	return fp, frame, true
}

// fillFrame writes struct ucontext.
func (t *Thread) fillFrame(f []byte, r *x86.Regs, fp, saved uint64) {
	le := binary.LittleEndian
	le.PutUint64(f[ucOff:], uc_FP_XSTATE|uc_SIGCONTEXT)
	t.altStack.Put(f[ucStackOff:])
	sc := f[ucContextOff:]
	for i, n := range scGPR {
		le.PutUint64(sc[8*i:], r.GPR[n])
	}
	le.PutUint64(sc[scRIP:], r.RIP)
	le.PutUint64(sc[scFlags:], uint64(r.RFLAGS))
	le.PutUint16(sc[scCS:], userCS)
	le.PutUint16(sc[scSS:], userSS)
	le.PutUint64(sc[scErr:], t.trap.code)
	le.PutUint64(sc[scTrapno:], t.trap.vector)
	le.PutUint64(sc[scOldmask:], saved)
	le.PutUint64(sc[scCR2:], t.trap.addr)
	le.PutUint64(sc[scFpstate:], fp)
	le.PutUint64(f[ucSigmaskOff:], saved)
}

// Sigreturn implements rt_sigreturn(2): it takes back everything the frame at
// RSP - 8 holds. A frame that cannot be read is a SIGSEGV.
func (t *Thread) Sigreturn() {
	t.NoResult()
	var f [infoOff]byte
	r := t.CPU.Regs()
	if t.Read(f[:], r.GPR[x86.RSP]-8) != nil || !t.restoreFrame(f[:], &r) {
		t.force(KernelInfo(abi.SIGSEGV))
		return
	}
	t.SetSigMask(binary.LittleEndian.Uint64(f[ucSigmaskOff:]))
	t.CPU.SetRegs(&r)
	var s abi.StackT
	s.Decode(f[ucStackOff:])
	t.SetAltStack(s) // errors are ignored, as Linux does
}

// restoreFrame reads struct ucontext into r.
func (t *Thread) restoreFrame(f []byte, r *x86.Regs) bool {
	le := binary.LittleEndian
	sc := f[ucContextOff:]
	for i, n := range scGPR {
		r.GPR[n] = le.Uint64(sc[8*i:])
	}
	r.RIP = le.Uint64(sc[scRIP:])
	r.RFLAGS = r.RFLAGS&^sigreturnFlags | x86.Flags(le.Uint64(sc[scFlags:]))&sigreturnFlags
	fp := le.Uint64(sc[scFpstate:])
	if fp == 0 {
		initFP(r)
		return true
	}
	return t.getFPFrame(fp, r)
}
