package optest

import (
	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// Mask clears from the state after a case and from its exception what is not compared.
func (c *Case) Mask(s *hostcpu.State, exc *x86.Exception) {
	s.FPU.FOP, s.FPU.FIP, s.FPU.FDP = 0, 0, 0
	if done(exc) {
		s.RFLAGS &^= c.undefinedFlags()
	}
	if f := mask[c.Form.Row.Mnemonic]; f != nil {
		f(c, s, exc)
	}
}

// done reports whether the instruction did its work: a debug trap comes behind it.
func done(exc *x86.Exception) bool { return exc == nil || exc.Vector == x86.VecDB }

// undefinedFlags are those that the SDM leaves undefined for this case.
func (c *Case) undefinedFlags() x86.Flags {
	f := &c.Form.Row.Flags
	n, bits, shifts := c.shiftCount()
	if !shifts {
		return f.Undef | f.UndefNot1 | f.UndefBig
	}
	var u x86.Flags
	if n != 0 || !f.UndefCond {
		u |= f.Undef
	}
	if n > 1 {
		u |= f.UndefNot1
	}
	if n >= bits {
		u |= f.UndefBig
	}
	return u
}

// shiftCount is the masked count of a shift, and the width it compares with.
func (c *Case) shiftCount() (n, bits uint8, shifts bool) {
	r := c.Form.Row
	if r.File != "shift_rotate" {
		return 0, 0, false
	}
	bits = c.Form.OpSize * 8
	if r.Operands[0].Size == isa.SizeB {
		bits = 8
	}
	switch o := r.Operands[len(r.Operands)-1]; o.Kind {
	case isa.KindOne:
		n = 1
	case isa.KindI:
		n = uint8(c.Imm)
	default:
		n = uint8(c.In.GPR[x86.RCX])
	}
	if bits == 64 {
		return n & 63, bits, true
	}
	return n & 31, bits, true
}

// mask holds, by mnemonic, what is undefined or differs between vendors beside flags.
var mask = map[string]func(*Case, *hostcpu.State, *x86.Exception){
	"SHLD": maskLongShift, "SHRD": maskLongShift,
	"RCPPS": maskXMM, "RCPSS": maskXMM, "RSQRTPS": maskXMM, "RSQRTSS": maskXMM,
	"F2XM1": maskTranscendental, "FYL2X": maskTranscendental, "FYL2XP1": maskTranscendental,
	"FSIN": maskTranscendental, "FCOS": maskTranscendental, "FSINCOS": maskTranscendental,
	"FPTAN": maskTranscendental, "FPATAN": maskTranscendental,
	"FCOMI": maskC1, "FCOMIP": maskC1, "FUCOMI": maskC1, "FUCOMIP": maskC1,
	"FXSAVE": maskArea, "FXSAVE64": maskArea, "XSAVE": maskArea, "XSAVE64": maskArea,
	"XSAVEOPT": maskArea, "XSAVEOPT64": maskArea, "XSAVEC": maskArea, "XSAVEC64": maskArea,
	"FXRSTOR": maskFaultAddress, "FXRSTOR64": maskFaultAddress, "XRSTOR": maskFaultAddress, "XRSTOR64": maskFaultAddress,
	"FRSTOR": maskFaultAddress, "FLDENV": maskFaultAddress,
	"MASKMOVQ":  maskFaultTop,
	"REPE_CMPS": maskFaultFlags, "REPNE_CMPS": maskFaultFlags, "REPE_SCAS": maskFaultFlags, "REPNE_SCAS": maskFaultFlags,
	"FNSTENV": maskEnvironment, "FNSAVE": maskEnvironment,
	"LFS": maskSegmentBase, "LGS": maskSegmentBase, "MOV": maskSegmentBase, "POP": maskSegmentBase,
}

// maskLongShift clears the destination where a 16-bit SHLD or SHRD shifts by more
// than 16.
func maskLongShift(c *Case, s *hostcpu.State, exc *x86.Exception) {
	if n, bits, _ := c.shiftCount(); n <= bits {
		return
	}
	if c.Form.Mem {
		clearMem(s, c.Addr, 2)
	} else {
		s.GPR[c.RM] &^= 0xffff
	}
}

// clearMem clears n bytes of memory.
func clearMem(s *hostcpu.State, a uint64, n int) {
	for i := range n {
		if at := memIndex(a + uint64(i)); at >= 0 {
			s.Mem[at] = 0
		}
	}
}

// maskXMM clears the destination of an approximation, whose table is the vendor's.
func maskXMM(c *Case, s *hostcpu.State, exc *x86.Exception) {
	if done(exc) {
		s.XMM[c.Reg] = x86.XMM{}
	}
}

// maskTranscendental clears the results, and C1, which says how they were rounded.
func maskTranscendental(c *Case, s *hostcpu.State, exc *x86.Exception) {
	top := s.FPU.SW >> 11 & 7
	s.FPU.ST[top], s.FPU.ST[(top+1)&7] = x86.F80{}, x86.F80{}
	s.FPU.SW &^= 0x200
}

// maskC1 clears C1, which the SDM says FCOMI and its kin clear and AMD CPUs keep.
func maskC1(c *Case, s *hostcpu.State, exc *x86.Exception) { s.FPU.SW &^= 0x200 }

// maskArea clears what FXSAVE and XSAVE store of FOP, FIP, FDP and of the bits
// that MXCSR has.
func maskArea(c *Case, s *hostcpu.State, exc *x86.Exception) {
	maskFaultAddress(c, s, exc)
	clearMem(s, c.Addr+6, 18)
	clearMem(s, c.Addr+28, 4)
}

// maskFaultAddress clears the address of a page fault of an access to many bytes: a
// CPU may touch the last ones first.
func maskFaultAddress(c *Case, s *hostcpu.State, exc *x86.Exception) {
	if exc != nil && exc.Vector == x86.VecPF {
		exc.Addr, exc.Code = 0, 0
	}
}

// maskSegmentBase clears the base that loading a null selector leaves: AMD CPUs keep
// it, Intel CPUs clear it.
func maskSegmentBase(c *Case, s *hostcpu.State, exc *x86.Exception) {
	for _, o := range c.Form.Row.Operands {
		if o.Kind == isa.KindS || o.Kind == isa.KindSeg || o.Size == isa.SizeP {
			s.FSBase, s.GSBase = 0, 0
		}
	}
}

// maskFaultTop clears TOP and the tags after a fault: AMD CPUs have made the transition
// to MMX already.
func maskFaultTop(c *Case, s *hostcpu.State, exc *x86.Exception) {
	if !done(exc) {
		s.FPU.SW, s.FPU.Tag, s.FPU.ST = 0, 0, [8]x86.F80{}
	}
}

// maskFaultFlags clears the status flags after a fault in a repeated comparison: AMD
// CPUs leave those of the last element, Intel CPUs those before the instruction.
func maskFaultFlags(c *Case, s *hostcpu.State, exc *x86.Exception) {
	if !done(exc) {
		s.RFLAGS &^= x86.StatusFlags
	}
}

// maskEnvironment clears FOP, FIP and FDP, which CPUs store differently, in the
// environment.
func maskEnvironment(c *Case, s *hostcpu.State, exc *x86.Exception) {
	maskFaultAddress(c, s, exc)
	if c.Form.OpSize == 2 {
		clearMem(s, c.Addr+6, 8)
	} else {
		clearMem(s, c.Addr+12, 16)
	}
}
