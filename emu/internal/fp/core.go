package fp

import (
	"math"
	"math/bits"
)

// number is a finite number that is not zero: hi:lo is its magnitude with bit 63
// of hi set and worth 2^exp. The last bit of lo is sticky: it stands for
// everything below it.
type number struct {
	hi, lo uint64
	exp    int
	neg    bool
}

// shiftRight shifts hi:lo right by n ≥ 0 and ORs the lost bits into the last one.
func shiftRight(hi, lo uint64, n int) (uint64, uint64) {
	switch {
	case n == 0:
		return hi, lo
	case n < 64:
		return hi >> n, hi<<(64-n) | lo>>n | sticky(lo<<(64-n))
	case n < 128:
		n -= 64
		return 0, hi>>n | sticky(hi<<1<<(63-n)|lo)
	}
	return 0, sticky(hi | lo)
}

// shiftLeft shifts hi:lo left by 0 ≤ n < 128.
func shiftLeft(hi, lo uint64, n int) (uint64, uint64) {
	if n >= 64 {
		return lo << (n - 64), 0
	}
	return hi<<n | lo>>(64-n), lo << n
}

// sticky is 1 if any bit of v is set.
func sticky(v uint64) uint64 {
	if v != 0 {
		return 1
	}
	return 0
}

// normalize makes a number from a magnitude that is not zero.
func normalize(hi, lo uint64, exp int, neg bool) number {
	n := bits.LeadingZeros64(hi)
	if hi == 0 {
		n = 64 + bits.LeadingZeros64(lo)
	}
	hi, lo = shiftLeft(hi, lo, n)
	return number{hi, lo, exp - n, neg}
}

// rounded is a significand cut to some precision.
type rounded struct {
	m       uint64 // the significand, aligned to bit 63
	carry   bool   // rounding carried out of bit 63: m is 1<<63 and worth twice that
	inexact bool
	up      bool // rounding went away from zero
}

// cut rounds hi:lo to its top p bits, 1 ≤ p ≤ 64.
func cut(hi, lo uint64, p uint, rc Rounding, neg bool) rounded {
	rest, below := hi<<p, lo
	if p == 64 {
		rest, below = lo, 0
	}
	r := rounded{m: hi &^ (1<<(64-p) - 1), inexact: rest|below != 0}
	if !r.inexact {
		return r
	}
	switch rc {
	case Nearest:
		const half = 1 << 63
		odd := hi>>(64-p)&1 == 1
		r.up = rest > half || rest == half && (below != 0 || odd)
	case Down:
		r.up = neg
	case Up:
		r.up = !neg
	}
	if r.up {
		r.m += 1 << (64 - p)
		if r.m == 0 {
			r.m, r.carry = 1<<63, true
		}
	}
	return r
}

// integer rounds the magnitude of u to an integer; ok is false if it is 2^64 or more.
func (u number) integer(rc Rounding) (r rounded, ok bool) {
	if u.exp > 63 {
		return rounded{}, false
	}
	hi, lo := shiftRight(u.hi, u.lo, 63-u.exp)
	r = cut(hi, lo, 64, rc, u.neg)
	return r, !r.carry
}

// sum adds a and b; ok is false if the result is zero.
func sum(a, b number) (r number, ok bool) {
	if a.exp < b.exp {
		a, b = b, a
	}
	b.hi, b.lo = shiftRight(b.hi, b.lo, a.exp-b.exp)
	if a.neg == b.neg {
		lo, c := bits.Add64(a.lo, b.lo, 0)
		hi, c := bits.Add64(a.hi, b.hi, c)
		if c == 0 {
			return number{hi, lo, a.exp, a.neg}, true
		}
		hi, lo = shiftRight(hi, lo, 1)
		return number{hi | 1<<63, lo, a.exp + 1, a.neg}, true
	}
	lo, c := bits.Sub64(a.lo, b.lo, 0)
	hi, c := bits.Sub64(a.hi, b.hi, c)
	if c != 0 { // only with equal exponents, so nothing was lost
		a.neg = b.neg
		lo, c = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, c)
	}
	if hi|lo == 0 {
		return number{}, false
	}
	return normalize(hi, lo, a.exp, a.neg), true
}

// product multiplies a and b, whose significands have at most 64 bits. It is exact.
func product(a, b number) number {
	hi, lo := bits.Mul64(a.hi, b.hi)
	r := number{hi, lo, a.exp + b.exp + 1, a.neg != b.neg}
	if hi>>63 == 0 {
		r.hi, r.lo = shiftLeft(hi, lo, 1)
		r.exp--
	}
	return r
}

// quotient divides a by b, whose significands have at most 64 bits.
func quotient(a, b number) number {
	r := number{exp: a.exp - b.exp, neg: a.neg != b.neg}
	var rem uint64
	if a.hi >= b.hi {
		r.hi, rem = bits.Div64(a.hi>>1, a.hi<<63, b.hi)
	} else {
		r.hi, rem = bits.Div64(a.hi, 0, b.hi)
		r.exp--
	}
	r.lo = tail(rem, b.hi-rem)
	return r
}

// tail is a lower half that says how a remainder compares with one half: other is
// what is missing to the next quotient.
func tail(rem, other uint64) uint64 {
	const half = 1 << 63
	switch {
	case rem == 0:
		return 0
	case rem < other:
		return 1
	case rem == other:
		return half
	}
	return half | 1
}

// root is the square root of a positive number of at most 64 bits.
func root(a number) number {
	hi, lo := a.hi>>1, a.hi<<63
	if a.exp&1 != 0 {
		hi, lo = a.hi, 0
	}
	s, above, exact := isqrt(hi, lo)
	r := number{hi: s, exp: a.exp >> 1}
	switch {
	case exact:
	case above:
		r.lo = 1<<63 | 1
	default:
		r.lo = 1
	}
	return r
}

// isqrt is the integer square root of hi:lo ≥ 2^126; above says that the true root
// is more than s + 1/2 (it is never equal to it).
func isqrt(hi, lo uint64) (s uint64, above, exact bool) {
	const most = math.MaxUint64
	if hi == most {
		return most, false, false // 2^128 - 2^64: callers pass no other
	}
	// Newton's step on an estimate of 52 bits leaves an error of at most one or two.
	if f := math.Sqrt(float64(hi) * 0x1p64); f < 0x1p64-0x1p12 {
		s = uint64(f)
	} else {
		s = most
	}
	if s <= hi {
		s = most
	}
	q, _ := bits.Div64(hi, lo, s)
	s = s>>1 + q>>1 + s&q&1
	for {
		ph, pl := bits.Mul64(s, s)
		rl, c := bits.Sub64(lo, pl, 0)
		rh, c := bits.Sub64(hi, ph, c)
		switch {
		case c != 0:
			s--
		case rh > 1 || rh == 1 && rl > s<<1: // more than 2s
			s++
		default: // 0 ≤ remainder ≤ 2s
			return s, rh != 0 || rl > s, rh|rl == 0
		}
	}
}
