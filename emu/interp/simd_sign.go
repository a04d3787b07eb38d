package interp

// psignbPqQq implements the MMX form of PSIGNB, bytes with the sign of others.
func psignbPqQq(x, y uint64) uint64 { return withSign(x, y, topB, 8) }

// psignb implements PSIGNB.
func psignb(x, y XMM) XMM {
	return XMM{Lo: psignbPqQq(x.Lo, y.Lo), Hi: psignbPqQq(x.Hi, y.Hi)}
}

// psignwPqQq implements the MMX form of PSIGNW, words with the sign of others.
func psignwPqQq(x, y uint64) uint64 { return withSign(x, y, topW, 16) }

// psignw implements PSIGNW.
func psignw(x, y XMM) XMM {
	return XMM{Lo: psignwPqQq(x.Lo, y.Lo), Hi: psignwPqQq(x.Hi, y.Hi)}
}

// psigndPqQq implements the MMX form of PSIGND, doublewords with the sign of others.
func psigndPqQq(x, y uint64) uint64 { return withSign(x, y, topD, 32) }

// psignd implements PSIGND.
func psignd(x, y XMM) XMM {
	return XMM{Lo: psigndPqQq(x.Lo, y.Lo), Hi: psigndPqQq(x.Hi, y.Hi)}
}

// pabsbPqQq implements the MMX form of PABSB, magnitude of bytes.
func pabsbPqQq(y uint64) uint64 { return absolute(y, topB, 8) }

// pabsb implements PABSB.
func pabsb(y XMM) XMM {
	return XMM{Lo: pabsbPqQq(y.Lo), Hi: pabsbPqQq(y.Hi)}
}

// pabswPqQq implements the MMX form of PABSW, magnitude of words.
func pabswPqQq(y uint64) uint64 { return absolute(y, topW, 16) }

// pabsw implements PABSW.
func pabsw(y XMM) XMM {
	return XMM{Lo: pabswPqQq(y.Lo), Hi: pabswPqQq(y.Hi)}
}

// pabsdPqQq implements the MMX form of PABSD, magnitude of doublewords.
func pabsdPqQq(y uint64) uint64 { return absolute(y, topD, 32) }

// pabsd implements PABSD.
func pabsd(y XMM) XMM {
	return XMM{Lo: pabsdPqQq(y.Lo), Hi: pabsdPqQq(y.Hi)}
}
