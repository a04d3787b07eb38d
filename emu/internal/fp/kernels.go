package fp

import "math/bits"

// The functions behind the transcendental instructions, on numbers of 128 bits. An
// error is near 2^-120 of the result, so rounding it to 64 bits gives the
// correctly rounded value but for a chance of about 2^-55 a call, and the same one
// on every host.

var (
	ln2   = constants[Ln2]
	log2e = constants[Log2E]
	pi    = constants[Pi]
	unit  = number{hi: 1 << 63}
)

// half is a / 2.
func (a number) half() number { return number{a.hi, a.lo, a.exp - 1, a.neg} }

// twice is 2 × a.
func (a number) twice() number { return number{a.hi, a.lo, a.exp + 1, a.neg} }

// minus is -a.
func (a number) minus() number { return number{a.hi, a.lo, a.exp, !a.neg} }

// size is the absolute value of a.
func (a number) size() number { return number{a.hi, a.lo, a.exp, false} }

// less reports whether |a| < |b|.
func (a number) less(b number) bool {
	if a.exp != b.exp {
		return a.exp < b.exp
	}
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

// exp2m1 is 2^x - 1 for |x| ≤ 1.
func exp2m1(x number) number {
	t := x.times(ln2)
	return t.times(series(t.size(), expSeries, x.neg))
}

// log2 is the binary logarithm of a positive x; ok is false if it is an integer,
// given in n.
func log2(x number) (l number, n int, ok bool) {
	n = x.exp
	x.exp = 0
	if x.hi == 1<<63 && x.lo == 0 {
		return number{}, n, false
	}
	if x.hi > 0xb504f333f9de6484 { // sqrt 2
		x.exp--
		n++
	}
	s := x.plus(unit.minus()).over(x.plus(unit))
	l = log2Ratio(s)
	if n != 0 {
		l = l.plus(intNumber(int64(n)))
	}
	return l, n, true
}

// log2Ratio is log2 of (1+s)/(1-s) for |s| < 0.172.
func log2Ratio(s number) number {
	return s.times(series(s.times(s), oddInverse, false)).times(log2e).twice()
}

// atanTable has the arctangents of k/16, for k from 1.
var atanTable = [16]number{
	{hi: 0xffaaddb967ef4e36, lo: 0xcb2792dc0e2e0d51, exp: -5},
	{hi: 0xfeadd4d5617b6e32, lo: 0xc897989f3e888ef7, exp: -4},
	{hi: 0xbdcbda5e72d81134, lo: 0x7b0b4f881c9c7487, exp: -3},
	{hi: 0xfadbafc96406eb15, lo: 0x6dc79ef5f7a217e5, exp: -3},
	{hi: 0x9b13b9b83f5e5e69, lo: 0xc5abb498d27af328, exp: -2},
	{hi: 0xb7b0ca0f26f78473, lo: 0x8aa32122dcfe4483, exp: -2},
	{hi: 0xd327761e611fe5b6, lo: 0x427c95e9001e7136, exp: -2},
	{hi: 0xed63382b0dda7b45, lo: 0x6fe445ecbc3a8d03, exp: -2},
	{hi: 0x832bf4a6d9867e2a, lo: 0x4b6a09cb61a515c0, exp: -1},
	{hi: 0x8f005d5ef7f59f9b, lo: 0x5c835e1665c43747, exp: -1},
	{hi: 0x9a2f80e671bdda20, lo: 0x4226f8e2204ff3bc, exp: -1},
	{hi: 0xa4bc7d1934f70924, lo: 0x19a87f2a457dac9e, exp: -1},
	{hi: 0xaeac4c38b4d8c080, lo: 0x14725e2f3e52070a, exp: -1},
	{hi: 0xb8053e2bc2319e73, lo: 0xcb2da55210a4443d, exp: -1},
	{hi: 0xc0ce85b8ac526640, lo: 0x89dd62c46e92fa24, exp: -1},
	{hi: 0xc90fdaa22168c234, lo: 0xc4c6628b80dc1cd1, exp: -1},
}

// arctan is the arctangent of 0 < t ≤ 1.
func arctan(t number) number {
	scaled := t
	scaled.exp += 4
	nearest, _ := scaled.integer(Nearest)
	k := int64(nearest.m)
	if k == 0 {
		return arctanSmall(t)
	}
	c := intNumber(k)
	c.exp -= 4
	if d, ok := sum(t, c.minus()); ok {
		return atanTable[k-1].plus(arctanSmall(d.over(unit.plus(t.times(c)))))
	}
	return atanTable[k-1]
}

// arctanSmall is the arctangent of |t| ≤ 1/32.
func arctanSmall(t number) number { return t.times(series(t.times(t), oddInverse[:14], true)) }

// The x87's value of pi has 66 bits behind the point: piHi:piLo × 2^-66.
const piHi, piLo = 0xc, 0x90fdaa22168c234c

// reduce is the remainder of |x| < 2^63 by pi/2, at most pi/4 in size, and the
// quotient modulo 4. With this pi it is exact.
func reduce(x number) (r number, quadrant int) {
	if x.exp < -4 {
		return x, 0
	}
	// In units of 2^-67, pi/2 is piHi:piLo and x is its significand × 2^(exp+4).
	hi, lo, q := uint64(0), x.hi, 0
	for i := 0; i < x.exp+4; i++ {
		hi, lo, q = hi<<1|lo>>63, lo<<1, q<<1
		if l, b := bits.Sub64(lo, piLo, 0); hi > piHi || hi == piHi && b == 0 {
			hi, lo, q = hi-piHi-b, l, q|1
		}
	}
	neg := x.neg
	if dh, dl := hi<<1|lo>>63, lo<<1; dh > piHi || dh == piHi && dl > piLo {
		var b uint64
		lo, b = bits.Sub64(piLo, lo, 0)
		hi, q, neg = piHi-hi-b, q+1, !neg
	}
	if x.neg {
		q = -q
	}
	return normalize(hi, lo, 127-67, neg), q & 3
}

// tan is the tangent of |x| < 2^63.
func tan(x number) number {
	r, quadrant := reduce(x)
	z := r.times(r)
	var t number
	if r.exp < -32 {
		t = r.plus(r.times(z).over(intNumber(3)))
	} else {
		t = r.times(series(z, sinSeries, true)).over(series(z, cosSeries, true))
	}
	if quadrant&1 == 1 {
		return unit.over(t).minus()
	}
	return t
}

// sinCos is sine and cosine of |x| < 2^63.
func sinCos(x number) (sin, cos number) {
	r, quadrant := reduce(x)
	z := r.times(r)
	s, c := r.times(series(z, sinSeries, true)), series(z, cosSeries, true)
	switch quadrant {
	case 1:
		return c, s.minus()
	case 2:
		return s.minus(), c.minus()
	case 3:
		return c.minus(), s
	}
	return s, c
}
