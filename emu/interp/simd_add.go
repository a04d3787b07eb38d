package interp

// paddbPqQq implements the MMX form of PADDB, addition of packed bytes.
func paddbPqQq(x, y uint64) uint64 { return addLanes(x, y, topB) }

// paddb implements PADDB.
func paddb(x, y XMM) XMM {
	return XMM{
		Lo: (x.Lo&^topB + y.Lo&^topB) ^ (x.Lo^y.Lo)&topB,
		Hi: (x.Hi&^topB + y.Hi&^topB) ^ (x.Hi^y.Hi)&topB,
	}
}

// paddwPqQq implements the MMX form of PADDW, addition of packed words.
func paddwPqQq(x, y uint64) uint64 { return addLanes(x, y, topW) }

// paddw implements PADDW.
func paddw(x, y XMM) XMM {
	return XMM{Lo: paddwPqQq(x.Lo, y.Lo), Hi: paddwPqQq(x.Hi, y.Hi)}
}

// padddPqQq implements the MMX form of PADDD, addition of packed doublewords.
func padddPqQq(x, y uint64) uint64 { return addLanes(x, y, topD) }

// paddd implements PADDD.
func paddd(x, y XMM) XMM {
	return XMM{
		Lo: (x.Lo&^topD + y.Lo&^topD) ^ (x.Lo^y.Lo)&topD,
		Hi: (x.Hi&^topD + y.Hi&^topD) ^ (x.Hi^y.Hi)&topD,
	}
}

// paddqPqQq implements the MMX form of PADDQ, addition of quadwords.
func paddqPqQq(x, y uint64) uint64 { return x + y }

// paddq implements PADDQ.
func paddq(x, y XMM) XMM { return XMM{Lo: x.Lo + y.Lo, Hi: x.Hi + y.Hi} }

// psubbPqQq implements the MMX form of PSUBB, subtraction of packed bytes.
func psubbPqQq(x, y uint64) uint64 { return subLanes(x, y, topB) }

// psubb implements PSUBB.
func psubb(x, y XMM) XMM {
	return XMM{
		Lo: (x.Lo | topB - y.Lo&^topB) ^ ^(x.Lo^y.Lo)&topB,
		Hi: (x.Hi | topB - y.Hi&^topB) ^ ^(x.Hi^y.Hi)&topB,
	}
}

// psubwPqQq implements the MMX form of PSUBW, subtraction of packed words.
func psubwPqQq(x, y uint64) uint64 { return subLanes(x, y, topW) }

// psubw implements PSUBW.
func psubw(x, y XMM) XMM {
	return XMM{Lo: psubwPqQq(x.Lo, y.Lo), Hi: psubwPqQq(x.Hi, y.Hi)}
}

// psubdPqQq implements the MMX form of PSUBD, subtraction of packed doublewords.
func psubdPqQq(x, y uint64) uint64 { return subLanes(x, y, topD) }

// psubd implements PSUBD.
func psubd(x, y XMM) XMM {
	return XMM{
		Lo: (x.Lo | topD - y.Lo&^topD) ^ ^(x.Lo^y.Lo)&topD,
		Hi: (x.Hi | topD - y.Hi&^topD) ^ ^(x.Hi^y.Hi)&topD,
	}
}

// psubqPqQq implements the MMX form of PSUBQ, subtraction of quadwords.
func psubqPqQq(x, y uint64) uint64 { return x - y }

// psubq implements PSUBQ.
func psubq(x, y XMM) XMM { return XMM{Lo: x.Lo - y.Lo, Hi: x.Hi - y.Hi} }

// paddsbPqQq implements the MMX form of PADDSB, addition of bytes with signed saturation.
func paddsbPqQq(x, y uint64) uint64 { return addSigned(x, y, topB, 8) }

// paddsb implements PADDSB.
func paddsb(x, y XMM) XMM {
	return XMM{Lo: paddsbPqQq(x.Lo, y.Lo), Hi: paddsbPqQq(x.Hi, y.Hi)}
}

// paddusbPqQq implements the MMX form of PADDUSB, addition of bytes with unsigned saturation.
func paddusbPqQq(x, y uint64) uint64 { return addUnsigned(x, y, topB, 8) }

// paddusb implements PADDUSB.
func paddusb(x, y XMM) XMM {
	return XMM{Lo: paddusbPqQq(x.Lo, y.Lo), Hi: paddusbPqQq(x.Hi, y.Hi)}
}

// psubsbPqQq implements the MMX form of PSUBSB, subtraction of bytes with signed saturation.
func psubsbPqQq(x, y uint64) uint64 { return subSigned(x, y, topB, 8) }

// psubsb implements PSUBSB.
func psubsb(x, y XMM) XMM {
	return XMM{Lo: psubsbPqQq(x.Lo, y.Lo), Hi: psubsbPqQq(x.Hi, y.Hi)}
}

// psubusbPqQq implements the MMX form of PSUBUSB, subtraction of bytes with unsigned saturation.
func psubusbPqQq(x, y uint64) uint64 { return subUnsigned(x, y, topB, 8) }

// psubusb implements PSUBUSB.
func psubusb(x, y XMM) XMM {
	return XMM{Lo: psubusbPqQq(x.Lo, y.Lo), Hi: psubusbPqQq(x.Hi, y.Hi)}
}

// paddswPqQq implements the MMX form of PADDSW, addition of words with signed saturation.
func paddswPqQq(x, y uint64) uint64 { return addSigned(x, y, topW, 16) }

// paddsw implements PADDSW.
func paddsw(x, y XMM) XMM {
	return XMM{Lo: paddswPqQq(x.Lo, y.Lo), Hi: paddswPqQq(x.Hi, y.Hi)}
}

// padduswPqQq implements the MMX form of PADDUSW, addition of words with unsigned saturation.
func padduswPqQq(x, y uint64) uint64 { return addUnsigned(x, y, topW, 16) }

// paddusw implements PADDUSW.
func paddusw(x, y XMM) XMM {
	return XMM{Lo: padduswPqQq(x.Lo, y.Lo), Hi: padduswPqQq(x.Hi, y.Hi)}
}

// psubswPqQq implements the MMX form of PSUBSW, subtraction of words with signed saturation.
func psubswPqQq(x, y uint64) uint64 { return subSigned(x, y, topW, 16) }

// psubsw implements PSUBSW.
func psubsw(x, y XMM) XMM {
	return XMM{Lo: psubswPqQq(x.Lo, y.Lo), Hi: psubswPqQq(x.Hi, y.Hi)}
}

// psubuswPqQq implements the MMX form of PSUBUSW, subtraction of words with unsigned saturation.
func psubuswPqQq(x, y uint64) uint64 { return subUnsigned(x, y, topW, 16) }

// psubusw implements PSUBUSW.
func psubusw(x, y XMM) XMM {
	return XMM{Lo: psubuswPqQq(x.Lo, y.Lo), Hi: psubuswPqQq(x.Hi, y.Hi)}
}

// pavgbPqQq implements the MMX form of PAVGB, average of unsigned bytes, rounded up.
func pavgbPqQq(x, y uint64) uint64 { return average(x, y, topB) }

// pavgb implements PAVGB.
func pavgb(x, y XMM) XMM {
	return XMM{Lo: pavgbPqQq(x.Lo, y.Lo), Hi: pavgbPqQq(x.Hi, y.Hi)}
}

// pavgwPqQq implements the MMX form of PAVGW, average of unsigned words, rounded up.
func pavgwPqQq(x, y uint64) uint64 { return average(x, y, topW) }

// pavgw implements PAVGW.
func pavgw(x, y XMM) XMM {
	return XMM{Lo: pavgwPqQq(x.Lo, y.Lo), Hi: pavgwPqQq(x.Hi, y.Hi)}
}
