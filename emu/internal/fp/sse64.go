package fp

import "math"

// Fast paths of binary64. In the stated ranges of exponent fields the nearest
// result is the host's, nothing is denormal, and the sign of the rounding error
// comes out exactly, which gives PE and the result of the directed modes.

// field64 is the exponent field of x.
func field64(x uint64) uint64 { return x >> 52 & 0x7ff }

// plain reports whether mxcsr rounds to nearest with PE set and masked, so that
// inexactness changes nothing.
func plain(mxcsr uint32) bool { return mxcsr&(rcMask|quietPE) == quietPE }

// Add64 is x + y.
func Add64(x, y uint64, mxcsr uint32) (uint64, uint32) {
	a, b := math.Float64frombits(x), math.Float64frombits(y)
	s := a + b
	r := math.Float64bits(s)
	if field64(x)-64 > 1980 || field64(y)-64 > 1980 || field64(r)-2 > 2042 {
		return binary64.add(x, y, 0, mxcsr)
	}
	if plain(mxcsr) {
		return r, 0
	}
	return direct64(r, twoSum64(a, b, s), mxcsr)
}

// Sub64 is x - y.
func Sub64(x, y uint64, mxcsr uint32) (uint64, uint32) {
	a, b := math.Float64frombits(x), math.Float64frombits(y)
	s := a - b
	r := math.Float64bits(s)
	if field64(x)-64 > 1980 || field64(y)-64 > 1980 || field64(r)-2 > 2042 {
		return binary64.add(x, y, 1<<63, mxcsr)
	}
	if plain(mxcsr) {
		return r, 0
	}
	return direct64(r, twoSum64(a, -b, s), mxcsr)
}

// Mul64 is x * y.
func Mul64(x, y uint64, mxcsr uint32) (uint64, uint32) {
	if field64(x)-1 > 2045 || field64(y)-1 > 2045 || field64(x)+field64(y)-1143 > 1922 {
		return binary64.mul(x, y, mxcsr)
	}
	a, b := math.Float64frombits(x), math.Float64frombits(y)
	p := float64(a * b)
	if plain(mxcsr) {
		return math.Float64bits(p), 0
	}
	return direct64(math.Float64bits(p), math.FMA(a, b, -p), mxcsr)
}

// Div64 is x / y.
func Div64(x, y uint64, mxcsr uint32) (uint64, uint32) {
	if field64(x)-120 > 1922 || field64(y)-1 > 2045 || field64(x)-field64(y)+1020 > 2040 {
		return binary64.div(x, y, mxcsr)
	}
	a, b := math.Float64frombits(x), math.Float64frombits(y)
	q := a / b
	if plain(mxcsr) {
		return math.Float64bits(q), 0
	}
	rest := math.FMA(-q, b, a)
	if b < 0 {
		rest = -rest
	}
	return direct64(math.Float64bits(q), rest, mxcsr)
}

// Sqrt64 is the square root of x.
func Sqrt64(x uint64, mxcsr uint32) (uint64, uint32) {
	if x>>52-120 > 1922 {
		return binary64.sqrt(x, mxcsr)
	}
	a := math.Float64frombits(x)
	s := math.Sqrt(a)
	if plain(mxcsr) {
		return math.Float64bits(s), 0
	}
	return direct64(math.Float64bits(s), math.FMA(-s, s, a), mxcsr)
}

// twoSum64 is a + b - s exactly, where s is the rounded sum.
func twoSum64(a, b, s float64) float64 {
	t := s - a
	return (a - (s - t)) + (b - t)
}

// direct64 rounds in the mode of mxcsr, given the nearest result r and the sign of
// what is missing to the exact one.
func direct64(r uint64, rest float64, mxcsr uint32) (uint64, uint32) {
	if rest == 0 {
		return r, 0
	}
	return r + step(r>>63 != 0, rest > 0, rounding(mxcsr)), PE
}

// step is what to add to the bits of a nearest result of sign neg to round in mode
// rc, if the exact result lies above it, or else below: 1, -1 or 0.
func step(neg, above bool, rc Rounding) uint64 {
	switch rc {
	case Down:
		if above {
			return 0
		}
	case Up:
		if !above {
			return 0
		}
	case Zero:
		if above != neg {
			return 0
		}
	default:
		return 0
	}
	if above == neg {
		return ^uint64(0) // towards zero
	}
	return 1
}

// FMA64 is x * y + z rounded once, with signs flipped by flipProduct and
// flipAddend (1<<63 or 0). Of NaNs the first of x, y, z wins.
func FMA64(x, y, z, flipProduct, flipAddend uint64, mxcsr uint32) (uint64, uint32) {
	return binary64.fma(x, y, z, flipProduct, flipAddend, mxcsr)
}

// Min64 is MINSD.
func Min64(x, y uint64, mxcsr uint32) (uint64, uint32) { return binary64.minmax(x, y, -1, mxcsr) }

// Max64 is MAXSD.
func Max64(x, y uint64, mxcsr uint32) (uint64, uint32) { return binary64.minmax(x, y, 1, mxcsr) }

// ordered64 reports whether x is zero, normal or infinite: what the host compares right
// and without a flag to raise.
func ordered64(x uint64) bool {
	const normal, inf = 1 << 53, 0x7ff << 53
	return x<<1-normal <= inf-normal || x<<1 == 0
}

// Compare64 compares x and y. A quiet NaN is invalid only if signalling (COMISD).
func Compare64(x, y uint64, signalling bool, mxcsr uint32) (Relation, uint32) {
	if ordered64(x) && ordered64(y) {
		a, b := math.Float64frombits(x), math.Float64frombits(y)
		switch {
		case a > b:
			return Greater, 0
		case a < b:
			return Less, 0
		}
		return Equal, 0
	}
	return binary64.compare(x, y, signalling, mxcsr)
}

// Predicate64 evaluates predicate p (0-31) of CMPSD.
func Predicate64(x, y uint64, p uint8, mxcsr uint32) (bool, uint32) {
	return binary64.predicate(x, y, p, mxcsr)
}

// Round64 is ROUNDSD with immediate imm.
func Round64(x uint64, imm uint8, mxcsr uint32) (uint64, uint32) {
	return binary64.integral(x, imm, mxcsr)
}

// To32 is CVTSD2SS.
func To32(x uint64, mxcsr uint32) (uint32, uint32) {
	if field64(x)-899 <= 249 { // exponents -124 to 125
		a := math.Float64frombits(x)
		f := float32(a)
		return direct32(math.Float32bits(f), a-float64(f), mxcsr)
	}
	r, flags := binary64.resize(x, binary32, mxcsr)
	return uint32(r), flags
}

// FromInt64 is CVTSI2SD.
func FromInt64(v int64, mxcsr uint32) (uint64, uint32) {
	if v+1<<53 >= 0 && v <= 1<<53 {
		return math.Float64bits(float64(v)), 0
	}
	return binary64.fromInt(v, mxcsr)
}

// ToInt64 is CVTSD2SI to a signed integer of size bits, rounding in mode rc.
func ToInt64(x uint64, size uint, rc Rounding, mxcsr uint32) (uint64, uint32) {
	if rc == Zero && field64(x)-1 <= 1022+61 { // normal and below 2^62
		a := math.Float64frombits(x)
		v := int64(a)
		if size == 64 || v == int64(int32(v)) {
			return uint64(v) & (1<<size - 1), inexact(float64(v) != a)
		}
	}
	return binary64.toInt(x, size, rc, mxcsr)
}

// inexact is PE if is.
func inexact(is bool) uint32 {
	if is {
		return PE
	}
	return 0
}
