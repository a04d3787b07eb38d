package interp

// psllw implements PSLLW, shift of words left. A count past the width gives 0.
func psllw(x, n uint64) uint64 {
	if n >= 16 {
		return 0
	}
	return leftLanes(x, n, topW, 16)
}

// psllwX implements the XMM form of PSLLW: the count is the low quadword.
func psllwX(x, n XMM) XMM { return XMM{Lo: psllw(x.Lo, n.Lo), Hi: psllw(x.Hi, n.Lo)} }

// psllwImm implements PSLLW with an immediate.
func psllwImm(x uint64, n uint8) uint64 { return psllw(x, uint64(n)) }

// pslld implements PSLLD, shift of doublewords left. A count past the width gives 0.
func pslld(x, n uint64) uint64 {
	if n >= 32 {
		return 0
	}
	return leftLanes(x, n, topD, 32)
}

// pslldX implements the XMM form of PSLLD: the count is the low quadword.
func pslldX(x, n XMM) XMM { return XMM{Lo: pslld(x.Lo, n.Lo), Hi: pslld(x.Hi, n.Lo)} }

// pslldImm implements PSLLD with an immediate.
func pslldImm(x uint64, n uint8) uint64 { return pslld(x, uint64(n)) }

// psllq implements PSLLQ, shift of quadwords left. A count past the width gives 0.
func psllq(x, n uint64) uint64 {
	return x << n
}

// psllqX implements the XMM form of PSLLQ: the count is the low quadword.
func psllqX(x, n XMM) XMM { return XMM{Lo: psllq(x.Lo, n.Lo), Hi: psllq(x.Hi, n.Lo)} }

// psllqImm implements PSLLQ with an immediate.
func psllqImm(x uint64, n uint8) uint64 { return psllq(x, uint64(n)) }

// psrlw implements PSRLW, shift of words right. A count past the width gives 0.
func psrlw(x, n uint64) uint64 {
	if n >= 16 {
		return 0
	}
	return rightLanes(x, n, topW, 16)
}

// psrlwX implements the XMM form of PSRLW: the count is the low quadword.
func psrlwX(x, n XMM) XMM { return XMM{Lo: psrlw(x.Lo, n.Lo), Hi: psrlw(x.Hi, n.Lo)} }

// psrlwImm implements PSRLW with an immediate.
func psrlwImm(x uint64, n uint8) uint64 { return psrlw(x, uint64(n)) }

// psrld implements PSRLD, shift of doublewords right. A count past the width gives 0.
func psrld(x, n uint64) uint64 {
	if n >= 32 {
		return 0
	}
	return rightLanes(x, n, topD, 32)
}

// psrldX implements the XMM form of PSRLD: the count is the low quadword.
func psrldX(x, n XMM) XMM { return XMM{Lo: psrld(x.Lo, n.Lo), Hi: psrld(x.Hi, n.Lo)} }

// psrldImm implements PSRLD with an immediate.
func psrldImm(x uint64, n uint8) uint64 { return psrld(x, uint64(n)) }

// psrlq implements PSRLQ, shift of quadwords right. A count past the width gives 0.
func psrlq(x, n uint64) uint64 {
	return x >> n
}

// psrlqX implements the XMM form of PSRLQ: the count is the low quadword.
func psrlqX(x, n XMM) XMM { return XMM{Lo: psrlq(x.Lo, n.Lo), Hi: psrlq(x.Hi, n.Lo)} }

// psrlqImm implements PSRLQ with an immediate.
func psrlqImm(x uint64, n uint8) uint64 { return psrlq(x, uint64(n)) }

// psraw implements PSRAW, shift of words right arithmetically. A count past the width gives the sign.
func psraw(x, n uint64) uint64 {
	return arithLanes(x, min(n, 15), topW, 16)
}

// psrawX implements the XMM form of PSRAW: the count is the low quadword.
func psrawX(x, n XMM) XMM { return XMM{Lo: psraw(x.Lo, n.Lo), Hi: psraw(x.Hi, n.Lo)} }

// psrawImm implements PSRAW with an immediate.
func psrawImm(x uint64, n uint8) uint64 { return psraw(x, uint64(n)) }

// psrad implements PSRAD, shift of doublewords right arithmetically. A count past the width gives the sign.
func psrad(x, n uint64) uint64 {
	return arithLanes(x, min(n, 31), topD, 32)
}

// psradX implements the XMM form of PSRAD: the count is the low quadword.
func psradX(x, n XMM) XMM { return XMM{Lo: psrad(x.Lo, n.Lo), Hi: psrad(x.Hi, n.Lo)} }

// psradImm implements PSRAD with an immediate.
func psradImm(x uint64, n uint8) uint64 { return psrad(x, uint64(n)) }

// pslldq implements PSLLDQ, shift of the whole register left by n bytes.
func pslldq(x XMM, n uint8) XMM {
	s := uint64(n) * 8
	if s >= 64 {
		return XMM{Hi: x.Lo << (s - 64)}
	}
	return XMM{Lo: x.Lo << s, Hi: x.Hi<<s | x.Lo>>(64-s)}
}

// psrldq implements PSRLDQ, shift of the whole register right by n bytes.
func psrldq(x XMM, n uint8) XMM {
	s := uint64(n) * 8
	if s >= 64 {
		return XMM{Lo: x.Hi >> (s - 64)}
	}
	return XMM{Lo: x.Lo>>s | x.Hi<<(64-s), Hi: x.Hi >> s}
}
