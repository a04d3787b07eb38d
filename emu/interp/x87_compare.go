package interp

import "emurun/emu/internal/fp"

// Comparison of the x87 (SDM Vol. 1, 5.2.3).

// compareST compares ST(0) with y into C3, C2 and C0, and pops n times.
func compareST(c *CPU, y F80, load uint16, signalling bool, n int) {
	if empty(c, 0) {
		unorderedST(c, n)
		return
	}
	x := st(c, 0)
	r, flags := fp.Compare80(x, y, signalling)
	if compared(c, fp.MemoryFlags80(load, flags, x), r) {
		popTimes(c, n)
	}
}

// compared reports a comparison. Its codes are set even with an exception unmasked.
func compared(c *CPU, flags uint16, r fp.Relation) bool {
	c.FPU.SW = c.FPU.SW&^codesMask | relationCodes[r]
	return report(c, flags, 0)
}

// unorderedST is the comparison of an empty register.
func unorderedST(c *CPU, n int) {
	c.FPU.SW |= relationCodes[fp.Unordered]
	if stackFault(c, 0) {
		popTimes(c, n)
	}
}

func popTimes(c *CPU, n int) {
	for range n {
		popST(c)
	}
}

// relationCodes are the condition codes of a relation.
var relationCodes = [9]uint16{fp.Less: fp.C0, fp.Equal: fp.C3, fp.Unordered: fp.C3 | fp.C2 | fp.C0}

// compareSTi compares ST(0) with ST(i).
func compareSTi(c *CPU, i uint8, signalling bool, n int) {
	if empty(c, i) {
		unorderedST(c, n)
		return
	}
	compareST(c, st(c, i), 0, signalling, n)
}

// compareSingle compares ST(0) with a single.
func compareSingle(c *CPU, v uint32, n int) {
	y, load := fp.Widen32(v)
	compareST(c, y, load, true, n)
}

// compareDouble compares ST(0) with a double.
func compareDouble(c *CPU, v uint64, n int) {
	y, load := fp.Widen64(v)
	compareST(c, y, load, true, n)
}

// compareFlags compares ST(0) with ST(i) into ZF, PF and CF, even with an exception
// unmasked, and pops if told.
func compareFlags(c *CPU, i uint8, signalling, pop bool) {
	r, ok := fp.Unordered, false
	if empty(c, 0) || empty(c, i) {
		ok = stackFault(c, 0)
	} else {
		var flags uint16
		r, flags = fp.Compare80(st(c, 0), st(c, i), signalling)
		ok = report(c, flags, 0)
	}
	flagsSet(c, relationFlags[r])
	if ok && pop {
		popST(c)
	}
}

// fcom implements FCOM, comparison of ST(0) with ST(i). Any NaN is invalid.
func fcom(c *CPU, i uint8) { compareSTi(c, i, true, 0) }

// fcomp implements FCOMP: FCOM and a pop.
func fcomp(c *CPU, i uint8) { compareSTi(c, i, true, 1) }

// fcompp implements FCOMPP: FCOM with ST(1) and two pops.
func fcompp(c *CPU) { compareSTi(c, 1, true, 2) }

// fucom implements FUCOM: FCOM for which only a signalling NaN is invalid.
func fucom(c *CPU, i uint8) { compareSTi(c, i, false, 0) }

// fucomp implements FUCOMP: FUCOM and a pop.
func fucomp(c *CPU, i uint8) { compareSTi(c, i, false, 1) }

// fucompp implements FUCOMPP: FUCOM with ST(1) and two pops.
func fucompp(c *CPU) { compareSTi(c, 1, false, 2) }

// fcomMd implements FCOM m32fp.
func fcomMd(c *CPU, v uint32) { compareSingle(c, v, 0) }

// fcomMq implements FCOM m64fp.
func fcomMq(c *CPU, v uint64) { compareDouble(c, v, 0) }

// fcompMd implements FCOMP m32fp.
func fcompMd(c *CPU, v uint32) { compareSingle(c, v, 1) }

// fcompMq implements FCOMP m64fp.
func fcompMq(c *CPU, v uint64) { compareDouble(c, v, 1) }

// ficomMw implements FICOM m16int.
func ficomMw(c *CPU, v uint16) { compareST(c, fp.LoadInt80(signed(v)), 0, true, 0) }

// ficomMd implements FICOM m32int.
func ficomMd(c *CPU, v uint32) { compareST(c, fp.LoadInt80(signed(v)), 0, true, 0) }

// ficompMw implements FICOMP m16int.
func ficompMw(c *CPU, v uint16) { compareST(c, fp.LoadInt80(signed(v)), 0, true, 1) }

// ficompMd implements FICOMP m32int.
func ficompMd(c *CPU, v uint32) { compareST(c, fp.LoadInt80(signed(v)), 0, true, 1) }

// fcomi implements FCOMI: FCOM into ZF, PF and CF. It clears OF, SF and AF.
func fcomi(c *CPU, i uint8) { compareFlags(c, i, true, false) }

// fcomip implements FCOMIP: FCOMI and a pop.
func fcomip(c *CPU, i uint8) { compareFlags(c, i, true, true) }

// fucomi implements FUCOMI: FUCOM into ZF, PF and CF. It clears OF, SF and AF.
func fucomi(c *CPU, i uint8) { compareFlags(c, i, false, false) }

// fucomip implements FUCOMIP: FUCOMI and a pop.
func fucomip(c *CPU, i uint8) { compareFlags(c, i, false, true) }

// ftst implements FTST, comparison of ST(0) with 0.
func ftst(c *CPU) { compareST(c, F80{}, 0, true, 0) }

// fxam implements FXAM, the class of ST(0) in C3, C2 and C0 and its sign in C1. An
// empty register is a class of its own.
func fxam(c *CPU) {
	codes := fp.Examine80(st(c, 0))
	if empty(c, 0) {
		codes = codes&fp.C1 | fp.C3 | fp.C0
	}
	report(c, codes, codesMask)
}
