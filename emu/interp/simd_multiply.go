package interp

// pmullwPqQq implements the MMX form of PMULLW, low halves of the products of words.
func pmullwPqQq(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(a*e, b*f, c*g, d*h)
}

// pmullw implements PMULLW.
func pmullw(x, y XMM) XMM {
	return XMM{Lo: pmullwPqQq(x.Lo, y.Lo), Hi: pmullwPqQq(x.Hi, y.Hi)}
}

// mulhw is the high half of a signed product of words, mulhuw of an unsigned one.
func mulhw(x, y uint16) uint16  { return uint16(int32(int16(x)) * int32(int16(y)) >> 16) }
func mulhuw(x, y uint16) uint16 { return uint16(uint32(x) * uint32(y) >> 16) }

// mulhrsw is a product of fractions of 15 bits, rounded.
func mulhrsw(x, y uint16) uint16 {
	return uint16((int32(int16(x))*int32(int16(y))>>14 + 1) >> 1)
}

// pmulhwPqQq implements the MMX form of PMULHW, high halves of signed products.
func pmulhwPqQq(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhw(a, e), mulhw(b, f), mulhw(c, g), mulhw(d, h))
}

// pmulhw implements PMULHW.
func pmulhw(x, y XMM) XMM {
	return XMM{Lo: pmulhwPqQq(x.Lo, y.Lo), Hi: pmulhwPqQq(x.Hi, y.Hi)}
}

// pmulhuwPqQq implements the MMX form of PMULHUW, high halves of unsigned products.
func pmulhuwPqQq(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhuw(a, e), mulhuw(b, f), mulhuw(c, g), mulhuw(d, h))
}

// pmulhuw implements PMULHUW.
func pmulhuw(x, y XMM) XMM {
	return XMM{Lo: pmulhuwPqQq(x.Lo, y.Lo), Hi: pmulhuwPqQq(x.Hi, y.Hi)}
}

// pmulhrswPqQq implements the MMX form of PMULHRSW, rounded products of fractions.
func pmulhrswPqQq(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return lanes(mulhrsw(a, e), mulhrsw(b, f), mulhrsw(c, g), mulhrsw(d, h))
}

// pmulhrsw implements PMULHRSW.
func pmulhrsw(x, y XMM) XMM {
	return XMM{Lo: pmulhrswPqQq(x.Lo, y.Lo), Hi: pmulhrswPqQq(x.Hi, y.Hi)}
}

// pmuludqPqQq implements the MMX form of PMULUDQ, product of the low doublewords.
func pmuludqPqQq(x, y uint64) uint64 { return x & 0xffffffff * (y & 0xffffffff) }

// pmuludq implements PMULUDQ.
func pmuludq(x, y XMM) XMM {
	return XMM{Lo: pmuludqPqQq(x.Lo, y.Lo), Hi: pmuludqPqQq(x.Hi, y.Hi)}
}

// pmuldq implements PMULDQ, signed products of the low doublewords of quadwords.
func pmuldq(x, y XMM) XMM {
	return XMM{
		Lo: uint64(int64(int32(x.Lo)) * int64(int32(y.Lo))),
		Hi: uint64(int64(int32(x.Hi)) * int64(int32(y.Hi))),
	}
}

// pmulld implements PMULLD, low halves of the products of doublewords.
func pmulld(x, y XMM) XMM {
	return XMM{
		Lo: pair(uint32(x.Lo)*uint32(y.Lo), uint32(x.Lo>>32)*uint32(y.Lo>>32)),
		Hi: pair(uint32(x.Hi)*uint32(y.Hi), uint32(x.Hi>>32)*uint32(y.Hi>>32)),
	}
}

// dot is the sum of the products of two signed words. It wraps only for four times -32768.
func dot(a, b, e, f uint16) uint32 {
	return uint32(int32(int16(a))*int32(int16(e)) + int32(int16(b))*int32(int16(f)))
}

// pmaddwdPqQq implements the MMX form of PMADDWD, sums of adjacent products of words.
func pmaddwdPqQq(x, y uint64) uint64 {
	a, b, c, d := words(x)
	e, f, g, h := words(y)
	return pair(dot(a, b, e, f), dot(c, d, g, h))
}

// pmaddwd implements PMADDWD.
func pmaddwd(x, y XMM) XMM {
	return XMM{Lo: pmaddwdPqQq(x.Lo, y.Lo), Hi: pmaddwdPqQq(x.Hi, y.Hi)}
}

// pmaddubswPqQq implements the MMX form of PMADDUBSW, saturated sums of adjacent
// products of unsigned bytes of x and signed bytes of y.
func pmaddubswPqQq(x, y uint64) uint64 {
	var r uint64
	for i := 0; i < 64; i += 16 {
		a := int32(uint8(x>>i))*int32(int8(y>>i)) + int32(uint8(x>>(i+8)))*int32(int8(y>>(i+8)))
		r |= clamp16(a) << i
	}
	return r
}

// pmaddubsw implements PMADDUBSW.
func pmaddubsw(x, y XMM) XMM {
	return XMM{Lo: pmaddubswPqQq(x.Lo, y.Lo), Hi: pmaddubswPqQq(x.Hi, y.Hi)}
}

// psadbwPqQq implements the MMX form of PSADBW, sum of the absolute differences of bytes.
func psadbwPqQq(x, y uint64) uint64 {
	d := maxUnsigned(x, y, topB, 8) - minUnsigned(x, y, topB, 8)
	d = d&0x00ff00ff00ff00ff + d>>8&0x00ff00ff00ff00ff
	return d * lowW >> 48
}

// psadbw implements PSADBW.
func psadbw(x, y XMM) XMM {
	return XMM{Lo: psadbwPqQq(x.Lo, y.Lo), Hi: psadbwPqQq(x.Hi, y.Hi)}
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

// phaddwPqQq implements the MMX form of PHADDW, sums of adjacent words.
func phaddwPqQq(x, y uint64) uint64 { return horizontalW(x, y, addW) }

// phaddw implements PHADDW.
func phaddw(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, addW), Hi: horizontalW(y.Lo, y.Hi, addW)}
}

// phaddswPqQq implements the MMX form of PHADDSW, saturated sums of adjacent words.
func phaddswPqQq(x, y uint64) uint64 { return horizontalW(x, y, addSW) }

// phaddsw implements PHADDSW.
func phaddsw(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, addSW), Hi: horizontalW(y.Lo, y.Hi, addSW)}
}

// phsubwPqQq implements the MMX form of PHSUBW, differences of adjacent words.
func phsubwPqQq(x, y uint64) uint64 { return horizontalW(x, y, subW) }

// phsubw implements PHSUBW.
func phsubw(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, subW), Hi: horizontalW(y.Lo, y.Hi, subW)}
}

// phsubswPqQq implements the MMX form of PHSUBSW, saturated differences of adjacent words.
func phsubswPqQq(x, y uint64) uint64 { return horizontalW(x, y, subSW) }

// phsubsw implements PHSUBSW.
func phsubsw(x, y XMM) XMM {
	return XMM{Lo: horizontalW(x.Lo, x.Hi, subSW), Hi: horizontalW(y.Lo, y.Hi, subSW)}
}

// phadddPqQq implements the MMX form of PHADDD, sums of adjacent doublewords.
func phadddPqQq(x, y uint64) uint64 {
	return pair(uint32(x)+uint32(x>>32), uint32(y)+uint32(y>>32))
}

// phaddd implements PHADDD.
func phaddd(x, y XMM) XMM {
	return XMM{Lo: phadddPqQq(x.Lo, x.Hi), Hi: phadddPqQq(y.Lo, y.Hi)}
}

// phsubdPqQq implements the MMX form of PHSUBD, differences of adjacent doublewords.
func phsubdPqQq(x, y uint64) uint64 {
	return pair(uint32(x)-uint32(x>>32), uint32(y)-uint32(y>>32))
}

// phsubd implements PHSUBD.
func phsubd(x, y XMM) XMM {
	return XMM{Lo: phsubdPqQq(x.Lo, x.Hi), Hi: phsubdPqQq(y.Lo, y.Hi)}
}
