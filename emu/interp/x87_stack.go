package interp

import (
	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// F80 is the x87's extended format.
type F80 = x86.F80

// Bits of the status word beside those of package fp (SDM Vol. 1, 8.1.3).
const (
	x87SF     = 1 << 6 // stack fault
	topShift  = 11
	x87TOP    = 7 << topShift
	codesMask = fp.C0 | fp.C2 | fp.C3
)

// physical is the number of the register that ST(i) is.
func physical(c *CPU, i uint8) uint8 { return (uint8(c.FPU.SW>>topShift) + i) & 7 }

// empty reports whether ST(i) is empty.
func empty(c *CPU, i uint8) bool { return c.FPU.Tag>>physical(c, i)&1 == 0 }

// st is ST(i).
func st(c *CPU, i uint8) F80 { return c.FPU.ST[physical(c, i)] }

// setST writes ST(i), which is then not empty.
func setST(c *CPU, i uint8, v F80) {
	p := physical(c, i)
	c.FPU.ST[p] = v
	c.FPU.Tag |= 1 << p
}

// turn adds n to TOP.
func turn(c *CPU, n uint16) {
	c.FPU.SW = c.FPU.SW&^x87TOP | (c.FPU.SW+n<<topShift)&x87TOP
}

// popST frees ST(0).
func popST(c *CPU) {
	c.FPU.Tag &^= 1 << physical(c, 0)
	turn(c, 1)
}

// report sets exception flags and condition codes in the status word: C1 always, the
// other codes if they are in codes. An exception that is unmasked sets ES and B, and
// the next waiting instruction raises #MF. If it is one that is found before the
// operation, report returns false: the operation changes nothing else.
func report(c *CPU, flags, codes uint16) bool {
	flags, suppress := fp.Unmasked80(flags, c.FPU.CW)
	if suppress {
		codes = 0
	}
	c.FPU.SW = c.FPU.SW&^(codes|fp.C1) | flags
	summarize(c)
	return !suppress
}

// summarize makes ES and B say whether an exception is flagged and unmasked.
func summarize(c *CPU) {
	c.FPU.SW &^= x87ES | x87B
	if c.FPU.SW&^c.FPU.CW&fp.AllFlags != 0 {
		c.FPU.SW |= x87ES | x87B
	}
}

// stackFault reports stack underflow, or overflow if c1 is C1; false if it is unmasked.
func stackFault(c *CPU, c1 uint16) bool {
	ok := report(c, fp.IE|c1, 0)
	c.FPU.SW |= x87SF | c1
	return ok
}

// underflow reports an empty operand; the masked response is a NaN in ST(dst).
func underflow(c *CPU, dst uint8, pop bool) {
	if !stackFault(c, 0) {
		return
	}
	setST(c, dst, fp.DefaultNaN80)
	if pop {
		popST(c)
	}
}

// pushST pushes v, whose loading raised flags. A stack that is full gets a NaN. Of the
// unmasked exceptions only IE stops a load.
func pushST(c *CPU, v F80, flags uint16) {
	if !empty(c, 7) {
		if !stackFault(c, fp.C1) {
			return
		}
		v = fp.DefaultNaN80
	} else if !report(c, flags, 0) && flags&fp.IE != 0 {
		return
	}
	turn(c, 7)
	setST(c, 0, v)
}

// resultST writes what an operation gives to ST(dst) and pops if told.
func resultST(c *CPU, dst uint8, v F80, flags uint16, pop bool) {
	if !report(c, flags, 0) {
		return
	}
	setST(c, dst, v)
	if pop {
		popST(c)
	}
}

// waitFPU raises a pending unmasked x87 exception as #MF.
func waitFPU(c *CPU) bool {
	return c.FPU.SW&x87ES == 0 || fault(c, x86.VecMF, 0)
}

// recordFPU records the instruction op in the x87's pointers, with a as the linear address
// of its operand if that is in memory; the data pointer is its offset in the segment. The
// opcode is recorded only with an unmasked exception (SDM Vol. 1, 8.1.8 and 8.1.9). It is
// read again from memory then, since cells have no room for it.
func recordFPU(c *CPU, op *Op, a uint64) {
	c.FPU.FIP = op.next - uint64(op.len)
	switch {
	case op.pfx&pfxMem == 0:
	case op.pfx&pfxFS != 0:
		c.FPU.FDP = a - c.R[regFS]
	case op.pfx&pfxGS != 0:
		c.FPU.FDP = a - c.R[regGS]
	default:
		c.FPU.FDP = a
	}
	if c.FPU.SW&x87ES != 0 {
		c.FPU.FOP = opcodeFPU(c, c.FPU.FIP, int(op.len))
	}
}

// opcodeFPU is the low three bits of the opcode and the ModR/M byte of the x87
// instruction of n bytes at pc, or 0 if it cannot be read.
func opcodeFPU(c *CPU, pc uint64, n int) uint16 {
	var b [15]byte
	if !readBytes(c, pc, b[:n]) {
		c.Exc = x86.Exception{}
		return 0
	}
	for i := 0; i+1 < n; i++ {
		if b[i]&0xf8 == 0xd8 {
			return uint16(b[i]&7)<<8 | uint16(b[i+1])
		}
	}
	return 0
}

// enterMMX is what an MMX instruction does to the x87: all registers become valid
// and TOP is 0 (SDM Vol. 1, 9.5.1).
func enterMMX(c *CPU) {
	c.FPU.SW &^= x87TOP
	c.FPU.Tag = 0xff
}
