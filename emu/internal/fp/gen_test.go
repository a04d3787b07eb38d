package fp

// rng is splitmix64: the same operands on every host, from integers only.
type rng uint64

func (g *rng) next() uint64 {
	*g += 0x9e3779b97f4a7c15
	z := uint64(*g)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (g *rng) below(n uint64) uint64 { return g.next() >> 11 % n }

// fraction is a fraction field of n bits: random, sparse, near a border or near a
// pattern that rounding to a shorter format ties on.
func (g *rng) fraction(n uint) uint64 {
	mask := uint64(1)<<n - 1
	switch g.below(8) {
	case 0:
		return g.below(4) & mask
	case 1:
		return mask - g.below(4)
	case 2:
		return 1 << g.below(uint64(n))
	case 3:
		return mask &^ (1 << g.below(uint64(n)))
	case 4:
		k := g.below(uint64(n))
		return (g.next()>>k<<k | 1<<k>>1) & mask
	case 5:
		return (g.next() << g.below(uint64(n)+1)) & mask
	default:
		return g.next() & mask
	}
}

// operand is one value of format f, often special.
func (g *rng) operand(f *format) uint64 {
	sign := g.next() & f.sign
	emax := f.inf >> f.frac
	e := g.next() & emax
	m := g.fraction(f.frac)
	switch g.below(16) {
	case 0:
		return sign | m&(g.below(2)*^uint64(0)) // zero or denormal
	case 1:
		return sign | 1<<g.below(uint64(f.frac)) | g.below(3)
	case 2:
		return sign | f.inf | m&-g.below(2) // infinity or NaN
	case 3:
		e = g.below(4)
	case 4:
		e = emax - 1 - g.below(3)
	case 5, 6, 7, 8:
		e = uint64(f.emax) - 4 + g.below(70) // about 1 and the sizes of integers
	case 9:
		e = uint64(f.emax) + 28 + g.below(8)
	}
	if e >= emax {
		e = emax - 1
	}
	return sign | e<<f.frac | m
}

// pair is two operands whose sum, product or quotient is often on a border.
func (g *rng) pair(f *format) (x, y uint64) {
	x, y = g.operand(f), g.operand(f)
	emax := int(f.inf >> f.frac)
	ex := int(f.abs(x) >> f.frac)
	mx, my := x&(1<<f.frac-1), y&(1<<f.frac-1)
	border := []int{-1, 0, 1, int(f.frac), int(f.frac) + 1, int(f.frac) + 2, emax - 1, emax - 2}
	pick := border[g.below(uint64(len(border)))]
	ey := ex
	switch g.below(12) {
	case 0: // exponents near each other: cancellation and alignment
		ey = ex + int(g.below(uint64(2*f.frac)+8)) - int(f.frac) - 4
	case 1: // neighbours
		ey, my = ex, (mx+g.below(5)-2)&(1<<f.frac-1)
	case 2: // product at a border
		ey = pick + f.emax - ex - int(g.below(uint64(f.frac)+2))
	case 3:
		ey = pick + f.emax - ex
	case 4: // quotient at a border
		ey = ex - pick + f.emax + int(g.below(uint64(f.frac)+2))
	case 5:
		ey = ex - pick + f.emax
	case 6:
		return x, x ^ g.next()&f.sign
	default:
		return x, y
	}
	if ey < 0 || ey >= emax {
		return x, y
	}
	return x, y&f.sign | uint64(ey)<<f.frac | my
}

// triple is operands for a fused multiply-add whose addend is often near -x*y.
func (g *rng) triple(f *format) (x, y, z uint64) {
	x, y = g.pair(f)
	z = g.operand(f)
	if g.below(3) == 0 {
		p, _ := f.mul(x, y, unmask)
		if !f.isNaN(p) && !f.isInf(p) {
			z = (p ^ f.sign) + g.below(5) - 2
		}
	}
	return x, y, z & (f.sign<<1 - 1)
}

// modes are the 16 settings of MXCSR's rounding, FTZ and DAZ, exceptions masked.
func modes() (m [16]uint32) {
	for i := range m {
		m[i] = unmask | uint32(i&3)<<rcShift | uint32(i>>2&1)*FTZ | uint32(i>>3)*DAZ
	}
	return m
}
