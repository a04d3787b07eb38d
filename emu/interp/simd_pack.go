package interp

// packsswbPqQq implements the MMX form of PACKSSWB, words to signed bytes.
func packsswbPqQq(x, y uint64) uint64 { return packW(x) | packW(y)<<32 }

// packsswb implements PACKSSWB.
func packsswb(x, y XMM) XMM {
	return XMM{Lo: packsswbPqQq(x.Lo, x.Hi), Hi: packsswbPqQq(y.Lo, y.Hi)}
}

// packuswbPqQq implements the MMX form of PACKUSWB, words to unsigned bytes.
func packuswbPqQq(x, y uint64) uint64 { return packWU(x) | packWU(y)<<32 }

// packuswb implements PACKUSWB.
func packuswb(x, y XMM) XMM {
	return XMM{Lo: packuswbPqQq(x.Lo, x.Hi), Hi: packuswbPqQq(y.Lo, y.Hi)}
}

// packssdwPqQq implements the MMX form of PACKSSDW, doublewords to signed words.
func packssdwPqQq(x, y uint64) uint64 { return packD(x) | packD(y)<<32 }

// packssdw implements PACKSSDW.
func packssdw(x, y XMM) XMM {
	return XMM{Lo: packssdwPqQq(x.Lo, x.Hi), Hi: packssdwPqQq(y.Lo, y.Hi)}
}

// packusdw implements PACKUSDW, doublewords to unsigned words.
func packusdw(x, y XMM) XMM {
	return XMM{Lo: packDU(x.Lo) | packDU(x.Hi)<<32, Hi: packDU(y.Lo) | packDU(y.Hi)<<32}
}

// interleaveB, interleaveW and interleaveD merge the lanes of two doublewords.
func interleaveB(x, y uint32) uint64 { return widenB(x) | widenB(y)<<8 }
func interleaveW(x, y uint32) uint64 { return widenW(x) | widenW(y)<<16 }

// punpcklbwPqQd implements the MMX form of PUNPCKLBW, interleaving of low bytes.
func punpcklbwPqQd(x uint64, y uint32) uint64 { return interleaveB(uint32(x), y) }

// punpcklwdPqQd implements the MMX form of PUNPCKLWD, interleaving of low words.
func punpcklwdPqQd(x uint64, y uint32) uint64 { return interleaveW(uint32(x), y) }

// punpckldqPqQd implements the MMX form of PUNPCKLDQ, interleaving of low doublewords.
func punpckldqPqQd(x uint64, y uint32) uint64 { return pair(uint32(x), y) }

// punpckhbwPqQq implements the MMX form of PUNPCKHBW, interleaving of high bytes.
func punpckhbwPqQq(x, y uint64) uint64 { return interleaveB(uint32(x>>32), uint32(y>>32)) }

// punpckhwdPqQq implements the MMX form of PUNPCKHWD, interleaving of high words.
func punpckhwdPqQq(x, y uint64) uint64 { return interleaveW(uint32(x>>32), uint32(y>>32)) }

// punpckhdqPqQq implements the MMX form of PUNPCKHDQ, interleaving of high doublewords.
func punpckhdqPqQq(x, y uint64) uint64 { return x>>32 | y>>32<<32 }

// punpcklbw implements PUNPCKLBW.
func punpcklbw(x, y XMM) XMM {
	return XMM{Lo: interleaveB(uint32(x.Lo), uint32(y.Lo)), Hi: interleaveB(uint32(x.Lo>>32), uint32(y.Lo>>32))}
}

// punpckhbw implements PUNPCKHBW.
func punpckhbw(x, y XMM) XMM {
	return XMM{Lo: interleaveB(uint32(x.Hi), uint32(y.Hi)), Hi: interleaveB(uint32(x.Hi>>32), uint32(y.Hi>>32))}
}

// punpcklwd implements PUNPCKLWD.
func punpcklwd(x, y XMM) XMM {
	return XMM{Lo: interleaveW(uint32(x.Lo), uint32(y.Lo)), Hi: interleaveW(uint32(x.Lo>>32), uint32(y.Lo>>32))}
}

// punpckhwd implements PUNPCKHWD.
func punpckhwd(x, y XMM) XMM {
	return XMM{Lo: interleaveW(uint32(x.Hi), uint32(y.Hi)), Hi: interleaveW(uint32(x.Hi>>32), uint32(y.Hi>>32))}
}

// punpckldq implements PUNPCKLDQ and UNPCKLPS.
func punpckldq(x, y XMM) XMM {
	return XMM{Lo: x.Lo&0xffffffff | y.Lo<<32, Hi: x.Lo>>32 | y.Lo>>32<<32}
}

// punpckhdq implements PUNPCKHDQ and UNPCKHPS.
func punpckhdq(x, y XMM) XMM {
	return XMM{Lo: x.Hi&0xffffffff | y.Hi<<32, Hi: x.Hi>>32 | y.Hi>>32<<32}
}

// punpcklqdq implements PUNPCKLQDQ and UNPCKLPD.
func punpcklqdq(x, y XMM) XMM { return XMM{Lo: x.Lo, Hi: y.Lo} }

// punpckhqdq implements PUNPCKHQDQ and UNPCKHPD.
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
