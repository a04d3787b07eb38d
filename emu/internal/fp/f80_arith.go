package fp

// Add80 is x + y.
func Add80(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	return add80(x, y, cw)
}

// Sub80 is x - y.
func Sub80(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	return add80(x, Neg80(y), cw)
}

// add80 adds numbers and infinities.
func add80(x, y F80, cw uint16) (F80, uint16) {
	cx, cy := classify(x), classify(y)
	de := denormal80(x, y)
	var s number
	ok := true
	switch {
	case cx == isInf && cy == isInf && x != y:
		return DefaultNaN80, IE
	case cx == isInf:
		return x, de
	case cy == isInf:
		return y, de
	case cx == isZero && cy == isZero:
		if x == y {
			return x, 0
		}
		ok = false
	case cx == isZero:
		s = unpack80(y)
	case cy == isZero:
		s = unpack80(x)
	default:
		s, ok = sum(unpack80(x), unpack80(y))
	}
	if !ok {
		return zero80(rounding80(cw) == Down), de
	}
	r, flags := pack80(s, cw, precision(cw))
	return r, flags | de
}

// Mul80 is x * y.
func Mul80(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	neg := negative(x) != negative(y)
	inf, zero := cx == isInf || cy == isInf, cx == isZero || cy == isZero
	switch {
	case inf && zero:
		return DefaultNaN80, IE
	case inf:
		return inf80(neg), denormal80(x, y)
	case zero:
		return zero80(neg), denormal80(x, y)
	}
	r, flags := pack80(product(unpack80(x), unpack80(y)), cw, precision(cw))
	return r, flags | denormal80(x, y)
}

// Div80 is x / y.
func Div80(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	neg := negative(x) != negative(y)
	switch {
	case cx == cy && (cx == isInf || cx == isZero):
		return DefaultNaN80, IE
	case cx == isInf:
		return inf80(neg), denormal80(y)
	case cy == isZero:
		return inf80(neg), ZE
	case cx == isZero || cy == isInf:
		return zero80(neg), denormal80(x, y)
	}
	r, flags := pack80(quotient(unpack80(x), unpack80(y)), cw, precision(cw))
	return r, flags | denormal80(x, y)
}

// Sqrt80 is FSQRT.
func Sqrt80(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special1(x); ok {
		return r, flags
	}
	switch c := classify(x); {
	case c == isZero:
		return x, 0
	case negative(x):
		return DefaultNaN80, IE
	case c == isInf:
		return x, 0
	}
	r, flags := pack80(root(unpack80(x)), cw, precision(cw))
	return r, flags | denormal80(x)
}

// Round80 is FRNDINT.
func Round80(x F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special1(x); ok {
		return r, flags
	}
	if c := classify(x); c == isZero || c == isInf {
		return x, 0
	}
	u := unpack80(x)
	if u.exp >= 63 {
		return x, 0
	}
	r, _ := u.integer(rounding80(cw))
	flags := r.flags() | denormal80(x)
	if r.m == 0 {
		return zero80(u.neg), flags
	}
	v, _ := pack80(normalize(r.m, 0, 63, u.neg), cw, 64)
	return v, flags
}

// Compare80 compares x and y. A quiet NaN is invalid only if signalling (FCOM).
func Compare80(x, y F80, signalling bool) (Relation, uint16) {
	if _, flags, ok := special2(x, y); ok {
		if signalling {
			flags = IE
		}
		return Unordered, flags
	}
	return order80(x, y), denormal80(x, y)
}

// order80 compares numbers and infinities.
func order80(x, y F80) Relation {
	cx, cy := classify(x), classify(y)
	nx, ny := negative(x), negative(y)
	switch {
	case cx == isZero && cy == isZero:
		return Equal
	case cx == isZero:
		return relations[sign(!ny)+1]
	case cy == isZero || nx != ny:
		return relations[sign(nx)+1]
	}
	a, b := magnitude80(x), magnitude80(y)
	switch {
	case a == b:
		return Equal
	case (a.exp > b.exp || a.exp == b.exp && a.hi > b.hi) != nx:
		return Greater
	}
	return Less
}

// sign is -1 for a negative number, else 1.
func sign(neg bool) int {
	if neg {
		return -1
	}
	return 1
}

// magnitude80 orders numbers, infinities and pseudo-denormals by size.
func magnitude80(x F80) number {
	u := unpack80(x)
	u.neg = false
	return u
}

// Scale80 is FSCALE: x times two to the power of the integer part of y.
func Scale80(x, y F80, cw uint16) (F80, uint16) {
	if r, flags, ok := special2(x, y); ok {
		return r, flags
	}
	cx, cy := classify(x), classify(y)
	de := denormal80(x, y)
	switch {
	case cy == isInf && negative(y) && cx == isInf, cy == isInf && !negative(y) && cx == isZero:
		return DefaultNaN80, IE
	case cx == isInf || cx == isZero:
		return x, de
	case cy == isInf && negative(y):
		return zero80(negative(x)), de
	case cy == isInf:
		return inf80(negative(x)), de
	}
	u := unpack80(x)
	u.exp += truncated(y)
	r, flags := pack80(u, cw, 64)
	return r, flags | de
}

// truncated is the integer part of a finite y, at most 2^17 in size: enough to
// carry any number over either end.
func truncated(y F80) int {
	const limit = 1 << 17
	if classify(y) == isZero {
		return 0
	}
	u := unpack80(y)
	r, ok := u.integer(Zero)
	n := limit
	if ok && r.m < limit {
		n = int(r.m)
	}
	return n * sign(u.neg)
}

// Extract80 is FXTRACT: the exponent of x and its significand.
func Extract80(x F80) (exponent, significand F80, flags uint16) {
	if r, flags, ok := special1(x); ok {
		return r, r, flags
	}
	switch classify(x) {
	case isZero:
		return inf80(true), x, ZE
	case isInf:
		return inf80(false), x, 0
	}
	u := unpack80(x)
	return LoadInt80(int64(u.exp)), make80(u.hi, emax80, u.neg), denormal80(x)
}
