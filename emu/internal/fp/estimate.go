package fp

// RCPPS and RSQRTPS are specified by their relative error only, 1.5 × 2^-12, and
// processors differ. Ours is the function of the operand's leading bits that an
// ideal table of 2048 entries of 12 bits would hold: the value at the middle of
// the interval, rounded to nearest. It is computed in integers and so the same on
// every host. Neither instruction raises exceptions or looks at MXCSR.

// rcpTable[i] is 2^23/(2048+i+1/2) rounded, a significand of 12 bits.
var rcpTable = func() (t [2048]uint16) {
	for i := range t {
		d := uint32(2*(2048+i) + 1)
		t[i] = uint16((1<<24 + d/2) / d)
	}
	return t
}()

// rsqrtTable[odd<<10|i] is 2^12/sqrt((1+(i+1/2)/1024) × 2^odd) rounded, a
// significand of 12 bits.
var rsqrtTable = func() (t [2048]uint16) {
	for i := range t {
		d := uint64(2*(1024+i&1023)+1) << (i >> 10) // the operand × 2^11
		// floor(2^13 / sqrt(d/2^11)), of which the last bit rounds.
		s := uint64(0)
		for b := uint64(1 << 13); b != 0; b >>= 1 {
			if (s+b)*(s+b)*d <= 1<<37 {
				s += b
			}
		}
		t[i] = uint16((s + 1) >> 1)
	}
	return t
}()

// Rcp32 is RCPSS: an approximation of 1/x.
func Rcp32(x uint32) uint32 {
	sign, e := x&(1<<31), int(field32(x))
	switch {
	case x&^(1<<31) > 0xff<<23:
		return x | 1<<22
	case e == 0xff:
		return sign
	case e == 0: // denormals count as zeros
		return sign | 0xff<<23
	}
	m := uint32(rcpTable[x>>12&0x7ff]) // in (2^11, 2^12)
	if e = 253 - e; e <= 0 {
		return sign // a denormal result is zero
	}
	return sign | uint32(e)<<23 | m<<12&(1<<23-1)
}

// Rsqrt32 is RSQRTSS: an approximation of 1/sqrt(x).
func Rsqrt32(x uint32) uint32 {
	sign, e := x&(1<<31), int(field32(x))
	switch {
	case x&^(1<<31) > 0xff<<23:
		return x | 1<<22
	case e == 0:
		return sign | 0xff<<23
	case sign != 0:
		return 0xff<<23 | 1<<22 | 1<<31
	case e == 0xff:
		return 0
	}
	e -= 127
	m := uint32(rsqrtTable[e&1<<10|int(x>>13&0x3ff)])
	return uint32(126-e>>1)<<23 | m<<12&(1<<23-1)
}
