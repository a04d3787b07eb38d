package optest

import "emurun/emu/x86"

// rng is a splitmix64 generator: a state, and distributions of test values.
type rng uint64

// next returns 64 random bits.
func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n returns a number below n.
func (r *rng) n(n int) int { return int(r.next() >> 33 % uint64(n)) }

// chance is true in one case of n.
func (r *rng) chance(n int) bool { return r.n(n) == 0 }

// pick returns one of the values.
func pick[T any](r *rng, v ...T) T { return v[r.n(len(v))] }

// word is an integer operand: random, or near a boundary of some width.
func (r *rng) word() uint64 {
	switch r.n(8) {
	case 0, 1, 2:
		return r.next()
	case 3:
		return uint64(r.n(300)) - 20
	case 4: // near a power of two, or its negation
		v := uint64(1)<<r.n(64) + uint64(r.n(3)) - 1
		if r.chance(3) {
			v = -v
		}
		return v
	case 5: // a boundary of a narrower width under random upper bits
		w := pick(r, 8, 16, 32)
		low := pick(r, 0, 1, uint64(1)<<(w-1)-1, uint64(1)<<(w-1), uint64(1)<<w-1)
		return r.next()<<w | low
	case 6: // few bits
		a, b := r.next(), r.next()
		return a & b
	}
	return pick(r, 0, ^uint64(0), r.next()&0xffffffff, uint64(int64(int32(r.next()))), 0x0101010101010101<<r.n(8))
}

// float makes a number of a binary format with the given exponent and fraction
// widths, special ones often.
func (r *rng) float(expBits, fracBits int) uint64 {
	expMax, frac := uint64(1)<<expBits-1, uint64(1)<<fracBits-1
	bias := expMax >> 1
	sign := r.next() >> 63 << (expBits + fracBits)
	f := r.next() & frac
	switch r.n(6) {
	case 0:
		f = pick(r, 0, 1, frac, frac-1, frac>>1, frac>>1+1)
	case 1:
		f &= ^uint64(0) << r.n(fracBits) & frac
	}
	switch r.n(16) {
	case 0:
		return sign // zero
	case 1:
		return sign | f // denormal
	case 2:
		return sign | expMax<<fracBits // infinity
	case 3:
		return sign | expMax<<fracBits | f // NaN of both kinds
	case 4:
		return sign | pick(r, 1, 2, 3, expMax-1, expMax-2)<<fracBits | f
	case 5:
		return sign | r.next()&expMax<<fracBits | f
	case 6, 7: // the ends of the integer ranges
		return sign | (bias+pick(r, uint64(14), 15, 30, 31, 32, 52, 62, 63, 64)%bias)<<fracBits | f
	case 8: // about half of the range, so that products and quotients meet its ends
		return sign | (bias+pick(r, bias/2, -bias/2, bias/2+1)+uint64(r.n(fracBits)))&expMax<<fracBits | f
	}
	return sign | (bias+uint64(r.n(16))-8)<<fracBits | f
}

func (r *rng) f32() uint32 { return uint32(r.float(8, 23)) }
func (r *rng) f64() uint64 { return r.float(11, 52) }

// f80 is an extended real, encodings that no operation makes included.
func (r *rng) f80() x86.F80 {
	v := r.float(15, 48) // its fraction is widened below
	f := x86.F80{SE: uint16(v >> 48), Mant: 1<<63 | v<<15&^(1<<63) | r.next()&0x7fff}
	if r.chance(3) {
		f.Mant &^= 1<<uint(15+r.n(40)) - 1
	}
	switch {
	case v<<1>>49 == 0: // zero or denormal; a pseudo-denormal at times
		if !r.chance(4) {
			f.Mant &^= 1 << 63
		}
		if v<<16 == 0 {
			f.Mant = 0
		}
	case v<<1>>49 == 0x7fff && v<<16 == 0:
		f.Mant = 1 << 63
	case r.chance(40): // unnormal, pseudo-infinity, pseudo-NaN
		f.Mant &^= 1 << 63
	}
	return f
}

// lanesOf says what a vector register is filled with.
type lanesOf uint8

const (
	lanesInt lanesOf = iota
	lanesF32
	lanesF64
	lanesMixed
)

// xmm makes a vector register.
func (r *rng) xmm(l lanesOf) x86.XMM {
	if l == lanesMixed {
		l = lanesOf(r.n(3))
	}
	switch l {
	case lanesF32:
		return x86.XMM{
			Lo: uint64(r.f32()) | uint64(r.f32())<<32,
			Hi: uint64(r.f32()) | uint64(r.f32())<<32,
		}
	case lanesF64:
		return x86.XMM{Lo: r.f64(), Hi: r.f64()}
	}
	return x86.XMM{Lo: r.packed(), Hi: r.packed()}
}

// packed is a quadword whose lanes are of some width and often at a boundary.
func (r *rng) packed() uint64 {
	var v uint64
	w := pick(r, 8, 16, 32, 64)
	if w == 64 {
		return r.word()
	}
	for i := 0; i < 64; i += w {
		lane := r.next()
		if r.chance(2) {
			lane = pick(r, 0, 1, uint64(1)<<(w-1)-1, uint64(1)<<(w-1), uint64(1)<<w-1, uint64(r.n(20)))
		}
		v |= lane & (1<<w - 1) << i
	}
	return v
}
