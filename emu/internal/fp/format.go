package fp

// format is one of the two interchange formats of SSE. Values of both travel as
// uint64; binary32 has its 32 bits in the low half.
type format struct {
	prec       uint // bits of the significand, the hidden one included
	emin, emax int  // exponents of normal numbers
	frac       uint // bits of the fraction field
	sign       uint64
	inf        uint64 // bits of +infinity: the exponent field
	quiet      uint64 // the bit that makes a NaN quiet
}

var (
	binary32 = &format{24, -126, 127, 23, 1 << 31, 0xff << 23, 1 << 22}
	binary64 = &format{53, -1022, 1023, 52, 1 << 63, 0x7ff << 52, 1 << 51}
)

func (f *format) abs(x uint64) uint64 { return x &^ f.sign }

func (f *format) isNaN(x uint64) bool { return f.abs(x) > f.inf }

func (f *format) isInf(x uint64) bool { return f.abs(x) == f.inf }

func (f *format) isZero(x uint64) bool { return f.abs(x) == 0 }

// signals reports whether x is a signalling NaN.
func (f *format) signals(x uint64) bool { return f.isNaN(x) && x&f.quiet == 0 }

func (f *format) isDenormal(x uint64) bool { return x&f.inf == 0 && f.abs(x) != 0 }

// defaultNaN is the NaN of invalid operations, the SDM's "QNaN floating-point indefinite".
func (f *format) defaultNaN() uint64 { return f.sign | f.inf | f.quiet }

// denormal is DE if one of the operands is denormal.
func (f *format) denormal(ops ...uint64) uint32 {
	for _, x := range ops {
		if f.isDenormal(x) {
			return DE
		}
	}
	return 0
}

// daz makes a denormal x a zero of its sign if MXCSR.DAZ is set.
func (f *format) daz(x uint64, mxcsr uint32) uint64 {
	if mxcsr&DAZ != 0 && x&f.inf == 0 {
		return x & f.sign
	}
	return x
}

// invalidNaN is IE if one of the operands is a signalling NaN.
func (f *format) invalidNaN(ops ...uint64) uint32 {
	for _, x := range ops {
		if f.signals(x) {
			return IE
		}
	}
	return 0
}

// firstNaN is the result of an operation with a NaN operand: the first NaN, quiet.
func (f *format) firstNaN(ops ...uint64) (r uint64, flags uint32, found bool) {
	for _, x := range ops {
		if f.isNaN(x) {
			return x | f.quiet, f.invalidNaN(ops...), true
		}
	}
	return 0, 0, false
}

// unpack is the value of a finite x that is not zero.
func (f *format) unpack(x uint64) number {
	m, e := x&(1<<f.frac-1), int(f.abs(x)>>f.frac)
	if e != 0 {
		return number{(m | 1<<f.frac) << (63 - f.frac), 0, e + f.emin - 1, x&f.sign != 0}
	}
	return normalize(m<<(63-f.frac), 0, f.emin, x&f.sign != 0)
}

// signed sets the sign of x.
func (f *format) signed(x uint64, neg bool) uint64 {
	if neg {
		return x | f.sign
	}
	return x
}

// pack rounds u once to the format. Tininess is detected after rounding.
func (f *format) pack(u number, mxcsr uint32) (uint64, uint32) {
	rc := rounding(mxcsr)
	r := cut(u.hi, u.lo, f.prec, rc, u.neg)
	e := u.exp
	if r.carry {
		e++
	}
	flags := uint32(0)
	if r.inexact {
		flags = PE
	}
	switch {
	case e < f.emin:
		return f.packTiny(u, flags, mxcsr)
	case e > f.emax:
		return f.overflow(u.neg, flags, mxcsr)
	}
	bits := uint64(e-f.emin+1)<<f.frac | r.m<<1>>(64-f.frac)
	return f.signed(bits, u.neg), flags
}

// packTiny rounds at the denormal position, from the unrounded value. With UE
// unmasked a tiny result traps, exact or not, whatever FTZ says, and PE tells
// whether the result with unbounded exponent was inexact.
func (f *format) packTiny(u number, flags, mxcsr uint32) (uint64, uint32) {
	switch {
	case mxcsr&ueMask == 0:
		return 0, flags | UE
	case mxcsr&FTZ != 0:
		return f.signed(0, u.neg), UE | PE
	}
	hi, lo := shiftRight(u.hi, u.lo, f.emin-u.exp)
	r := cut(hi, lo, f.prec, rounding(mxcsr), u.neg)
	if r.inexact {
		flags = UE | PE
	}
	return f.signed(r.m>>(63-f.frac), u.neg), flags
}

// overflow is the result of a rounded value beyond the largest finite number:
// infinity, or that number in the modes that round towards it.
func (f *format) overflow(neg bool, flags, mxcsr uint32) (uint64, uint32) {
	if mxcsr&oeMask == 0 {
		return 0, flags | OE
	}
	return f.signed(f.inf-f.beyond(neg, rounding(mxcsr)), neg), OE | PE
}

// beyond is 1 if an overflow in mode rc ends at the largest finite number.
func (f *format) beyond(neg bool, rc Rounding) uint64 {
	if rc == Zero || rc == Down && !neg || rc == Up && neg {
		return 1
	}
	return 0
}
