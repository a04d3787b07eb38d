package emu

import "emurun/emu/x86"

// Regs returns the register file in canonical form.
func (c *CPU) Regs() x86.Regs {
	r := x86.Regs{
		RIP:    c.RIP,
		RFLAGS: c.RFLAGS&^x86.StatusFlags | c.StatusFlags() | x86.FixedFlags,
		FSBase: c.R[RegFS],
		GSBase: c.R[RegGS],
		XMM:    c.X,
		YMMH:   c.YMMH,
		MXCSR:  c.MXCSR,
		FPU:    c.FPU,
	}
	copy(r.GPR[:], c.R[:16])
	return r
}

// SetRegs replaces the register file.
func (c *CPU) SetRegs(r *x86.Regs) {
	copy(c.R[:16], r.GPR[:])
	c.R[RegZero], c.R[RegFS], c.R[RegGS] = 0, r.FSBase, r.GSBase
	c.RIP = r.RIP
	c.FlagKind, c.RFLAGS = FlagsExact, r.RFLAGS|x86.FixedFlags
	c.X, c.YMMH, c.MXCSR, c.FPU = r.XMM, r.YMMH, r.MXCSR, r.FPU
}
