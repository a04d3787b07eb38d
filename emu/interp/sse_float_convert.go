package interp

import "emurun/emu/internal/fp"

// Conversions of SSE and SSE2. An integer that does not fit is the integer
// indefinite, with IE.

// cvtsi2sd implements CVTSI2SD, integer to double.
func cvtsi2sd[T word](c *CPU, v T) (uint64, bool) {
	r, flags := fp.FromInt64(signed(v), c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// cvtsi2ss implements CVTSI2SS, integer to single.
func cvtsi2ss[T word](c *CPU, v T) (uint32, bool) {
	r, flags := fp.FromInt32(signed(v), c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// cvttsd2si implements CVTTSD2SI, double to integer by truncation.
func cvttsd2si[T word](c *CPU, x uint64) (T, bool) {
	r, flags := fp.ToInt64(x, uint(bitsOf[T]()), fp.Zero, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return T(r), true
	}
	return 0, false
}

// cvttss2si implements CVTTSS2SI, single to integer by truncation.
func cvttss2si[T word](c *CPU, x uint32) (T, bool) {
	r, flags := fp.ToInt32(x, uint(bitsOf[T]()), fp.Zero, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return T(r), true
	}
	return 0, false
}

// cvtsd2si implements CVTSD2SI, double to integer.
func cvtsd2si[T word](c *CPU, x uint64) (T, bool) {
	r, flags := fp.ToInt64(x, uint(bitsOf[T]()), rounding(c), c.MXCSR)
	return T(r), raise(c, flags)
}

// cvtss2si implements CVTSS2SI, single to integer.
func cvtss2si[T word](c *CPU, x uint32) (T, bool) {
	r, flags := fp.ToInt32(x, uint(bitsOf[T]()), rounding(c), c.MXCSR)
	return T(r), raise(c, flags)
}

// cvtss2sd implements CVTSS2SD, single to double.
func cvtss2sd(c *CPU, x uint32) (uint64, bool) {
	r, flags := fp.To64(x, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// cvtsd2ss implements CVTSD2SS, double to single.
func cvtsd2ss(c *CPU, x uint64) (uint32, bool) {
	r, flags := fp.To32(x, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// cvtps2pd implements CVTPS2PD, two singles to doubles.
func cvtps2pd(c *CPU, x uint64) (XMM, bool) {
	lo, f0 := fp.To64(uint32(x), c.MXCSR)
	hi, f1 := fp.To64(uint32(x>>32), c.MXCSR)
	return XMM{Lo: lo, Hi: hi}, raise(c, f0|f1)
}

// cvtpd2ps implements CVTPD2PS, two doubles to singles in the low half.
func cvtpd2ps(c *CPU, x XMM) (XMM, bool) {
	lo, f0 := fp.To32(x.Lo, c.MXCSR)
	hi, f1 := fp.To32(x.Hi, c.MXCSR)
	return XMM{Lo: uint64(lo) | uint64(hi)<<32}, raise(c, f0|f1)
}

// cvtdq2ps implements CVTDQ2PS, four doubleword integers to singles.
func cvtdq2ps(c *CPU, x XMM) (XMM, bool) {
	return map32(c, func(x, mxcsr uint32) (uint32, uint32) { return fp.FromInt32(signed(x), mxcsr) }, x)
}

// cvtdq2pd implements CVTDQ2PD, two doubleword integers to doubles. It is exact.
func cvtdq2pd(x uint64) XMM {
	lo, _ := fp.FromInt64(signed(uint32(x)), 0)
	hi, _ := fp.FromInt64(signed(uint32(x>>32)), 0)
	return XMM{Lo: lo, Hi: hi}
}

// cvtpi2pd implements CVTPI2PD, CVTDQ2PD from an MMX register.
func cvtpi2pd(x uint64) XMM { return cvtdq2pd(x) }

// cvtpi2ps implements CVTPI2PS, two doubleword integers to singles.
func cvtpi2ps(c *CPU, x uint64) (uint64, bool) {
	lo, f0 := fp.FromInt32(signed(uint32(x)), c.MXCSR)
	hi, f1 := fp.FromInt32(signed(uint32(x>>32)), c.MXCSR)
	return uint64(lo) | uint64(hi)<<32, raise(c, f0|f1)
}

// toInt32s rounds two singles to doubleword integers.
func toInt32s(c *CPU, x uint64, rc fp.Rounding) (r uint64, flags uint32) {
	lo, f0 := fp.ToInt32(uint32(x), 32, rc, c.MXCSR)
	hi, f1 := fp.ToInt32(uint32(x>>32), 32, rc, c.MXCSR)
	return lo | hi<<32, f0 | f1
}

// toInt64s rounds two doubles to doubleword integers.
func toInt64s(c *CPU, x XMM, rc fp.Rounding) (uint64, bool) {
	lo, f0 := fp.ToInt64(x.Lo, 32, rc, c.MXCSR)
	hi, f1 := fp.ToInt64(x.Hi, 32, rc, c.MXCSR)
	return lo | hi<<32, raise(c, f0|f1)
}

// dqOfSingles rounds four singles to doubleword integers.
func dqOfSingles(c *CPU, x XMM, rc fp.Rounding) (XMM, bool) {
	lo, f0 := toInt32s(c, x.Lo, rc)
	hi, f1 := toInt32s(c, x.Hi, rc)
	return XMM{Lo: lo, Hi: hi}, raise(c, f0|f1)
}

// cvtps2dq implements CVTPS2DQ, four singles to doubleword integers.
func cvtps2dq(c *CPU, x XMM) (XMM, bool) { return dqOfSingles(c, x, rounding(c)) }

// cvttps2dq implements CVTTPS2DQ, CVTPS2DQ by truncation.
func cvttps2dq(c *CPU, x XMM) (XMM, bool) { return dqOfSingles(c, x, fp.Zero) }

// cvtpd2dq implements CVTPD2DQ, two doubles to doubleword integers in the low half.
func cvtpd2dq(c *CPU, x XMM) (XMM, bool) {
	r, ok := toInt64s(c, x, rounding(c))
	return XMM{Lo: r}, ok
}

// cvttpd2dq implements CVTTPD2DQ, CVTPD2DQ by truncation.
func cvttpd2dq(c *CPU, x XMM) (XMM, bool) {
	r, ok := toInt64s(c, x, fp.Zero)
	return XMM{Lo: r}, ok
}

// cvtps2pi implements CVTPS2PI, two singles to an MMX register.
func cvtps2pi(c *CPU, x uint64) (uint64, bool) {
	r, flags := toInt32s(c, x, rounding(c))
	return r, raise(c, flags)
}

// cvttps2pi implements CVTTPS2PI, CVTPS2PI by truncation.
func cvttps2pi(c *CPU, x uint64) (uint64, bool) {
	r, flags := toInt32s(c, x, fp.Zero)
	return r, raise(c, flags)
}

// cvtpd2pi implements CVTPD2PI, two doubles to an MMX register.
func cvtpd2pi(c *CPU, x XMM) (uint64, bool) { return toInt64s(c, x, rounding(c)) }

// cvttpd2pi implements CVTTPD2PI, CVTPD2PI by truncation.
func cvttpd2pi(c *CPU, x XMM) (uint64, bool) { return toInt64s(c, x, fp.Zero) }
