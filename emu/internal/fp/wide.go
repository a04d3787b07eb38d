package fp

import "math/bits"

// Arithmetic of 128 bits for the transcendental functions. Results are truncated:
// each operation loses at most a few units of 2^-127, relative for numbers and
// absolute for fixed.

// fixed is hi:lo × 2^-127, from 0 up to 2.
type fixed struct{ hi, lo uint64 }

// mul128 is the upper half of the product of two 128-bit integers.
func mul128(ah, al, bh, bl uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(ah, bh)
	m1, l1 := bits.Mul64(ah, bl)
	m2, l2 := bits.Mul64(al, bh)
	l3, _ := bits.Mul64(al, bl)
	s, c1 := bits.Add64(l1, l2, 0)
	_, c2 := bits.Add64(s, l3, 0)
	lo, c3 := bits.Add64(lo, m1, c1)
	hi += c3
	lo, c3 = bits.Add64(lo, m2, c2)
	return hi + c3, lo
}

// times multiplies two numbers of 128 bits.
func (a number) times(b number) number {
	hi, lo := mul128(a.hi, a.lo, b.hi, b.lo)
	r := number{hi, lo, a.exp + b.exp + 1, a.neg != b.neg}
	if hi>>63 == 0 {
		r.hi, r.lo = shiftLeft(hi, lo, 1)
		r.exp--
	}
	return r
}

// plus adds two numbers whose sum is not zero.
func (a number) plus(b number) number {
	r, _ := sum(a, b)
	return r
}

// over divides two numbers of 128 bits.
func (a number) over(b number) number {
	r := number{exp: a.exp - b.exp, neg: a.neg != b.neg}
	rem := [3]uint64{a.hi, a.lo, 0} // a × 2^64, or half of it so that the quotient fits
	if a.hi > b.hi || a.hi == b.hi && a.lo >= b.lo {
		rem = [3]uint64{a.hi >> 1, a.hi<<63 | a.lo>>1, a.lo << 63}
	} else {
		r.exp--
	}
	r.hi, rem[0], rem[1] = div3by2(rem, b.hi, b.lo)
	rem[2] = 0
	r.lo, rem[0], rem[1] = div3by2(rem, b.hi, b.lo)
	r.lo |= sticky(rem[0] | rem[1])
	return r
}

// div3by2 divides the three words of n by hi:lo, which is normalised and larger
// than the upper two (Knuth's algorithm D).
func div3by2(n [3]uint64, hi, lo uint64) (q, rh, rl uint64) {
	if n[0] >= hi {
		q = ^uint64(0)
	} else {
		q, _ = bits.Div64(n[0], n[1], hi)
	}
	for {
		ph, pl := bits.Mul64(q, lo)
		th, tl := bits.Mul64(q, hi)
		ph, c := bits.Add64(ph, tl, 0)
		top := th + c
		l, b := bits.Sub64(n[2], pl, 0)
		m, b := bits.Sub64(n[1], ph, b)
		if _, b = bits.Sub64(n[0], top, b); b == 0 {
			return q, m, l
		}
		q-- // the estimate was one or two too large
	}
}

// fraction is the value of a positive number below one, times 2^128.
func (a number) fraction() (hi, lo uint64) { return shiftRight(a.hi, a.lo, -1-a.exp) }

// number is the value of a fixed that is not zero.
func (a fixed) number() number { return normalize(a.hi, a.lo, 0, false) }

// series is the sum of c[k] × z^k, of alternating sign if alternate, for a z below
// one whose partial sums stay in [0, 2).
func series(z number, c []fixed, alternate bool) number {
	zh, zl := z.fraction()
	r := c[len(c)-1]
	for k := len(c) - 2; k >= 0; k-- {
		hi, lo := mul128(zh, zl, r.hi, r.lo)
		var carry uint64
		if alternate {
			r.lo, carry = bits.Sub64(c[k].lo, lo, 0)
			r.hi, _ = bits.Sub64(c[k].hi, hi, carry)
		} else {
			r.lo, carry = bits.Add64(c[k].lo, lo, 0)
			r.hi, _ = bits.Add64(c[k].hi, hi, carry)
		}
	}
	if alternate && r == c[0] { // z is too small to show, but not zero
		r.lo--
		if r.lo == ^uint64(0) {
			r.hi--
		}
	}
	return r.number()
}

// reciprocals makes coefficients: c[k] = c[k-1] / divisor(k) from c[0] = 1.
func reciprocals(n int, divisor func(k uint64) uint64) []fixed {
	c := make([]fixed, n)
	c[0] = fixed{hi: 1 << 63}
	for k := 1; k < n; k++ {
		d := divisor(uint64(k))
		hi, rem := c[k-1].hi/d, c[k-1].hi%d
		lo, _ := bits.Div64(rem, c[k-1].lo, d)
		c[k] = fixed{hi, lo}
	}
	return c
}

// inverses makes the coefficients 1/(2k+1).
func inverses(n int) []fixed {
	c := make([]fixed, n)
	for k := range c {
		d := uint64(2*k + 1)
		hi, rem := uint64(1<<63)/d, uint64(1<<63)%d
		lo, _ := bits.Div64(rem, 0, d)
		c[k] = fixed{hi, lo}
	}
	return c
}

var (
	expSeries  = reciprocals(33, func(k uint64) uint64 { return k + 1 })             // 1/(k+1)!
	sinSeries  = reciprocals(18, func(k uint64) uint64 { return 2 * k * (2*k + 1) }) // 1/(2k+1)!
	cosSeries  = reciprocals(19, func(k uint64) uint64 { return 2 * k * (2*k - 1) }) // 1/(2k)!
	oddInverse = inverses(27)                                                        // 1/(2k+1)
)
