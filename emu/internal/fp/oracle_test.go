package fp

import (
	"math/big"
	"testing"
)

// exact is a magnitude m × 2^e, a little more of it if more, with a sign.
type exact struct {
	m    *big.Int
	e    int
	more bool
	neg  bool
}

// exactOf is the value of a number of up to 64 bits.
func exactOf(u number) exact {
	return exact{new(big.Int).SetUint64(u.hi), u.exp - 63, false, u.neg}
}

// add is a + b.
func (a exact) add(b exact) exact {
	e := min(a.e, b.e)
	x := new(big.Int).Lsh(a.m, uint(a.e-e))
	y := new(big.Int).Lsh(b.m, uint(b.e-e))
	if a.neg {
		x.Neg(x)
	}
	if b.neg {
		y.Neg(y)
	}
	x.Add(x, y)
	return exact{new(big.Int).Abs(x), e, false, x.Sign() < 0}
}

func (a exact) mul(b exact) exact {
	return exact{new(big.Int).Mul(a.m, b.m), a.e + b.e, false, a.neg != b.neg}
}

func (a exact) div(b exact) exact {
	q, r := new(big.Int).QuoRem(new(big.Int).Lsh(a.m, 200), b.m, new(big.Int))
	return exact{q, a.e - b.e - 200, r.Sign() != 0, a.neg != b.neg}
}

func (a exact) sqrt() exact {
	shift := 200 + a.e&1
	n := new(big.Int).Lsh(a.m, uint(shift))
	s := new(big.Int).Sqrt(n)
	return exact{s, (a.e - shift) / 2, new(big.Int).Mul(s, s).Cmp(n) != 0, false}
}

// cutAt rounds the magnitude to a multiple of 2^q.
func (a exact) cutAt(q int, rc Rounding) (m *big.Int, inexact bool) {
	if a.e >= q {
		return new(big.Int).Lsh(a.m, uint(a.e-q)), a.more
	}
	n := uint(q - a.e)
	m = new(big.Int).Rsh(a.m, n)
	rest := new(big.Int).Sub(a.m, new(big.Int).Lsh(m, n))
	half := rest.Cmp(new(big.Int).Lsh(big.NewInt(1), n-1))
	inexact = rest.Sign() != 0 || a.more
	up := false
	switch rc {
	case Nearest:
		up = half > 0 || half == 0 && (a.more || m.Bit(0) == 1)
	case Down:
		up = inexact && a.neg
	case Up:
		up = inexact && !a.neg
	}
	if up {
		m.Add(m, big.NewInt(1))
	}
	return m, inexact
}

// rounded is what the exact value becomes in a format: m × 2^q, or an overflow.
func (a exact) rounded(prec, emin, emax int, rc Rounding) (m *big.Int, q int, flags uint32) {
	q = a.e + a.m.BitLen() - prec
	m, inexact := a.cutAt(q, rc)
	top := q + m.BitLen() - 1 // exponent after rounding, unbounded below and above
	if top < emin {
		q = emin - prec + 1
		if m, inexact = a.cutAt(q, rc); inexact {
			flags = UE
		}
	}
	if inexact {
		flags |= PE
	}
	if top > emax {
		flags = OE | PE
	}
	return m, q, flags
}

// expected is the exact value in an interchange format, exceptions masked.
func (f *format) expected(a exact, rc Rounding) (uint64, uint32) {
	m, q, flags := a.rounded(int(f.prec), f.emin, f.emax, rc)
	switch {
	case flags&OE != 0 && f.beyond(a.neg, rc) != 0:
		return f.signed(f.inf-1, a.neg), flags
	case flags&OE != 0:
		return f.signed(f.inf, a.neg), flags
	case m.Sign() == 0:
		return f.signed(0, a.neg), flags
	}
	field := q + m.BitLen() - 1 - f.emin + 1
	if m.BitLen() < int(f.prec) && q == f.emin-int(f.prec)+1 {
		field = 0
	} else {
		m = new(big.Int).Lsh(m, f.prec-uint(min(m.BitLen(), int(f.prec))))
	}
	bits := m.Uint64() & (1<<f.frac - 1)
	return f.signed(uint64(field)<<f.frac|bits, a.neg), flags
}

// expected80 is the exact value in extended format rounded to prec bits.
func expected80(a exact, prec int, rc Rounding) (F80, uint16) {
	m, q, flags := a.rounded(prec, emin80, emax80, rc)
	switch {
	case flags&OE != 0 && binary64.beyond(a.neg, rc) != 0:
		return make80(^uint64(0)<<(64-prec), maxField80-1, a.neg), uint16(flags)
	case flags&OE != 0:
		return inf80(a.neg), uint16(flags)
	case m.Sign() == 0:
		return zero80(a.neg), uint16(flags)
	}
	e := q + m.BitLen() - 1
	if e < emin80 {
		return make80(m.Uint64()<<(64-prec), 0, a.neg), uint16(flags)
	}
	if m.BitLen() > 64 { // rounding carried: a power of two
		m.Rsh(m, 1)
	}
	return make80(new(big.Int).Lsh(m, uint(64-m.BitLen())).Uint64(), e+emax80, a.neg), uint16(flags)
}

// numeric reports whether all operands are finite and not zero.
func (f *format) numeric(ops ...uint64) bool {
	for _, x := range ops {
		if f.isNaN(x) || f.isInf(x) || f.isZero(x) {
			return false
		}
	}
	return true
}

const oracleVectors = 4000

// TestSSEOracle compares arithmetic in all rounding modes with math/big.
func TestSSEOracle(t *testing.T) {
	for _, f := range []*format{binary32, binary64} {
		g := rng(f.prec)
		for i := range oracleVectors {
			x, y, z := g.triple(f)
			if !f.numeric(x, y, z) {
				continue
			}
			mxcsr := unmask | uint32(i&3)<<rcShift
			a, b, c := exactOf(f.unpack(x)), exactOf(f.unpack(y)), exactOf(f.unpack(z))
			de := f.denormal(x, y)
			f.oracle(t, "add", a.add(b), de, mxcsr, arithmetic(f, x, y, Add32, Add64))
			f.oracle(t, "mul", a.mul(b), de, mxcsr, arithmetic(f, x, y, Mul32, Mul64))
			f.oracle(t, "div", a.div(b), de, mxcsr, arithmetic(f, x, y, Div32, Div64))
			f.oracle(t, "fma", a.mul(b).add(c), f.denormal(x, y, z), mxcsr, func(m uint32) (uint64, uint32) {
				return f.fma(x, y, z, 0, 0, m)
			})
			if x&f.sign == 0 {
				f.oracle(t, "sqrt", a.sqrt(), f.denormal(x), mxcsr, func(m uint32) (uint64, uint32) {
					if f == binary32 {
						return wide(Sqrt32(uint32(x), m))
					}
					return Sqrt64(x, m)
				})
			}
		}
	}
}

// arithmetic is an operation on x and y in format f.
func arithmetic(f *format, x, y uint64, do32 func(x, y, m uint32) (uint32, uint32), do64 func(x, y uint64, m uint32) (uint64, uint32)) func(uint32) (uint64, uint32) {
	return func(m uint32) (uint64, uint32) {
		if f == binary32 {
			return wide(do32(uint32(x), uint32(y), m))
		}
		return do64(x, y, m)
	}
}

func (f *format) oracle(t *testing.T, name string, a exact, de, mxcsr uint32, do func(uint32) (uint64, uint32)) {
	t.Helper()
	if a.m.Sign() == 0 {
		return // the sign of an exact zero is the host test's matter
	}
	want, flags := f.expected(a, rounding(mxcsr))
	if got, fl := do(mxcsr); got != want || fl != flags|de {
		t.Errorf("%s of %d bits, mode %d: %#x %#x, want %#x %#x", name, f.prec, rounding(mxcsr), got, fl, want, flags|de)
	}
}

// TestX87Oracle compares x87 arithmetic in all rounding and precision modes with math/big.
func TestX87Oracle(t *testing.T) {
	g := rng(80)
	numeric := func(x F80) bool { c := classify(x); return c == isNormal || c == isDenormal }
	for i := range oracleVectors {
		x, y := g.pair80()
		if !numeric(x) || !numeric(y) {
			continue
		}
		cw := modes80()[i%12]
		a, b := exactOf(unpack80(x)), exactOf(unpack80(y))
		de := denormal80(x, y)
		if d := a.e - b.e; d > -5000 && d < 5000 {
			oracle80(t, "fadd", a.add(b), de, cw)(Add80(x, y, cw))
			b.neg = !b.neg
			oracle80(t, "fsub", a.add(b), de, cw)(Sub80(x, y, cw))
			b.neg = !b.neg
		}
		oracle80(t, "fmul", a.mul(b), de, cw)(Mul80(x, y, cw))
		oracle80(t, "fdiv", a.div(b), de, cw)(Div80(x, y, cw))
		if !negative(x) {
			oracle80(t, "fsqrt", a.sqrt(), denormal80(x), cw)(Sqrt80(x, cw))
		}
	}
}

func oracle80(t *testing.T, name string, a exact, de, cw uint16) func(F80, uint16) {
	return func(got F80, fl uint16) {
		t.Helper()
		if a.m.Sign() == 0 {
			return
		}
		want, flags := expected80(a, int(precision(cw)), rounding80(cw))
		if got != want || fl&^C1 != flags|de {
			t.Errorf("%s cw %#x: %x %#x, want %x %#x", name, cw, got, fl, want, flags|de)
		}
	}
}
