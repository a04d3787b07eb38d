package interp

import "emurun/emu/x86"

// waitFPU raises #MF if an unmasked x87 exception is pending: ES of the status word.
func waitFPU(c *CPU) bool {
	return c.FPU.SW&0x80 == 0 || fault(c, x86.VecMF, 0)
}

// enterMMX makes the x87 stack the MMX registers: TOP = 0, all tags valid.
func enterMMX(c *CPU) {
	c.FPU.SW &^= 7 << 11
	c.FPU.Tag = 0xff
}

// recordFPU records an x87 instruction and the address of its memory operand.
func recordFPU(c *CPU, op *Op, a uint64) {
	c.FPU.FIP = op.next - uint64(op.len)
	c.FPU.FOP = uint16(op.t)
	if op.pfx&pfxMem != 0 {
		c.FPU.FDP = a
	}
}
