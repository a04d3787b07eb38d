package interp

// pcmpeqbPqQq implements the MMX form of PCMPEQB, mask of equal bytes.
func pcmpeqbPqQq(x, y uint64) uint64 { return equal(x, y, topB, 8) }

// pcmpeqb implements PCMPEQB.
func pcmpeqb(x, y XMM) XMM {
	lo, hi := x.Lo^y.Lo, x.Hi^y.Hi
	lo = ^((lo&^topB + ^uint64(topB)) | lo) & topB
	hi = ^((hi&^topB + ^uint64(topB)) | hi) & topB
	return XMM{Lo: lo - lo>>7 | lo, Hi: hi - hi>>7 | hi}
}

// pcmpeqwPqQq implements the MMX form of PCMPEQW, mask of equal words.
func pcmpeqwPqQq(x, y uint64) uint64 { return equal(x, y, topW, 16) }

// pcmpeqw implements PCMPEQW.
func pcmpeqw(x, y XMM) XMM {
	lo, hi := x.Lo^y.Lo, x.Hi^y.Hi
	lo = ^((lo&^topW + ^uint64(topW)) | lo) & topW
	hi = ^((hi&^topW + ^uint64(topW)) | hi) & topW
	return XMM{Lo: lo - lo>>15 | lo, Hi: hi - hi>>15 | hi}
}

// pcmpeqdPqQq implements the MMX form of PCMPEQD, mask of equal doublewords.
func pcmpeqdPqQq(x, y uint64) uint64 { return equal(x, y, topD, 32) }

// pcmpeqd implements PCMPEQD.
func pcmpeqd(x, y XMM) XMM {
	lo, hi := x.Lo^y.Lo, x.Hi^y.Hi
	lo = ^((lo&^topD + ^uint64(topD)) | lo) & topD
	hi = ^((hi&^topD + ^uint64(topD)) | hi) & topD
	return XMM{Lo: lo - lo>>31 | lo, Hi: hi - hi>>31 | hi}
}

// pcmpeqq implements PCMPEQQ, mask of equal quadwords.
func pcmpeqq(x, y XMM) XMM {
	return XMM{Lo: mask64(x.Lo == y.Lo), Hi: mask64(x.Hi == y.Hi)}
}

// pcmpgtbPqQq implements the MMX form of PCMPGTB, mask of signed bytes that are greater.
func pcmpgtbPqQq(x, y uint64) uint64 { return greater(x, y, topB, 8) }

// pcmpgtb implements PCMPGTB.
func pcmpgtb(x, y XMM) XMM {
	return XMM{Lo: pcmpgtbPqQq(x.Lo, y.Lo), Hi: pcmpgtbPqQq(x.Hi, y.Hi)}
}

// pcmpgtwPqQq implements the MMX form of PCMPGTW, mask of signed words that are greater.
func pcmpgtwPqQq(x, y uint64) uint64 { return greater(x, y, topW, 16) }

// pcmpgtw implements PCMPGTW.
func pcmpgtw(x, y XMM) XMM {
	return XMM{Lo: pcmpgtwPqQq(x.Lo, y.Lo), Hi: pcmpgtwPqQq(x.Hi, y.Hi)}
}

// pcmpgtdPqQq implements the MMX form of PCMPGTD, mask of signed doublewords that are greater.
func pcmpgtdPqQq(x, y uint64) uint64 { return greater(x, y, topD, 32) }

// pcmpgtd implements PCMPGTD.
func pcmpgtd(x, y XMM) XMM {
	return XMM{Lo: pcmpgtdPqQq(x.Lo, y.Lo), Hi: pcmpgtdPqQq(x.Hi, y.Hi)}
}

// pcmpgtq implements PCMPGTQ, mask of signed quadwords that are greater.
func pcmpgtq(x, y XMM) XMM {
	return XMM{Lo: mask64(int64(x.Lo) > int64(y.Lo)), Hi: mask64(int64(x.Hi) > int64(y.Hi))}
}

// pminubPqQq implements the MMX form of PMINUB, smaller of unsigned bytes.
func pminubPqQq(x, y uint64) uint64 { return minUnsigned(x, y, topB, 8) }

// pminub implements PMINUB.
func pminub(x, y XMM) XMM {
	lo := (^x.Lo&y.Lo | ^(x.Lo^y.Lo)&((x.Lo|topB-y.Lo&^topB)^^(x.Lo^y.Lo)&topB)) & topB
	hi := (^x.Hi&y.Hi | ^(x.Hi^y.Hi)&((x.Hi|topB-y.Hi&^topB)^^(x.Hi^y.Hi)&topB)) & topB
	lo, hi = lo-lo>>7|lo, hi-hi>>7|hi
	return XMM{Lo: x.Lo&lo | y.Lo&^lo, Hi: x.Hi&hi | y.Hi&^hi}
}

// pminswPqQq implements the MMX form of PMINSW, smaller of signed words.
func pminswPqQq(x, y uint64) uint64 { return minSigned(x, y, topW, 16) }

// pminsw implements PMINSW.
func pminsw(x, y XMM) XMM {
	return XMM{Lo: pminswPqQq(x.Lo, y.Lo), Hi: pminswPqQq(x.Hi, y.Hi)}
}

// pminsb implements PMINSB, smaller of signed bytes.
func pminsb(x, y XMM) XMM {
	return XMM{Lo: minSigned(x.Lo, y.Lo, topB, 8), Hi: minSigned(x.Hi, y.Hi, topB, 8)}
}

// pminuw implements PMINUW, smaller of unsigned words.
func pminuw(x, y XMM) XMM {
	return XMM{Lo: minUnsigned(x.Lo, y.Lo, topW, 16), Hi: minUnsigned(x.Hi, y.Hi, topW, 16)}
}

// pminsd implements PMINSD, smaller of signed doublewords.
func pminsd(x, y XMM) XMM {
	return XMM{Lo: minSigned(x.Lo, y.Lo, topD, 32), Hi: minSigned(x.Hi, y.Hi, topD, 32)}
}

// pminud implements PMINUD, smaller of unsigned doublewords.
func pminud(x, y XMM) XMM {
	return XMM{Lo: minUnsigned(x.Lo, y.Lo, topD, 32), Hi: minUnsigned(x.Hi, y.Hi, topD, 32)}
}

// pmaxubPqQq implements the MMX form of PMAXUB, larger of unsigned bytes.
func pmaxubPqQq(x, y uint64) uint64 { return maxUnsigned(x, y, topB, 8) }

// pmaxub implements PMAXUB.
func pmaxub(x, y XMM) XMM {
	return XMM{Lo: pmaxubPqQq(x.Lo, y.Lo), Hi: pmaxubPqQq(x.Hi, y.Hi)}
}

// pmaxswPqQq implements the MMX form of PMAXSW, larger of signed words.
func pmaxswPqQq(x, y uint64) uint64 { return maxSigned(x, y, topW, 16) }

// pmaxsw implements PMAXSW.
func pmaxsw(x, y XMM) XMM {
	return XMM{Lo: pmaxswPqQq(x.Lo, y.Lo), Hi: pmaxswPqQq(x.Hi, y.Hi)}
}

// pmaxsb implements PMAXSB, larger of signed bytes.
func pmaxsb(x, y XMM) XMM {
	return XMM{Lo: maxSigned(x.Lo, y.Lo, topB, 8), Hi: maxSigned(x.Hi, y.Hi, topB, 8)}
}

// pmaxuw implements PMAXUW, larger of unsigned words.
func pmaxuw(x, y XMM) XMM {
	return XMM{Lo: maxUnsigned(x.Lo, y.Lo, topW, 16), Hi: maxUnsigned(x.Hi, y.Hi, topW, 16)}
}

// pmaxsd implements PMAXSD, larger of signed doublewords.
func pmaxsd(x, y XMM) XMM {
	return XMM{Lo: maxSigned(x.Lo, y.Lo, topD, 32), Hi: maxSigned(x.Hi, y.Hi, topD, 32)}
}

// pmaxud implements PMAXUD, larger of unsigned doublewords.
func pmaxud(x, y XMM) XMM {
	return XMM{Lo: maxUnsigned(x.Lo, y.Lo, topD, 32), Hi: maxUnsigned(x.Hi, y.Hi, topD, 32)}
}

// mask64 is all ones where b.
func mask64(b bool) uint64 {
	if b {
		return ^uint64(0)
	}
	return 0
}
