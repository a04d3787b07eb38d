package interp

import "emurun/emu/x86"

// dword is doubleword i of x, setDword replaces it.
func dword(x XMM, i uint8) uint32 {
	if i&2 == 0 {
		return uint32(x.Lo >> (i & 1 * 32))
	}
	return uint32(x.Hi >> (i & 1 * 32))
}

func setDword(x XMM, i uint8, v uint32) XMM {
	s := i & 1 * 32
	if i&2 == 0 {
		x.Lo = x.Lo&^(0xffffffff<<s) | uint64(v)<<s
	} else {
		x.Hi = x.Hi&^(0xffffffff<<s) | uint64(v)<<s
	}
	return x
}

// shuffleW picks four of the words of y by the two-bit fields of imm.
func shuffleW(y uint64, imm uint8) uint64 {
	return y>>(imm&3*16)&0xffff | y>>(imm>>2&3*16)&0xffff<<16 |
		y>>(imm>>4&3*16)&0xffff<<32 | y>>(imm>>6*16)<<48
}

// pshufw implements PSHUFW, any order of four words.
func pshufw(y uint64, imm uint8) uint64 { return shuffleW(y, imm) }

// pshuflw implements PSHUFLW, any order of the low four words.
func pshuflw(y XMM, imm uint8) XMM { return XMM{Lo: shuffleW(y.Lo, imm), Hi: y.Hi} }

// pshufhw implements PSHUFHW, any order of the high four words.
func pshufhw(y XMM, imm uint8) XMM { return XMM{Lo: y.Lo, Hi: shuffleW(y.Hi, imm)} }

// pshufd implements PSHUFD, any order of four doublewords.
func pshufd(y XMM, imm uint8) XMM {
	a, b, c, d := y.Lo, y.Lo, y.Lo, y.Lo
	if imm&2 != 0 {
		a = y.Hi
	}
	if imm&8 != 0 {
		b = y.Hi
	}
	if imm&0x20 != 0 {
		c = y.Hi
	}
	if imm&0x80 != 0 {
		d = y.Hi
	}
	return XMM{
		Lo: a>>(imm&1*32)&0xffffffff | b>>(imm>>2&1*32)<<32,
		Hi: c>>(imm>>4&1*32)&0xffffffff | d>>(imm>>6&1*32)<<32,
	}
}

// shufps implements SHUFPS: two doublewords of x, then two of y.
func shufps(x, y XMM, imm uint8) XMM {
	return XMM{
		Lo: pair(dword(x, imm&3), dword(x, imm>>2&3)),
		Hi: pair(dword(y, imm>>4&3), dword(y, imm>>6)),
	}
}

// shufpd implements SHUFPD: one quadword of x, then one of y.
func shufpd(x, y XMM, imm uint8) XMM {
	lo, hi := x.Lo, y.Lo
	if imm&1 != 0 {
		lo = x.Hi
	}
	if imm&2 != 0 {
		hi = y.Hi
	}
	return XMM{Lo: lo, Hi: hi}
}

// pshufb implements PSHUFB, bytes picked by those of y, or 0.
func pshufb(x, y uint64) uint64 {
	var r uint64
	for i := 0; i < 64; i += 8 {
		if n := uint8(y >> i); n < 0x80 {
			r |= x >> (n & 7 * 8) & 0xff << i
		}
	}
	return r
}

// pshufbX implements the XMM form of PSHUFB.
func pshufbX(x, y XMM) XMM {
	b, n := bytesOf(x), bytesOf(y)
	var r [16]byte
	for i := range r {
		if n[i] < 0x80 {
			r[i] = b[n[i]&15]
		}
	}
	return xmmOf(&r)
}

// palignr implements PALIGNR: x and y joined, shifted right
// by n bytes.
func palignr(x, y uint64, n uint8) uint64 {
	s := uint64(n) * 8
	if s >= 64 {
		return x >> (s - 64)
	}
	return y>>s | x<<(64-s)
}

// palignrX implements the XMM form of PALIGNR.
func palignrX(x, y XMM, n uint8) XMM {
	if n >= 16 {
		if n >= 32 {
			return XMM{}
		}
		return psrldq(x, n-16)
	}
	lo, hi := psrldq(y, n), pslldq(x, 16-n)
	return XMM{Lo: lo.Lo | hi.Lo, Hi: lo.Hi | hi.Hi}
}

// movddup implements MOVDDUP, the low quadword twice.
func movddup(y uint64) XMM { return XMM{Lo: y, Hi: y} }

// movsldup implements MOVSLDUP, the even doublewords twice.
func movsldup(y XMM) XMM {
	return XMM{Lo: y.Lo & 0xffffffff * 0x100000001, Hi: y.Hi & 0xffffffff * 0x100000001}
}

// movshdup implements MOVSHDUP, the odd doublewords twice.
func movshdup(y XMM) XMM {
	return XMM{Lo: y.Lo >> 32 * 0x100000001, Hi: y.Hi >> 32 * 0x100000001}
}

// blend takes y where the mask has bits.
func blend(x, y, mask XMM) XMM {
	return XMM{Lo: x.Lo&^mask.Lo | y.Lo&mask.Lo, Hi: x.Hi&^mask.Hi | y.Hi&mask.Hi}
}

// pblendw implements PBLENDW: words by the bits of imm.
func pblendw(x, y XMM, imm uint8) XMM {
	return blend(x, y, XMM{Lo: nibbleMask(imm), Hi: nibbleMask(imm >> 4)})
}

// nibbleMask turns the low four bits of v into masks of words.
func nibbleMask(v uint8) uint64 {
	return spread(uint64(v)&1<<15|uint64(v)>>1&1<<31|uint64(v)>>2&1<<47|uint64(v)>>3<<63, 16)
}

// blendps implements BLENDPS: doublewords by the bits of imm.
func blendps(x, y XMM, imm uint8) XMM {
	v := uint64(imm)
	return blend(x, y, XMM{
		Lo: spread(v&1<<31|v>>1<<63, 32),
		Hi: spread(v>>2&1<<31|v>>3<<63, 32),
	})
}

// blendpd implements BLENDPD: quadwords by the bits of imm.
func blendpd(x, y XMM, imm uint8) XMM {
	return blend(x, y, XMM{Lo: -uint64(imm & 1), Hi: -uint64(imm >> 1 & 1)})
}

// pblendvb implements PBLENDVB: bytes by the top bits of those of XMM0.
func pblendvb(x, y, m XMM) XMM {
	return blend(x, y, XMM{Lo: spread(m.Lo&topB, 8), Hi: spread(m.Hi&topB, 8)})
}

// blendvps implements BLENDVPS: doublewords by the top bits of those of XMM0.
func blendvps(x, y, m XMM) XMM {
	return blend(x, y, XMM{Lo: spread(m.Lo&topD, 32), Hi: spread(m.Hi&topD, 32)})
}

// blendvpd implements BLENDVPD: quadwords by the top bits of those of XMM0.
func blendvpd(x, y, m XMM) XMM {
	return blend(x, y, XMM{Lo: -(m.Lo >> 63), Hi: -(m.Hi >> 63)})
}

// pextrb implements PEXTRB, byte i zero-extended.
func pextrb(x XMM, i uint8) uint8 {
	if i&8 == 0 {
		return uint8(x.Lo >> (i & 7 * 8))
	}
	return uint8(x.Hi >> (i & 7 * 8))
}

// pextrbR implements PEXTRB to a general register.
func pextrbR(x XMM, i uint8) uint32 { return uint32(pextrb(x, i)) }

// pextrw implements PEXTRW, word i zero-extended.
func pextrw(x uint64, i uint8) uint32 { return uint32(x >> (i & 3 * 16) & 0xffff) }

// pextrwM implements PEXTRW to memory.
func pextrwM(x XMM, i uint8) uint16 { return word16(x, int(i&7)) }

// pextrwR implements PEXTRW to a general register.
func pextrwR(x XMM, i uint8) uint32 { return uint32(pextrwM(x, i)) }

// pextrd implements PEXTRD and EXTRACTPS, doubleword i.
func pextrd(x XMM, i uint8) uint32 { return dword(x, i&3) }

// pextrq implements PEXTRQ, quadword i.
func pextrq(x XMM, i uint8) uint64 {
	if i&1 == 0 {
		return x.Lo
	}
	return x.Hi
}

// pinsrb implements PINSRB, replacement of byte i.
func pinsrb(x XMM, v uint8, i uint8) XMM {
	s := i & 7 * 8
	if i&8 == 0 {
		x.Lo = x.Lo&^(0xff<<s) | uint64(v)<<s
	} else {
		x.Hi = x.Hi&^(0xff<<s) | uint64(v)<<s
	}
	return x
}

// pinsrbR implements PINSRB from a general register.
func pinsrbR(x XMM, v uint32, i uint8) XMM { return pinsrb(x, uint8(v), i) }

// pinsrwX implements the XMM form of PINSRW.
func pinsrwX(x XMM, v uint16, i uint8) XMM {
	s := i & 3 * 16
	if i&4 == 0 {
		x.Lo = x.Lo&^(0xffff<<s) | uint64(v)<<s
	} else {
		x.Hi = x.Hi&^(0xffff<<s) | uint64(v)<<s
	}
	return x
}

// pinsrw implements PINSRW, replacement of word i.
func pinsrw(x uint64, v uint16, i uint8) uint64 {
	s := i & 3 * 16
	return x&^(0xffff<<s) | uint64(v)<<s
}

// pinsrd implements PINSRD, replacement of doubleword i.
func pinsrd(x XMM, v uint32, i uint8) XMM { return setDword(x, i&3, v) }

// pinsrq implements PINSRQ, replacement of quadword i.
func pinsrq(x XMM, v uint64, i uint8) XMM {
	if i&1 == 0 {
		x.Lo = v
	} else {
		x.Hi = v
	}
	return x
}

// insertpsM implements INSERTPS from memory: v to the doubleword that
// imm[5:4] names, then zero to those that imm[3:0] marks.
func insertpsM(x XMM, v uint32, imm uint8) XMM {
	x = setDword(x, imm>>4&3, v)
	for i := range uint8(4) {
		if imm>>i&1 != 0 {
			x = setDword(x, i, 0)
		}
	}
	return x
}

// insertps implements INSERTPS from a register, whose doubleword imm[7:6] names.
func insertps(x, y XMM, imm uint8) XMM { return insertpsM(x, dword(y, imm>>6), imm) }

// ptest implements PTEST. It sets ZF if y & x is 0, CF if y &^ x is 0, and clears
// OF, SF, AF and PF.
func ptest(c *CPU, x, y XMM) {
	zf := (x.Lo&y.Lo | x.Hi&y.Hi) == 0
	cf := (y.Lo&^x.Lo | y.Hi&^x.Hi) == 0
	flagsSet(c, bit(zf, x86.ZF)|bit(cf, x86.CF))
}
