package interp

// packsswb implements PACKSSWB, words to signed bytes.
func packsswb(x, y uint64) uint64 { return packW(x) | packW(y)<<32 }

// packsswbX implements the XMM form of PACKSSWB.
func packsswbX(x, y XMM) XMM {
	return XMM{Lo: packsswb(x.Lo, x.Hi), Hi: packsswb(y.Lo, y.Hi)}
}

// packuswb implements PACKUSWB, words to unsigned bytes.
func packuswb(x, y uint64) uint64 { return packWU(x) | packWU(y)<<32 }

// packuswbX implements the XMM form of PACKUSWB.
func packuswbX(x, y XMM) XMM {
	return XMM{Lo: packuswb(x.Lo, x.Hi), Hi: packuswb(y.Lo, y.Hi)}
}

// packssdw implements PACKSSDW, doublewords to signed words.
func packssdw(x, y uint64) uint64 { return packD(x) | packD(y)<<32 }

// packssdwX implements the XMM form of PACKSSDW.
func packssdwX(x, y XMM) XMM {
	return XMM{Lo: packssdw(x.Lo, x.Hi), Hi: packssdw(y.Lo, y.Hi)}
}

// packusdw implements PACKUSDW, doublewords to unsigned words.
func packusdw(x, y XMM) XMM {
	return XMM{Lo: packDU(x.Lo) | packDU(x.Hi)<<32, Hi: packDU(y.Lo) | packDU(y.Hi)<<32}
}

// interleaveB and interleaveW merge the lanes of two doublewords.
func interleaveB(x, y uint32) uint64 { return widenB(x) | widenB(y)<<8 }
func interleaveW(x, y uint32) uint64 { return widenW(x) | widenW(y)<<16 }

// punpcklbw implements PUNPCKLBW, interleaving of low bytes.
func punpcklbw(x uint64, y uint32) uint64 { return interleaveB(uint32(x), y) }

// punpcklwd implements PUNPCKLWD, interleaving of low words.
func punpcklwd(x uint64, y uint32) uint64 { return interleaveW(uint32(x), y) }

// punpckldq implements PUNPCKLDQ, interleaving of low doublewords.
func punpckldq(x uint64, y uint32) uint64 { return pair(uint32(x), y) }

// punpckhbw implements PUNPCKHBW, interleaving of high bytes.
func punpckhbw(x, y uint64) uint64 { return interleaveB(uint32(x>>32), uint32(y>>32)) }

// punpckhwd implements PUNPCKHWD, interleaving of high words.
func punpckhwd(x, y uint64) uint64 { return interleaveW(uint32(x>>32), uint32(y>>32)) }

// punpckhdq implements PUNPCKHDQ, interleaving of high doublewords.
func punpckhdq(x, y uint64) uint64 { return x>>32 | y>>32<<32 }

// punpcklbwX implements the XMM form of PUNPCKLBW.
func punpcklbwX(x, y XMM) XMM {
	a, b := x.Lo&0xffffffff, x.Lo>>32
	a, b = (a|a<<16)&0x0000ffff0000ffff, (b|b<<16)&0x0000ffff0000ffff
	a, b = (a|a<<8)&0x00ff00ff00ff00ff, (b|b<<8)&0x00ff00ff00ff00ff
	d, e := y.Lo&0xffffffff, y.Lo>>32
	d, e = (d|d<<16)&0x0000ffff0000ffff, (e|e<<16)&0x0000ffff0000ffff
	d, e = (d|d<<8)&0x00ff00ff00ff00ff, (e|e<<8)&0x00ff00ff00ff00ff
	return XMM{Lo: a | d<<8, Hi: b | e<<8}
}

// punpckhbwX implements the XMM form of PUNPCKHBW.
func punpckhbwX(x, y XMM) XMM {
	return XMM{Lo: interleaveB(uint32(x.Hi), uint32(y.Hi)), Hi: interleaveB(uint32(x.Hi>>32), uint32(y.Hi>>32))}
}

// punpcklwdX implements the XMM form of PUNPCKLWD.
func punpcklwdX(x, y XMM) XMM {
	a, b := x.Lo&0xffff|x.Lo<<16&0xffff00000000, x.Lo>>32&0xffff|x.Lo>>48<<32
	d, e := y.Lo&0xffff|y.Lo<<16&0xffff00000000, y.Lo>>32&0xffff|y.Lo>>48<<32
	return XMM{Lo: a | d<<16, Hi: b | e<<16}
}

// punpckhwdX implements the XMM form of PUNPCKHWD.
func punpckhwdX(x, y XMM) XMM {
	return XMM{Lo: interleaveW(uint32(x.Hi), uint32(y.Hi)), Hi: interleaveW(uint32(x.Hi>>32), uint32(y.Hi>>32))}
}

// punpckldqX implements the XMM form of PUNPCKLDQ, and UNPCKLPS.
func punpckldqX(x, y XMM) XMM {
	return XMM{Lo: x.Lo&0xffffffff | y.Lo<<32, Hi: x.Lo>>32 | y.Lo>>32<<32}
}

// punpckhdqX implements the XMM form of PUNPCKHDQ, and UNPCKHPS.
func punpckhdqX(x, y XMM) XMM {
	return XMM{Lo: x.Hi&0xffffffff | y.Hi<<32, Hi: x.Hi>>32 | y.Hi>>32<<32}
}

// punpcklqdq implements PUNPCKLQDQ, joining of the low quadwords, and UNPCKLPD.
func punpcklqdq(x, y XMM) XMM { return XMM{Lo: x.Lo, Hi: y.Lo} }

// punpckhqdq implements PUNPCKHQDQ, joining of the high quadwords, and UNPCKHPD.
func punpckhqdq(x, y XMM) XMM { return XMM{Lo: x.Hi, Hi: y.Hi} }

// pmovzxbw implements PMOVZXBW, zero extension of eight bytes to words.
func pmovzxbw(y uint64) XMM { return XMM{Lo: widenB(uint32(y)), Hi: widenB(uint32(y >> 32))} }

// pmovzxbd implements PMOVZXBD, zero extension of four bytes to doublewords.
func pmovzxbd(y uint32) XMM {
	return XMM{Lo: pair(y&0xff, y>>8&0xff), Hi: pair(y>>16&0xff, y>>24)}
}

// pmovzxbq implements PMOVZXBQ, zero extension of two bytes to quadwords.
func pmovzxbq(y uint16) XMM { return XMM{Lo: uint64(y & 0xff), Hi: uint64(y >> 8)} }

// pmovzxwd implements PMOVZXWD, zero extension of four words to doublewords.
func pmovzxwd(y uint64) XMM { return XMM{Lo: widenW(uint32(y)), Hi: widenW(uint32(y >> 32))} }

// pmovzxwq implements PMOVZXWQ, zero extension of two words to quadwords.
func pmovzxwq(y uint32) XMM { return XMM{Lo: uint64(y & 0xffff), Hi: uint64(y >> 16)} }

// pmovzxdq implements PMOVZXDQ, zero extension of two doublewords to quadwords.
func pmovzxdq(y uint64) XMM { return XMM{Lo: y & 0xffffffff, Hi: y >> 32} }

// pmovsxbw implements PMOVSXBW, sign extension of eight bytes to words.
func pmovsxbw(y uint64) XMM {
	return XMM{Lo: signB(widenB(uint32(y))), Hi: signB(widenB(uint32(y >> 32)))}
}

// pmovsxbd implements PMOVSXBD, sign extension of four bytes to doublewords.
func pmovsxbd(y uint32) XMM {
	sx := func(b uint32) uint32 { return uint32(int32(int8(b))) }
	return XMM{Lo: pair(sx(y), sx(y>>8)), Hi: pair(sx(y>>16), sx(y>>24))}
}

// pmovsxbq implements PMOVSXBQ, sign extension of two bytes to quadwords.
func pmovsxbq(y uint16) XMM {
	return XMM{Lo: uint64(int64(int8(y))), Hi: uint64(int64(int8(y >> 8)))}
}

// pmovsxwd implements PMOVSXWD, sign extension of four words to doublewords.
func pmovsxwd(y uint64) XMM {
	return XMM{Lo: signW(widenW(uint32(y))), Hi: signW(widenW(uint32(y >> 32)))}
}

// pmovsxwq implements PMOVSXWQ, sign extension of two words to quadwords.
func pmovsxwq(y uint32) XMM {
	return XMM{Lo: uint64(int64(int16(y))), Hi: uint64(int64(int16(y >> 16)))}
}

// pmovsxdq implements PMOVSXDQ, sign extension of two doublewords to quadwords.
func pmovsxdq(y uint64) XMM {
	return XMM{Lo: uint64(int64(int32(y))), Hi: uint64(int64(y) >> 32)}
}
