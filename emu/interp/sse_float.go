package interp

import (
	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// raise reports exception flags in MXCSR. If one of them is unmasked it records #XM
// and returns false, and the instruction writes nothing else.
//
//go:noinline
func raise(c *CPU, flags uint32) bool {
	flags, trap := fp.Unmasked(flags, c.MXCSR)
	c.MXCSR |= flags
	return !trap || fault(c, x86.VecXM, 0)
}

// rounding is MXCSR.RC.
func rounding(c *CPU) fp.Rounding { return fp.Rounding(c.MXCSR>>13) & 3 }

// singles splits x into its four binary32 lanes.
func singles(x XMM) [4]uint32 {
	return [4]uint32{uint32(x.Lo), uint32(x.Lo >> 32), uint32(x.Hi), uint32(x.Hi >> 32)}
}

// fromSingles is the inverse of singles.
func fromSingles(v [4]uint32) XMM {
	return XMM{Lo: uint64(v[0]) | uint64(v[1])<<32, Hi: uint64(v[2]) | uint64(v[3])<<32}
}

// Operations of package fp on one lane.
type (
	binary32 = func(x, y, mxcsr uint32) (uint32, uint32)
	binary64 = func(x, y uint64, mxcsr uint32) (uint64, uint32)
	unary32  = func(x, mxcsr uint32) (uint32, uint32)
	unary64  = func(x uint64, mxcsr uint32) (uint64, uint32)
)

// packed32 does f in four lanes. The exceptions of all lanes are reported together.
func packed32(c *CPU, f binary32, x, y XMM) (XMM, bool) {
	a, b := singles(x), singles(y)
	return packed32Of(c, [4]binary32{f, f, f, f}, a, b)
}

// packed32Of does an operation of its own in each lane.
func packed32Of(c *CPU, f [4]binary32, a, b [4]uint32) (XMM, bool) {
	var r [4]uint32
	var flags uint32
	for i := range r {
		v, fl := f[i](a[i], b[i], c.MXCSR)
		r[i] = v
		flags |= fl
	}
	return fromSingles(r), flags == 0 || raise(c, flags)
}

// packed64 does f in two lanes.
func packed64(c *CPU, f binary64, x, y XMM) (XMM, bool) {
	return packed64Of(c, f, f, x, y)
}

// packed64Of does f in the low lane and g in the high one.
func packed64Of(c *CPU, f, g binary64, x, y XMM) (XMM, bool) {
	lo, f0 := f(x.Lo, y.Lo, c.MXCSR)
	hi, f1 := g(x.Hi, y.Hi, c.MXCSR)
	return XMM{Lo: lo, Hi: hi}, f0|f1 == 0 || raise(c, f0|f1)
}

// map32 does f to four lanes.
func map32(c *CPU, f unary32, x XMM) (XMM, bool) {
	v := singles(x)
	var flags uint32
	for i := range v {
		r, fl := f(v[i], c.MXCSR)
		v[i] = r
		flags |= fl
	}
	return fromSingles(v), flags == 0 || raise(c, flags)
}

// map64 does f to two lanes.
func map64(c *CPU, f unary64, x XMM) (XMM, bool) {
	lo, f0 := f(x.Lo, c.MXCSR)
	hi, f1 := f(x.Hi, c.MXCSR)
	return XMM{Lo: lo, Hi: hi}, f0|f1 == 0 || raise(c, f0|f1)
}
