package fp

// The transcendental instructions (SDM Vol. 1, 8.3.7). A result is the correctly
// rounded value in the rounding mode of the control word, to 64 bits whatever the
// precision control says, with PE and our own C1.

// irrational rounds a result that is not exact.
func irrational(u number, cw, de uint16) (F80, uint16) {
	u.lo |= 1
	r, flags := pack80(u, cw, 64)
	return r, flags | de
}

// Exp2M1 is F2XM1: 2^x - 1. Beyond ±1, where the manual defines nothing, it is x.
func Exp2M1(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special1(x); ok {
		return r, flags
	}
	switch classify(x) {
	case isZero:
		return x, 0
	case isInf:
		if negative(x) {
			return make80(integerBit, emax80, true), 0
		}
		return x, 0
	}
	u := unpack80(x)
	switch {
	case u.exp == 0 && u.hi == integerBit && u.neg:
		return make80(integerBit, emax80-1, true), PE
	case u.exp >= 0:
		return x, PE
	}
	return irrational(exp2m1(u), cw, denormal80(x))
}

// YLog2X is FYL2X: y × log2 x.
func YLog2X(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	isOne := cx == isNormal && x == make80(integerBit, emax80, false)
	switch {
	case cx == isZero && cy == isZero, cx == isInf && cy == isZero, isOne && cy == isInf:
		return DefaultNaN80, IE
	case cx != isZero && negative(x):
		return DefaultNaN80, IE
	case cx == isZero && cy == isInf:
		return inf80(!negative(y)), 0
	case cx == isZero:
		return inf80(!negative(y)), ZE
	case cx == isInf:
		return inf80(negative(y)), denormal80(y)
	case cy == isInf:
		return inf80(negative(y) != (x.SE < emax80)), denormal80(x)
	case cy == isZero:
		return zero80(negative(y) != (x.SE < emax80)), denormal80(x)
	case isOne:
		return zero80(negative(y)), denormal80(y)
	}
	de := denormal80(x, y)
	l, n, ok := log2(unpack80(x))
	if ok {
		return irrational(l.times(unpack80(y)), cw, de)
	}
	// The product is mostly exact, but the CPU does not know.
	r, flags := pack80(product(intNumber(int64(n)), unpack80(y)), cw, 64)
	if r.SE&maxField80 == 0 {
		flags |= UE
	}
	return r, flags | de | PE
}

// YLog2XP1 is FYL2XP1: y × log2(x + 1). The manual defines it for |x| below
// 1 - sqrt(1/2); elsewhere it is the same function as far as it exists.
func YLog2XP1(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	switch {
	case cx == isZero && cy == isInf, cx == isInf && (negative(x) || cy == isZero):
		return DefaultNaN80, IE
	case cx == isZero || cy == isZero:
		return zero80(negative(x) != negative(y)), denormal80(x, y)
	case cx == isInf || cy == isInf:
		return inf80(negative(x) != negative(y)), denormal80(x, y)
	}
	u, de := unpack80(x), denormal80(x, y)
	if u.neg && u.exp >= 0 {
		return DefaultNaN80, de | PE // CPUs do not say IE here
	}
	if u.exp < -2 {
		l := log2Ratio(u.over(u.plus(unit.twice())))
		return irrational(l.times(unpack80(y)), cw, de)
	}
	l, n, ok := log2(u.plus(unit))
	if !ok {
		l = intNumber(int64(n))
	}
	return irrational(l.times(unpack80(y)), cw, de)
}

// Atan is FPATAN: the angle of the point (x, y).
func Atan(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	de := denormal80(x, y)
	var angle number
	switch {
	case cy == isInf && cx == isInf && negative(x): // three quarters of pi
		angle = pi.half().plus(pi.half().half())
	case cy == isInf && cx == isInf:
		angle = pi.half().half()
	case cy == isInf, cx == isZero && cy != isZero:
		angle = pi.half()
	case (cx == isInf || cy == isZero) && negative(x):
		angle = pi
	case cx == isInf || cy == isZero:
		return zero80(negative(y)), de
	default:
		angle = angleOf(unpack80(x), unpack80(y))
	}
	angle.neg = negative(y)
	return irrational(angle, cw, de)
}

// angleOf is the size of the angle of a point off the axes.
func angleOf(x, y number) number {
	a, b := x.size(), y.size()
	var angle number
	if a.less(b) {
		angle = pi.half().plus(arctan(a.over(b)).minus())
	} else {
		angle = arctan(b.over(a))
	}
	if x.neg {
		return pi.plus(angle.minus())
	}
	return angle
}

// trigonometric handles the operands of FSIN and its kin that have no value, are
// zero (and give atZero) or lie outside ±2^63: C2 then says that nothing is done.
func trigonometric(x, atZero F80) (r F80, flags uint16, done bool) {
	if r, flags, done = special1(x); done {
		return r, flags, done
	}
	switch c := classify(x); {
	case c == isInf:
		return DefaultNaN80, IE, true
	case c == isZero:
		return atZero, 0, true
	case x.SE&maxField80 >= emax80+63:
		return x, C2, true
	}
	return F80{}, 0, false
}

var one80 = make80(integerBit, emax80, false)

// Sin is FSIN.
func Sin(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := trigonometric(x, x); ok {
		return r, flags
	}
	s, _ := sinCos(unpack80(x))
	return irrational(s, cw, denormal80(x))
}

// Cos is FCOS.
func Cos(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := trigonometric(x, one80); ok {
		return r, flags
	}
	_, c := sinCos(unpack80(x))
	return irrational(c, cw, denormal80(x))
}

// SinCos is FSINCOS. C1 is that of the cosine, which is stored last.
func SinCos(x F80, cw uint16) (sin, cos F80, flags uint16) {
	sin, fs := Sin(x, cw)
	cos, fc := Cos(x, cw)
	return sin, cos, fs&^C1 | fc
}

// Tan is FPTAN, without the 1 that it pushes.
func Tan(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := trigonometric(x, x); ok {
		return r, flags
	}
	return irrational(tan(unpack80(x)), cw, denormal80(x))
}
