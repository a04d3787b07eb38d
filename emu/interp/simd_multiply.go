package interp

// pmullw implements PMULLW, low halves of the products of words.
func pmullw(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(a*e, b*f, c*g, d*h)
}

// mulhw is the high half of a signed product of words, mulhuw of an unsigned one.
func mulhw(x, y uint16) uint16  { return uint16(int32(int16(x)) * int32(int16(y)) >> 16) }
func mulhuw(x, y uint16) uint16 { return uint16(uint32(x) * uint32(y) >> 16) }

// mulhrsw is a product of fractions of 15 bits, rounded.
func mulhrsw(x, y uint16) uint16 {
	return uint16((int32(int16(x))*int32(int16(y))>>14 + 1) >> 1)
}

// pmulhw implements PMULHW, high halves of signed products.
func pmulhw(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhw(a, e), mulhw(b, f), mulhw(c, g), mulhw(d, h))
}

// pmulhuw implements PMULHUW, high halves of unsigned products.
func pmulhuw(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhuw(a, e), mulhuw(b, f), mulhuw(c, g), mulhuw(d, h))
}

// pmulhrsw implements PMULHRSW, rounded products of fractions.
func pmulhrsw(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhrsw(a, e), mulhrsw(b, f), mulhrsw(c, g), mulhrsw(d, h))
}

// pmuludq implements PMULUDQ, product of the low doublewords.
func pmuludq(x, y uint64) uint64 { return x & 0xffffffff * (y & 0xffffffff) }

// pmuldq implements PMULDQ, signed products of the low doublewords of quadwords.
func pmuldq(x, y uint64) uint64 { return uint64(int64(int32(x)) * int64(int32(y))) }

// pmulld implements PMULLD, low halves of the products of doublewords.
func pmulld(x, y uint64) uint64 {
	return pair(uint32(x)*uint32(y), uint32(x>>32)*uint32(y>>32))
}

// dot is the sum of the products of two signed words. It wraps only for four times -32768.
func dot(a, b, e, f uint16) uint32 {
	return uint32(int32(int16(a))*int32(int16(e)) + int32(int16(b))*int32(int16(f)))
}

// pmaddwd implements PMADDWD, sums of adjacent products of words.
func pmaddwd(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return pair(dot(a, b, e, f), dot(c, d, g, h))
}

// pmaddubsw implements PMADDUBSW, saturated sums of adjacent
// products of unsigned bytes of x and signed bytes of y.
func pmaddubsw(x, y uint64) uint64 {
	var r uint64
	for i := 0; i < 64; i += 16 {
		a := int32(uint8(x>>i))*int32(int8(y>>i)) + int32(uint8(x>>(i+8)))*int32(int8(y>>(i+8)))
		r |= clamp16(a) << i
	}
	return r
}

// psadbw implements PSADBW, sum of the absolute differences of bytes.
func psadbw(x, y uint64) uint64 {
	d := maxUnsigned(x, y, topB, 8) - minUnsigned(x, y, topB, 8)
	d = d&0x00ff00ff00ff00ff + d>>8&0x00ff00ff00ff00ff
	return d * lowW >> 48
}

// mpsadbw implements MPSADBW: eight sums of absolute differences of four bytes
// of y, at 4*imm[1:0], with those at each of eight offsets of x from 4*imm[2].
func mpsadbw(x, y XMM, imm uint8) XMM {
	a, b := bytesOf(x), bytesOf(y)
	ai, bi := int(imm>>2&1)*4, int(imm&3)*4
	var s [8]uint16
	for i := range s {
		for j := range 4 {
			d := int16(a[ai+i+j]) - int16(b[bi+j])
			s[i] += uint16(max(d, -d))
		}
	}
	return XMM{Lo: lanes(s[0], s[1], s[2], s[3]), Hi: lanes(s[4], s[5], s[6], s[7])}
}

// phminposuw implements PHMINPOSUW: the smallest word and its index.
func phminposuw(y XMM) XMM {
	best, at := uint16(y.Lo), 0
	for i := 1; i < 8; i++ {
		if v := word16(y, i); v < best {
			best, at = v, i
		}
	}
	return XMM{Lo: uint64(best) | uint64(at)<<16}
}

// word16 is word i of x.
func word16(x XMM, i int) uint16 {
	if i < 4 {
		return uint16(x.Lo >> (16 * i))
	}
	return uint16(x.Hi >> (16 * (i & 3)))
}

// horizontalW applies f to the adjacent words of x, and then of y.
func horizontalW(x, y uint64, f func(a, b uint16) uint16) uint64 {
	a, b, c, d := words(x)
	e, g, h, i := words(y)
	return lanes(f(a, b), f(c, d), f(e, g), f(h, i))
}

func addW(a, b uint16) uint16  { return a + b }
func subW(a, b uint16) uint16  { return a - b }
func addSW(a, b uint16) uint16 { return uint16(clamp16(int32(int16(a)) + int32(int16(b)))) }
func subSW(a, b uint16) uint16 { return uint16(clamp16(int32(int16(a)) - int32(int16(b)))) }

// phaddw implements PHADDW, sums of adjacent words.
func phaddw(x, y uint64) uint64 { return horizontalW(x, y, addW) }

// phaddwX implements the XMM form of PHADDW.
func phaddwX(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, addW), Hi: horizontalW(y.Lo, y.Hi, addW)}
}

// phaddsw implements PHADDSW, saturated sums of adjacent words.
func phaddsw(x, y uint64) uint64 { return horizontalW(x, y, addSW) }

// phaddswX implements the XMM form of PHADDSW.
func phaddswX(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, addSW), Hi: horizontalW(y.Lo, y.Hi, addSW)}
}

// phsubw implements PHSUBW, differences of adjacent words.
func phsubw(x, y uint64) uint64 { return horizontalW(x, y, subW) }

// phsubwX implements the XMM form of PHSUBW.
func phsubwX(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, subW), Hi: horizontalW(y.Lo, y.Hi, subW)}
}

// phsubsw implements PHSUBSW, saturated differences of adjacent words.
func phsubsw(x, y uint64) uint64 { return horizontalW(x, y, subSW) }

// phsubswX implements the XMM form of PHSUBSW.
func phsubswX(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, subSW), Hi: horizontalW(y.Lo, y.Hi, subSW)}
}

// phaddd implements PHADDD, sums of adjacent doublewords.
func phaddd(x, y uint64) uint64 {
	return pair(uint32(x)+uint32(x>>32), uint32(y)+uint32(y>>32))
}

// phadddX implements the XMM form of PHADDD.
func phadddX(x, y XMM) XMM {
	return XMM{Lo: phaddd(x.Lo, x.Hi), Hi: phaddd(y.Lo, y.Hi)}
}

// phsubd implements PHSUBD, differences of adjacent doublewords.
func phsubd(x, y uint64) uint64 {
	return pair(uint32(x)-uint32(x>>32), uint32(y)-uint32(y>>32))
}

// phsubdX implements the XMM form of PHSUBD.
func phsubdX(x, y XMM) XMM {
	return XMM{Lo: phsubd(x.Lo, x.Hi), Hi: phsubd(y.Lo, y.Hi)}
}
