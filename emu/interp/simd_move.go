package interp

import "emurun/emu/x86"

// movdqa implements the moves of a whole register: MOVDQA, MOVDQU, MOVAPS, MOVUPS,
// MOVAPD, MOVUPD, LDDQU, MOVNTDQ, MOVNTDQA, MOVNTPS, MOVNTPD.
func movdqa(v XMM) XMM { return v }

// movq implements MOVQ and the other moves of 64 bits.
func movq(v uint64) uint64 { return v }

// movd implements MOVD and MOVSS.
func movd(v uint32) uint32 { return v }

// movqVxEq implements MOVQ from a general register, which zeroes the upper half.
func movqVxEq(v uint64) XMM { return XMM{Lo: v} }

// movdVxEd implements MOVD from a general register, which zeroes the rest.
func movdVxEd(v uint32) XMM { return XMM{Lo: uint64(v)} }

// movdPqEd implements MOVD to an MMX register, which zeroes the upper half.
func movdPqEd(v uint32) uint64 { return uint64(v) }

// movhps implements MOVHPS, MOVHPD and MOVLHPS: v becomes the upper half.
func movhps(x XMM, v uint64) XMM { return XMM{Lo: x.Lo, Hi: v} }

// movhpsM implements MOVHPS and MOVHPD to memory: the upper half.
func movhpsM(x XMM) uint64 { return x.Hi }

// movhlps implements MOVHLPS: the upper half of y becomes the lower.
func movhlps(x, y XMM) XMM { return XMM{Lo: y.Hi, Hi: x.Hi} }

// pmovmskb implements PMOVMSKB, the top bits of the bytes.
func pmovmskb(x uint64) uint32 { return byteMask(x) }

// pmovmskbX implements the XMM form of PMOVMSKB.
func pmovmskbX(x XMM) uint32 {
	lo := x.Lo & topB * 0x0002040810204081 >> 56
	hi := x.Hi & topB * 0x0002040810204081 >> 56
	return uint32(lo | hi<<8)
}

// movmskps implements MOVMSKPS, the top bits of the doublewords.
func movmskps(x XMM) uint32 {
	return uint32(x.Lo>>31&1 | x.Lo>>63<<1 | x.Hi>>31&1<<2 | x.Hi>>63<<3)
}

// movmskpd implements MOVMSKPD, the top bits of the quadwords.
func movmskpd(x XMM) uint32 { return uint32(x.Lo>>63 | x.Hi>>63<<1) }

// maskmovdqu implements MASKMOVDQU: it stores at [rDI] the bytes that the top bits
// of the mask's select. The others are not changed, but must be writable too.
func maskmovdqu(c *CPU, op *Op) bool {
	x, m := c.X[op.reg&15], c.X[op.rm&15]
	a := maskmovAddress(c, op)
	p, ok := modifyXMM(c, a)
	if !ok {
		return false
	}
	v := pblendvb(XMM{Lo: le(p[0]), Hi: le(p[1])}, x, m)
	p[0], p[1] = le(v.Lo), le(v.Hi)
	flush(c, a, p)
	return true
}

// maskmovq implements MASKMOVQ, the MMX form of MASKMOVDQU.
func maskmovq(c *CPU, op *Op) bool {
	x, m := c.FPU.ST[op.reg&7].Mant, spread(c.FPU.ST[op.rm&7].Mant&topB, 8)
	a := maskmovAddress(c, op)
	p, ok := modify[uint64](c, a)
	if !ok {
		return false
	}
	*p = le(le(*p)&^m | x&m)
	flush(c, a, p)
	enterMMX(c)
	return true
}

// maskmovAddress is the address in rDI.
func maskmovAddress(c *CPU, op *Op) uint64 {
	a := c.R[x86.RDI]
	if op.pfx&pfxAddr32 != 0 {
		a = uint64(uint32(a))
	}
	return segmented(c, op, a)
}
