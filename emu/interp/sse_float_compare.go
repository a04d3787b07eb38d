package interp

import (
	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// relationFlags are the status flags that COMISD and FCOMI set for a relation.
var relationFlags = [9]x86.Flags{
	fp.Less:      x86.CF,
	fp.Equal:     x86.ZF,
	fp.Unordered: x86.ZF | x86.PF | x86.CF,
}

// comisd implements COMISD, which compares two doubles into ZF, PF and CF and clears OF,
// SF and AF. Any NaN is invalid.
func comisd(c *CPU, x, y uint64) bool {
	r, flags := fp.Compare64(x, y, true, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		flagsSet(c, relationFlags[r])
		return true
	}
	return false
}

// ucomisd implements UCOMISD: COMISD for which only a signalling NaN is invalid.
func ucomisd(c *CPU, x, y uint64) bool {
	r, flags := fp.Compare64(x, y, false, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		flagsSet(c, relationFlags[r])
		return true
	}
	return false
}

// comiss implements COMISS, COMISD of singles.
func comiss(c *CPU, x, y uint32) bool {
	r, flags := fp.Compare32(x, y, true, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		flagsSet(c, relationFlags[r])
		return true
	}
	return false
}

// ucomiss implements UCOMISS, UCOMISD of singles.
func ucomiss(c *CPU, x, y uint32) bool {
	r, flags := fp.Compare32(x, y, false, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		flagsSet(c, relationFlags[r])
		return true
	}
	return false
}

// predicateMask are the bits of a legacy compare's immediate; the rest is ignored.
const predicateMask = 7

// cmpsd implements CMPSD: all ones if predicate p holds, else 0.
func cmpsd(c *CPU, x, y uint64, p uint8) (uint64, bool) {
	r, flags := compare64(p)(x, y, c.MXCSR)
	return r, raise(c, flags)
}

// cmpss implements CMPSS.
func cmpss(c *CPU, x, y uint32, p uint8) (uint32, bool) {
	r, flags := compare32(p)(x, y, c.MXCSR)
	return r, raise(c, flags)
}

// cmppd implements CMPPD.
func cmppd(c *CPU, x, y XMM, p uint8) (XMM, bool) { return packed64(c, compare64(p), x, y) }

// cmpps implements CMPPS.
func cmpps(c *CPU, x, y XMM, p uint8) (XMM, bool) { return packed32(c, compare32(p), x, y) }

func compare64(p uint8) binary64 {
	return func(x, y uint64, mxcsr uint32) (uint64, uint32) {
		holds, flags := fp.Predicate64(x, y, p&predicateMask, mxcsr)
		return -uint64(b2u(holds)), flags
	}
}

func compare32(p uint8) binary32 {
	return func(x, y, mxcsr uint32) (uint32, uint32) {
		holds, flags := fp.Predicate32(x, y, p&predicateMask, mxcsr)
		return -uint32(b2u(holds)), flags
	}
}
