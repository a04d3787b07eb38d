package interp

import "emurun/emu/x86"

// stc implements STC. It sets CF.
func stc(c *CPU) { flagsMerge(c, x86.CF, x86.CF) }

// clc implements CLC. It clears CF.
func clc(c *CPU) { flagsMerge(c, x86.CF, 0) }

// cmc implements CMC. It complements CF.
func cmc(c *CPU) { flagsMerge(c, x86.CF, x86.Flags(c.Carry()^1)) }

// cld implements CLD. It clears DF.
func cld(c *CPU) { c.RFLAGS &^= x86.DF }

// std implements STD. It sets DF.
func std(c *CPU) { c.RFLAGS |= x86.DF }

// lahfMask is what LAHF and SAHF transfer.
const lahfMask = x86.SF | x86.ZF | x86.AF | x86.PF | x86.CF

// lahf implements LAHF: AH = SF, ZF, AF, PF, CF.
func lahf(c *CPU) { setReg(c, 0x20, uint8(c.StatusFlags()&lahfMask|2)) }

// sahf implements SAHF: SF, ZF, AF, PF and CF from AH.
func sahf(c *CPU) { flagsMerge(c, lahfMask, x86.Flags(c.R[x86.RAX]>>8)) }

// allFlags is RFLAGS as PUSHF stores it.
func allFlags(c *CPU) x86.Flags {
	return c.RFLAGS&^x86.StatusFlags | c.StatusFlags() | x86.FixedFlags
}

// setFlags writes the bits of RFLAGS that user mode may change; a 16-bit operand leaves
// the upper ones.
func setFlags(c *CPU, f x86.Flags, size uint8) {
	mask := x86.UserFlags &^ x86.RF
	if size == 2 {
		mask &= 0xffff
	}
	c.RFLAGS = allFlags(c)&^(mask|x86.RF) | f&mask
	c.FlagKind = kExact
}

// pushf implements PUSHF. It stores RF as 0.
func pushf(c *CPU, op *Op) bool {
	sp := c.R[x86.RSP] - uint64(op.size)
	if !storeSized(c, sp, uint64(allFlags(c)&^x86.RF), op.size) {
		return false
	}
	c.R[x86.RSP] = sp
	return true
}

// popf implements POPF, of the flags that user mode may change.
func popf(c *CPU, op *Op) bool {
	v, ok := loadSized(c, c.R[x86.RSP], op.size)
	if !ok {
		return false
	}
	setFlags(c, x86.Flags(v), op.size)
	c.R[x86.RSP] += uint64(op.size)
	c.RIP = op.next
	return true
}
