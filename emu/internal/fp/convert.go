package fp

// resize converts x from format f to format to.
func (f *format) resize(x uint64, to *format, mxcsr uint32) (uint64, uint32) {
	x = f.daz(x, mxcsr)
	neg := x&f.sign != 0
	switch {
	case f.isNaN(x):
		payload := x & (1<<f.frac - 1) << (63 - f.frac) >> (63 - to.frac)
		return to.signed(to.inf|to.quiet|payload, neg), f.invalidNaN(x)
	case f.isInf(x):
		return to.signed(to.inf, neg), 0
	case f.isZero(x):
		return to.signed(0, neg), 0
	}
	r, flags := to.pack(f.unpack(x), mxcsr)
	return r, flags | f.denormal(x)
}

// fromInt converts v.
func (f *format) fromInt(v int64, mxcsr uint32) (uint64, uint32) {
	if v == 0 {
		return 0, 0
	}
	return f.pack(intNumber(v), mxcsr)
}

// intNumber is the number v, which is not zero.
func intNumber(v int64) number {
	if v < 0 {
		return normalize(uint64(-v), 0, 63, true)
	}
	return normalize(uint64(v), 0, 63, false)
}

// toInt rounds x to a signed integer of size bits. What does not fit is the
// integer indefinite, with IE and without PE.
func (f *format) toInt(x uint64, size uint, rc Rounding, mxcsr uint32) (uint64, uint32) {
	x = f.daz(x, mxcsr)
	switch {
	case f.isZero(x):
		return 0, 0
	case f.isNaN(x) || f.isInf(x):
		return 1 << (size - 1), IE
	}
	u := f.unpack(x)
	r, ok := u.integer(rc)
	v, fits := signedInt(r.m, u.neg, size)
	switch {
	case !ok || !fits:
		return 1 << (size - 1), IE
	case r.inexact:
		return v, PE
	}
	return v, 0
}

// signedInt is a magnitude with a sign as a signed integer of size bits.
func signedInt(m uint64, neg bool, size uint) (v uint64, fits bool) {
	limit := uint64(1)<<(size-1) - 1
	if neg {
		return -m & (limit<<1 | 1), m <= limit+1
	}
	return m, m <= limit
}

// integral rounds x to an integral value as ROUNDSD does: no DE, the sign of a
// zero result is that of x, and PE only if wanted.
func (f *format) integral(x uint64, imm uint8, mxcsr uint32) (uint64, uint32) {
	x = f.daz(x, mxcsr)
	if r, flags, ok := f.firstNaN(x); ok {
		return r, flags
	}
	if f.isInf(x) || f.isZero(x) {
		return x, 0
	}
	u := f.unpack(x)
	if u.exp >= int(f.frac) {
		return x, 0
	}
	rc := Rounding(imm & 3)
	if imm&4 != 0 {
		rc = rounding(mxcsr)
	}
	r, _ := u.integer(rc)
	flags := uint32(0)
	if r.inexact && imm&8 == 0 {
		flags = PE
	}
	if r.m == 0 {
		return x & f.sign, flags
	}
	v, _ := f.pack(normalize(r.m, 0, 63, u.neg), unmask)
	return v, flags
}
