package fp

// add is x + y, or x - y with the operand's sign flipped by flip.
func (f *format) add(x, y, flip uint64, mxcsr uint32) (uint64, uint32) {
	x, y = f.daz(x, mxcsr), f.daz(y, mxcsr)
	if r, flags, ok := f.firstNaN(x, y); ok {
		return r, flags
	}
	y ^= flip
	switch {
	case f.isInf(x) && f.isInf(y) && x != y:
		return f.defaultNaN(), IE
	case f.isInf(x):
		return x, f.denormal(y)
	case f.isInf(y):
		return y, f.denormal(x)
	case f.isZero(x) && f.isZero(y):
		if x == y {
			return x, 0
		}
		return f.cancelled(mxcsr), 0
	case f.isZero(y):
		return f.flush(x, mxcsr)
	case f.isZero(x):
		return f.flush(y, mxcsr)
	}
	de := f.denormal(x, y)
	s, ok := sum(f.unpack(x), f.unpack(y))
	if !ok {
		return f.cancelled(mxcsr), de
	}
	r, flags := f.pack(s, mxcsr)
	return r, flags | de
}

// flush is x + 0: x itself, unless it is denormal.
func (f *format) flush(x uint64, mxcsr uint32) (uint64, uint32) {
	if !f.isDenormal(x) {
		return x, 0
	}
	r, flags := f.pack(f.unpack(x), mxcsr)
	return r, flags | DE
}

// cancelled is the zero of x - x: negative only when rounding down.
func (f *format) cancelled(mxcsr uint32) uint64 {
	return f.signed(0, rounding(mxcsr) == Down)
}

// mul is x * y.
func (f *format) mul(x, y uint64, mxcsr uint32) (uint64, uint32) {
	x, y = f.daz(x, mxcsr), f.daz(y, mxcsr)
	if r, flags, ok := f.firstNaN(x, y); ok {
		return r, flags
	}
	sign := (x ^ y) & f.sign
	inf, zero := f.isInf(x) || f.isInf(y), f.isZero(x) || f.isZero(y)
	switch {
	case inf && zero:
		return f.defaultNaN(), IE
	case inf:
		return sign | f.inf, f.denormal(x, y)
	case zero:
		return sign, f.denormal(x, y)
	}
	r, flags := f.pack(product(f.unpack(x), f.unpack(y)), mxcsr)
	return r, flags | f.denormal(x, y)
}

// div is x / y.
func (f *format) div(x, y uint64, mxcsr uint32) (uint64, uint32) {
	x, y = f.daz(x, mxcsr), f.daz(y, mxcsr)
	if r, flags, ok := f.firstNaN(x, y); ok {
		return r, flags
	}
	sign := (x ^ y) & f.sign
	switch {
	case f.isInf(x) && f.isInf(y) || f.isZero(x) && f.isZero(y):
		return f.defaultNaN(), IE
	case f.isInf(x):
		return sign | f.inf, f.denormal(y)
	case f.isZero(y):
		return sign | f.inf, ZE
	case f.isZero(x) || f.isInf(y):
		return sign, f.denormal(x, y)
	}
	r, flags := f.pack(quotient(f.unpack(x), f.unpack(y)), mxcsr)
	return r, flags | f.denormal(x, y)
}

// sqrt is the square root of x.
func (f *format) sqrt(x uint64, mxcsr uint32) (uint64, uint32) {
	x = f.daz(x, mxcsr)
	if r, flags, ok := f.firstNaN(x); ok {
		return r, flags
	}
	switch {
	case f.isZero(x):
		return x, 0
	case x&f.sign != 0:
		return f.defaultNaN(), IE
	case f.isInf(x):
		return x, 0
	}
	r, flags := f.pack(root(f.unpack(x)), mxcsr)
	return r, flags | f.denormal(x)
}

// fma is x * y + z with one rounding. The NaN it returns is the first of x, y, z,
// so callers pass the operands in the order of their form's digits and the signs
// of the negated forms in flipProduct and flipAddend.
func (f *format) fma(x, y, z, flipProduct, flipAddend uint64, mxcsr uint32) (uint64, uint32) {
	x, y, z = f.daz(x, mxcsr), f.daz(y, mxcsr), f.daz(z, mxcsr)
	if r, flags, ok := f.firstNaN(x, y, z); ok {
		return r, flags
	}
	x, z = x^flipProduct, z^flipAddend
	sign := (x ^ y) & f.sign
	inf, zero := f.isInf(x) || f.isInf(y), f.isZero(x) || f.isZero(y)
	de := f.denormal(x, y, z)
	switch {
	case inf && zero || inf && f.isInf(z) && z&f.sign != sign:
		return f.defaultNaN(), IE
	case inf:
		return sign | f.inf, de
	case f.isInf(z):
		return z, de
	case zero && f.isZero(z):
		if z == sign {
			return z, de
		}
		return f.cancelled(mxcsr), de
	}
	var s number
	ok := true
	switch {
	case zero:
		s = f.unpack(z)
	case f.isZero(z):
		s = product(f.unpack(x), f.unpack(y))
	default:
		s, ok = sum(product(f.unpack(x), f.unpack(y)), f.unpack(z))
	}
	if !ok {
		return f.cancelled(mxcsr), de
	}
	r, flags := f.pack(s, mxcsr)
	return r, flags | de
}
