package fp

import (
	"math/bits"

	"emurun/emu/x86"
)

// F80 is the x87's double extended-precision format.
type F80 = x86.F80

// Condition codes of the x87 status word, which functions return beside the
// exception flags. C1 says that the last rounding went away from zero.
const (
	C0 = 1 << 8
	C1 = 1 << 9
	C2 = 1 << 10
	C3 = 1 << 14
)

// Exponents of normal F80 numbers, and what the exponent of an unmasked overflow
// or underflow is corrected by (SDM Vol. 1, 8.5.4).
const (
	emin80   = -16382
	emax80   = 16383
	adjust80 = 24576

	integerBit = 1 << 63
	quietBit   = 1 << 62
	sign80     = 0x8000
	maxField80 = 0x7fff
)

// DefaultNaN80 is the NaN of invalid operations.
var DefaultNaN80 = F80{Mant: integerBit | quietBit, SE: 0xffff}

// Unmasked80 is Unmasked for the x87: the flags that an operation reports under
// control word cw, and whether one of PreFlags is unmasked, so that the operation
// changes nothing but the status word. Other unmasked flags leave it its result.
func Unmasked80(flags, cw uint16) (reported uint16, suppress bool) {
	if flags&^cw&PreFlags != 0 {
		return flags & PreFlags, true
	}
	return flags, false
}

// class sorts F80 encodings.
type class uint8

const (
	isUnsupported class = iota
	isNaN
	isNormal
	isInf
	isZero
	isDenormal
)

func classify(x F80) class {
	e := x.SE & maxField80
	switch {
	case e == 0 && x.Mant == 0:
		return isZero
	case e == 0:
		return isDenormal // or pseudo-denormal
	case x.Mant&integerBit == 0:
		return isUnsupported // unnormal, pseudo-infinity or pseudo-NaN
	case e != maxField80:
		return isNormal
	case x.Mant == integerBit:
		return isInf
	}
	return isNaN
}

// Examine80 is the condition codes of FXAM for a register that is not empty.
func Examine80(x F80) uint16 {
	c := [...]uint16{isUnsupported: 0, isNaN: C0, isNormal: C2, isInf: C2 | C0, isZero: C3, isDenormal: C3 | C2}[classify(x)]
	if negative(x) {
		c |= C1
	}
	return c
}

// Tag80 is what the full tag word says of a register that is not empty: 0 valid, 1
// zero, 2 special.
func Tag80(x F80) uint16 {
	switch classify(x) {
	case isNormal:
		return 0
	case isZero:
		return 1
	}
	return 2
}

// IsNaN80 reports whether x is a NaN.
func IsNaN80(x F80) bool { return classify(x) == isNaN }

func negative(x F80) bool { return x.SE&sign80 != 0 }

// Neg80 is FCHS, Abs80 is FABS: they touch the sign of anything.
func Neg80(x F80) F80 { return F80{Mant: x.Mant, SE: x.SE ^ sign80} }

// Abs80 clears the sign of x.
func Abs80(x F80) F80 { return F80{Mant: x.Mant, SE: x.SE &^ sign80} }

// make80 is an F80 of parts.
func make80(mant uint64, field int, neg bool) F80 {
	x := F80{Mant: mant, SE: uint16(field)}
	if neg {
		x.SE |= sign80
	}
	return x
}

func zero80(neg bool) F80 { return make80(0, 0, neg) }

func inf80(neg bool) F80 { return make80(integerBit, maxField80, neg) }

// unpack80 is the value of a finite x that is not zero.
func unpack80(x F80) number {
	e := int(x.SE & maxField80)
	if e == 0 {
		n := bits.LeadingZeros64(x.Mant)
		return number{x.Mant << n, 0, emin80 - n, negative(x)}
	}
	return number{x.Mant, 0, e - emax80, negative(x)}
}

// precision is the significand length that cw's precision control selects. The
// reserved setting counts as extended.
func precision(cw uint16) uint { return [4]uint{24, 64, 53, 64}[cw>>8&3] }

// rounding80 is the mode in cw.
func rounding80(cw uint16) Rounding { return Rounding(cw>>10) & 3 }

// pack80 rounds u to p bits. The exponent keeps its 15 bits whatever p is. With OE or
// UE unmasked it is corrected to come back into range; only FSCALE can leave the
// range by more than that, and then gives infinity or zero.
func pack80(u number, cw uint16, p uint) (F80, uint16) {
	r := cut(u.hi, u.lo, p, rounding80(cw), u.neg)
	e := u.exp
	if r.carry {
		e++
	}
	switch {
	case e < emin80 && cw&UE != 0:
		hi, lo := shiftRight(u.hi, u.lo, emin80-u.exp)
		r = cut(hi, lo, p, rounding80(cw), u.neg)
		flags := r.flags()
		if r.inexact {
			flags |= UE
		}
		return make80(r.m, int(r.m>>63), u.neg), flags
	case e+adjust80 < emin80:
		return zero80(u.neg), UE | PE
	case e < emin80:
		return make80(r.m, e+adjust80+emax80, u.neg), r.flags() | UE
	case e > emax80 && cw&OE != 0:
		if binary64.beyond(u.neg, rounding80(cw)) != 0 {
			return make80(^uint64(0)<<(64-p), maxField80-1, u.neg), OE | PE
		}
		return inf80(u.neg), OE | PE | C1
	case e-adjust80 > emax80:
		return inf80(u.neg), OE | PE | C1
	case e > emax80:
		return make80(r.m, e-adjust80+emax80, u.neg), r.flags() | OE
	}
	return make80(r.m, e+emax80, u.neg), r.flags()
}

// flags are PE and C1 of a rounding.
func (r rounded) flags() uint16 {
	flags := uint16(0)
	if r.inexact {
		flags = PE
	}
	if r.up {
		flags |= C1
	}
	return flags
}

// special1 handles an operand without value.
func special1(x F80) (r F80, flags uint16, done bool) {
	switch classify(x) {
	case isUnsupported:
		return DefaultNaN80, IE, true
	case isNaN:
		return quiet80(x), signals80(x), true
	}
	return F80{}, 0, false
}

// special2 handles operands one of which has no value. Of two NaNs the result is
// the quiet one, or the one with the larger significand, or the positive one.
func special2(x, y F80) (r F80, flags uint16, done bool) {
	cx, cy := classify(x), classify(y)
	switch {
	case cx == isUnsupported || cy == isUnsupported:
		return DefaultNaN80, IE, true
	case cx == isNaN && cy == isNaN:
		return quiet80(chooseNaN(x, y)), signals80(x) | signals80(y), true
	case cx == isNaN:
		return quiet80(x), signals80(x), true
	case cy == isNaN:
		return quiet80(y), signals80(y), true
	}
	return F80{}, 0, false
}

func chooseNaN(x, y F80) F80 {
	sx, sy := signals80(x), signals80(y)
	switch {
	case sx != sy && sx != 0:
		return y
	case sx != sy:
		return x
	case x.Mant != y.Mant:
		if x.Mant > y.Mant {
			return x
		}
		return y
	case negative(x):
		return y
	}
	return x
}

func quiet80(x F80) F80 { return F80{Mant: x.Mant | quietBit, SE: x.SE} }

// signals80 is IE if the NaN x signals.
func signals80(x F80) uint16 {
	if x.Mant&quietBit == 0 {
		return IE
	}
	return 0
}

// denormal80 is DE if one of the operands is denormal.
func denormal80(ops ...F80) uint16 {
	for _, x := range ops {
		if classify(x) == isDenormal {
			return DE
		}
	}
	return 0
}
