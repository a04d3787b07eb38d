package fp

import "math"

// Fast paths of binary32. Products and remainders are exact in binary64.

// field32 is the exponent field of x.
func field32(x uint32) uint32 { return x >> 23 & 0xff }

// narrow converts the result of a core operation.
func narrow(r uint64, flags uint32) (uint32, uint32) { return uint32(r), flags }

// Add32 is x + y.
func Add32(x, y, mxcsr uint32) (uint32, uint32) {
	a, b := math.Float32frombits(x), math.Float32frombits(y)
	s := a + b
	r := math.Float32bits(s)
	if field32(x)-30 > 222 || field32(y)-30 > 222 || field32(r)-2 > 250 {
		return narrow(binary32.add(uint64(x), uint64(y), 0, mxcsr))
	}
	if plain(mxcsr) {
		return r, 0
	}
	return direct32(r, float64(twoSum32(a, b, s)), mxcsr)
}

// Sub32 is x - y.
func Sub32(x, y, mxcsr uint32) (uint32, uint32) {
	a, b := math.Float32frombits(x), math.Float32frombits(y)
	s := a - b
	r := math.Float32bits(s)
	if field32(x)-30 > 222 || field32(y)-30 > 222 || field32(r)-2 > 250 {
		return narrow(binary32.add(uint64(x), uint64(y), 1<<31, mxcsr))
	}
	if plain(mxcsr) {
		return r, 0
	}
	return direct32(r, float64(twoSum32(a, -b, s)), mxcsr)
}

// twoSum32 is a + b - s exactly, where s is the rounded sum.
func twoSum32(a, b, s float32) float32 {
	t := s - a
	return (a - (s - t)) + (b - t)
}

// Mul32 is x * y.
func Mul32(x, y, mxcsr uint32) (uint32, uint32) {
	if field32(x)-1 > 253 || field32(y)-1 > 253 || field32(x)+field32(y)-130 > 248 {
		return narrow(binary32.mul(uint64(x), uint64(y), mxcsr))
	}
	p := float64(float64(math.Float32frombits(x)) * float64(math.Float32frombits(y)))
	f := float32(p)
	return direct32(math.Float32bits(f), p-float64(f), mxcsr)
}

// Div32 is x / y.
func Div32(x, y, mxcsr uint32) (uint32, uint32) {
	if field32(x)-1 > 253 || field32(y)-1 > 253 || field32(x)-field32(y)+124 > 248 {
		return narrow(binary32.div(uint64(x), uint64(y), mxcsr))
	}
	a, b := float64(math.Float32frombits(x)), float64(math.Float32frombits(y))
	q := math.Float32frombits(x) / math.Float32frombits(y)
	rest := a - float64(float64(q)*b)
	if b < 0 {
		rest = -rest
	}
	return direct32(math.Float32bits(q), rest, mxcsr)
}

// Sqrt32 is the square root of x.
func Sqrt32(x, mxcsr uint32) (uint32, uint32) {
	if x>>23-1 > 253 {
		return narrow(binary32.sqrt(uint64(x), mxcsr))
	}
	a := float64(math.Float32frombits(x))
	f := float32(math.Sqrt(a))
	return direct32(math.Float32bits(f), a-float64(float64(f)*float64(f)), mxcsr)
}

// direct32 is direct64 for binary32.
func direct32(r uint32, rest float64, mxcsr uint32) (uint32, uint32) {
	if rest == 0 {
		return r, 0
	}
	return r + uint32(step(r>>31 != 0, rest > 0, rounding(mxcsr))), PE
}

// FMA32 is x * y + z rounded once, with signs flipped by flipProduct and
// flipAddend (1<<31 or 0). Of NaNs the first of x, y, z wins.
func FMA32(x, y, z, flipProduct, flipAddend, mxcsr uint32) (uint32, uint32) {
	return narrow(binary32.fma(uint64(x), uint64(y), uint64(z), uint64(flipProduct), uint64(flipAddend), mxcsr))
}

// Min32 is MINSS.
func Min32(x, y, mxcsr uint32) (uint32, uint32) {
	return narrow(binary32.minmax(uint64(x), uint64(y), -1, mxcsr))
}

// Max32 is MAXSS.
func Max32(x, y, mxcsr uint32) (uint32, uint32) {
	return narrow(binary32.minmax(uint64(x), uint64(y), 1, mxcsr))
}

// Compare32 compares x and y. A quiet NaN is invalid only if signalling (COMISS).
func Compare32(x, y uint32, signalling bool, mxcsr uint32) (Relation, uint32) {
	return binary32.compare(uint64(x), uint64(y), signalling, mxcsr)
}

// Predicate32 evaluates predicate p (0-31) of CMPSS.
func Predicate32(x, y uint32, p uint8, mxcsr uint32) (bool, uint32) {
	return binary32.predicate(uint64(x), uint64(y), p, mxcsr)
}

// Round32 is ROUNDSS with immediate imm.
func Round32(x uint32, imm uint8, mxcsr uint32) (uint32, uint32) {
	return narrow(binary32.integral(uint64(x), imm, mxcsr))
}

// To64 is CVTSS2SD.
func To64(x, mxcsr uint32) (uint64, uint32) {
	if field32(x)-1 <= 253 {
		return math.Float64bits(float64(math.Float32frombits(x))), 0
	}
	return binary32.resize(uint64(x), binary64, mxcsr)
}

// FromInt32 is CVTSI2SS.
func FromInt32(v int64, mxcsr uint32) (uint32, uint32) {
	if v+1<<24 >= 0 && v <= 1<<24 {
		return math.Float32bits(float32(v)), 0
	}
	return narrow(binary32.fromInt(v, mxcsr))
}

// ToInt32 is CVTSS2SI to a signed integer of size bits, rounding in mode rc.
func ToInt32(x uint32, size uint, rc Rounding, mxcsr uint32) (uint64, uint32) {
	if field32(x)-1 <= 253 {
		wide := math.Float64bits(float64(math.Float32frombits(x)))
		return ToInt64(wide, size, rc, mxcsr)
	}
	return binary32.toInt(uint64(x), size, rc, mxcsr)
}
