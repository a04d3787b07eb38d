package trace

import (
	"fmt"
	"strconv"

	"emurun/emu/x86"
	"emurun/syscalls/kernel"
)

// The numbers of the registers in a trace, but for RIP. They are part of the format.
const (
	RegRFLAGS = 16
	RegFS     = 17
	RegGS     = 18
	RegMXCSR  = 19
	RegFCW    = 20
	RegFSW    = 21
	RegFTW    = 22
	RegFOP    = 23
	RegFIP    = 24
	RegFDP    = 25
	RegMant   = 26 // significands of the eight x87 registers, by physical number
	RegSE     = 34 // their signs and exponents
	RegXMM    = 42 // low half, high half of each
	RegYMMH   = 74 // low half, high half of the upper half of each
	NumRegs   = 106
)

// Regs is the registers of a thread but for RIP, by number.
type Regs [NumRegs]uint64

// set takes the registers of r.
func (v *Regs) set(r *x86.Regs) {
	copy(v[:16], r.GPR[:])
	v[RegRFLAGS], v[RegFS], v[RegGS], v[RegMXCSR] = uint64(r.RFLAGS), r.FSBase, r.GSBase, uint64(r.MXCSR)
	f := &r.FPU
	v[RegFCW], v[RegFSW], v[RegFTW], v[RegFOP] = uint64(f.CW), uint64(f.SW), uint64(f.Tag), uint64(f.FOP)
	v[RegFIP], v[RegFDP] = f.FIP, f.FDP
	for i, x := range f.ST {
		v[RegMant+i], v[RegSE+i] = x.Mant, uint64(x.SE)
	}
	for i := range r.XMM {
		v[RegXMM+2*i], v[RegXMM+2*i+1] = r.XMM[i].Lo, r.XMM[i].Hi
		v[RegYMMH+2*i], v[RegYMMH+2*i+1] = r.YMMH[i].Lo, r.YMMH[i].Hi
	}
}

// ThreadState is the registers of a thread.
type ThreadState struct {
	PID  int32
	RIP  uint64
	Regs Regs
}

// StateOf returns the registers of t as they are now.
func StateOf(t *kernel.Thread) (s ThreadState) {
	r := t.CPU.Regs()
	s.set(t, &r)
	return s
}

// set takes the registers r of t.
func (s *ThreadState) set(t *kernel.Thread, r *x86.Regs) {
	s.PID, s.RIP = t.Proc.PID, r.RIP
	s.Regs.set(r)
}

var regNames = [RegMant]string{
	"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
	"RFLAGS", "FS", "GS", "MXCSR", "FCW", "FSW", "FTW", "FOP", "FIP", "FDP",
}

// RegName returns the SDM's name of register n.
func RegName(n uint8) string {
	half := func(name string, i uint8) string {
		return name + strconv.Itoa(int(i/2)) + [2]string{" low half", " high half"}[i&1]
	}
	switch {
	case n < RegMant:
		return regNames[n]
	case n < RegSE:
		return fmt.Sprintf("R%d significand", n-RegMant)
	case n < RegXMM:
		return fmt.Sprintf("R%d exponent", n-RegSE)
	case n < RegYMMH:
		return half("XMM", n-RegXMM)
	case n < NumRegs:
		return half("YMMH", n-RegYMMH)
	}
	return "register " + strconv.Itoa(int(n))
}
