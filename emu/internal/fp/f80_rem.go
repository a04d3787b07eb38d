package fp

import "math/bits"

// Rem80 is FPREM, or FPREM1 if nearest: x modulo y, with C2 set if the remainder
// is only partial and else the three low bits of the quotient in C0, C3, C1.
func Rem80(x, y F80, nearest bool, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	de := denormal80(x, y)
	switch {
	case cx == isInf || cy == isZero:
		return DefaultNaN80, IE
	case cx == isZero:
		return x, de
	case cy == isInf:
		r, flags := pack80(unpack80(x), cw, 64)
		return r, flags | de
	}
	u, q, partial := remainder(unpack80(x), unpack80(y), nearest)
	flags := de | C2
	if !partial {
		flags = de | uint16(q>>2&1)*C0 | uint16(q>>1&1)*C3 | uint16(q&1)*C1
	}
	if u.hi == 0 {
		return zero80(negative(x)), flags
	}
	r, f := pack80(normalize(u.hi, 0, u.exp, u.neg), cw, 64)
	return r, f | flags
}

// remainder reduces x by y; its result is not normalised and may be zero. More than
// 63 exponents are reduced in several executions, by 32 to 63 of them each.
func remainder(x, y number, nearest bool) (r number, q uint64, partial bool) {
	d := x.exp - y.exp
	switch {
	case d < -1 || d == -1 && (!nearest || x.hi <= y.hi):
		return x, 0, false
	case d == -1: // the quotient is between 1/2 and 1: 1
		return number{hi: y.hi<<1 - x.hi, exp: x.exp, neg: !x.neg}, 1, false
	case d >= 64:
		n := 32 + d%32
		_, rem := bits.Div64(x.hi>>(64-n), x.hi<<n, y.hi)
		return number{hi: rem, exp: x.exp - n, neg: x.neg}, 0, true
	}
	q, rem := bits.Div64(x.hi>>(64-d), x.hi<<d, y.hi)
	r = number{hi: rem, exp: y.exp, neg: x.neg}
	if other := y.hi - rem; nearest && (rem > other || rem == other && q&1 == 1) {
		r.hi, r.neg = other, !x.neg
		q++
	}
	return r, q, false
}
