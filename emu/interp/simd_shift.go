package interp

// psllwPqQq implements the MMX form of PSLLW, shift of words left. A count past the width gives 0.
func psllwPqQq(x, n uint64) uint64 {
	if n >= 16 {
		return 0
	}
	return leftLanes(x, n, topW, 16)
}

// psllwNqIb implements the MMX form of PSLLW with an immediate.
func psllwNqIb(x uint64, n uint8) uint64 { return psllwPqQq(x, uint64(n)) }

// psllw implements PSLLW: the count is the low quadword.
func psllw(x, n XMM) XMM {
	return XMM{Lo: psllwPqQq(x.Lo, n.Lo), Hi: psllwPqQq(x.Hi, n.Lo)}
}

// psllwUxIb implements PSLLW with an immediate.
func psllwUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psllwPqQq(x.Lo, uint64(n)), Hi: psllwPqQq(x.Hi, uint64(n))}
}

// pslldPqQq implements the MMX form of PSLLD, shift of doublewords left. A count past the width gives 0.
func pslldPqQq(x, n uint64) uint64 {
	if n >= 32 {
		return 0
	}
	return leftLanes(x, n, topD, 32)
}

// pslldNqIb implements the MMX form of PSLLD with an immediate.
func pslldNqIb(x uint64, n uint8) uint64 { return pslldPqQq(x, uint64(n)) }

// pslld implements PSLLD: the count is the low quadword.
func pslld(x, n XMM) XMM {
	return XMM{Lo: pslldPqQq(x.Lo, n.Lo), Hi: pslldPqQq(x.Hi, n.Lo)}
}

// pslldUxIb implements PSLLD with an immediate.
func pslldUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: pslldPqQq(x.Lo, uint64(n)), Hi: pslldPqQq(x.Hi, uint64(n))}
}

// psllqPqQq implements the MMX form of PSLLQ, shift of quadwords left. A count past the width gives 0.
func psllqPqQq(x, n uint64) uint64 {
	return x << n
}

// psllqNqIb implements the MMX form of PSLLQ with an immediate.
func psllqNqIb(x uint64, n uint8) uint64 { return psllqPqQq(x, uint64(n)) }

// psllq implements PSLLQ: the count is the low quadword.
func psllq(x, n XMM) XMM {
	return XMM{Lo: psllqPqQq(x.Lo, n.Lo), Hi: psllqPqQq(x.Hi, n.Lo)}
}

// psllqUxIb implements PSLLQ with an immediate.
func psllqUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psllqPqQq(x.Lo, uint64(n)), Hi: psllqPqQq(x.Hi, uint64(n))}
}

// psrlwPqQq implements the MMX form of PSRLW, shift of words right. A count past the width gives 0.
func psrlwPqQq(x, n uint64) uint64 {
	if n >= 16 {
		return 0
	}
	return rightLanes(x, n, topW, 16)
}

// psrlwNqIb implements the MMX form of PSRLW with an immediate.
func psrlwNqIb(x uint64, n uint8) uint64 { return psrlwPqQq(x, uint64(n)) }

// psrlw implements PSRLW: the count is the low quadword.
func psrlw(x, n XMM) XMM {
	return XMM{Lo: psrlwPqQq(x.Lo, n.Lo), Hi: psrlwPqQq(x.Hi, n.Lo)}
}

// psrlwUxIb implements PSRLW with an immediate.
func psrlwUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psrlwPqQq(x.Lo, uint64(n)), Hi: psrlwPqQq(x.Hi, uint64(n))}
}

// psrldPqQq implements the MMX form of PSRLD, shift of doublewords right. A count past the width gives 0.
func psrldPqQq(x, n uint64) uint64 {
	if n >= 32 {
		return 0
	}
	return rightLanes(x, n, topD, 32)
}

// psrldNqIb implements the MMX form of PSRLD with an immediate.
func psrldNqIb(x uint64, n uint8) uint64 { return psrldPqQq(x, uint64(n)) }

// psrld implements PSRLD: the count is the low quadword.
func psrld(x, n XMM) XMM {
	return XMM{Lo: psrldPqQq(x.Lo, n.Lo), Hi: psrldPqQq(x.Hi, n.Lo)}
}

// psrldUxIb implements PSRLD with an immediate.
func psrldUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psrldPqQq(x.Lo, uint64(n)), Hi: psrldPqQq(x.Hi, uint64(n))}
}

// psrlqPqQq implements the MMX form of PSRLQ, shift of quadwords right. A count past the width gives 0.
func psrlqPqQq(x, n uint64) uint64 {
	return x >> n
}

// psrlqNqIb implements the MMX form of PSRLQ with an immediate.
func psrlqNqIb(x uint64, n uint8) uint64 { return psrlqPqQq(x, uint64(n)) }

// psrlq implements PSRLQ: the count is the low quadword.
func psrlq(x, n XMM) XMM {
	return XMM{Lo: psrlqPqQq(x.Lo, n.Lo), Hi: psrlqPqQq(x.Hi, n.Lo)}
}

// psrlqUxIb implements PSRLQ with an immediate.
func psrlqUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psrlqPqQq(x.Lo, uint64(n)), Hi: psrlqPqQq(x.Hi, uint64(n))}
}

// psrawPqQq implements the MMX form of PSRAW, shift of words right arithmetically. A count past the width gives the sign.
func psrawPqQq(x, n uint64) uint64 {
	return arithLanes(x, min(n, 15), topW, 16)
}

// psrawNqIb implements the MMX form of PSRAW with an immediate.
func psrawNqIb(x uint64, n uint8) uint64 { return psrawPqQq(x, uint64(n)) }

// psraw implements PSRAW: the count is the low quadword.
func psraw(x, n XMM) XMM {
	return XMM{Lo: psrawPqQq(x.Lo, n.Lo), Hi: psrawPqQq(x.Hi, n.Lo)}
}

// psrawUxIb implements PSRAW with an immediate.
func psrawUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psrawPqQq(x.Lo, uint64(n)), Hi: psrawPqQq(x.Hi, uint64(n))}
}

// psradPqQq implements the MMX form of PSRAD, shift of doublewords right arithmetically. A count past the width gives the sign.
func psradPqQq(x, n uint64) uint64 {
	return arithLanes(x, min(n, 31), topD, 32)
}

// psradNqIb implements the MMX form of PSRAD with an immediate.
func psradNqIb(x uint64, n uint8) uint64 { return psradPqQq(x, uint64(n)) }

// psrad implements PSRAD: the count is the low quadword.
func psrad(x, n XMM) XMM {
	return XMM{Lo: psradPqQq(x.Lo, n.Lo), Hi: psradPqQq(x.Hi, n.Lo)}
}

// psradUxIb implements PSRAD with an immediate.
func psradUxIb(x XMM, n uint8) XMM {
	return XMM{Lo: psradPqQq(x.Lo, uint64(n)), Hi: psradPqQq(x.Hi, uint64(n))}
}

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
