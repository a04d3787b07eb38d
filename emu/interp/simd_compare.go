package interp

// Rows that are in the switch have their arithmetic written out: a call would stay a call there.

// pcmpeqb implements PCMPEQB, mask of equal bytes.
func pcmpeqb(x, y uint64) uint64 {
	d := x ^ y
	z := ^((d&^topB + ^uint64(topB)) | d) & topB
	return z - z>>7 | z
}

// pcmpeqw implements PCMPEQW, mask of equal words.
func pcmpeqw(x, y uint64) uint64 { return equal(x, y, topW, 16) }

// pcmpeqd implements PCMPEQD, mask of equal doublewords.
func pcmpeqd(x, y uint64) uint64 {
	d := x ^ y
	z := ^((d&^topD + ^uint64(topD)) | d) & topD
	return z - z>>31 | z
}

// pcmpeqq implements PCMPEQQ, mask of equal quadwords.
func pcmpeqq(x, y uint64) uint64 { return mask64(x == y) }

// pcmpgtb implements PCMPGTB, mask of signed bytes that are greater.
func pcmpgtb(x, y uint64) uint64 {
	d := (y | topB - x&^topB) ^ ^(x^y)&topB
	z := (^x&y | ^(x^y)&d) & topB
	return z - z>>7 | z
}

// pcmpgtw implements PCMPGTW, mask of signed words that are greater.
func pcmpgtw(x, y uint64) uint64 { return greater(x, y, topW, 16) }

// pcmpgtd implements PCMPGTD, mask of signed doublewords that are greater.
func pcmpgtd(x, y uint64) uint64 {
	d := (y | topD - x&^topD) ^ ^(x^y)&topD
	z := (^x&y | ^(x^y)&d) & topD
	return z - z>>31 | z
}

// pcmpgtq implements PCMPGTQ, mask of signed quadwords that are greater.
func pcmpgtq(x, y uint64) uint64 { return mask64(int64(x) > int64(y)) }

// pminub implements PMINUB, smaller of unsigned bytes.
func pminub(x, y uint64) uint64 {
	d := (x | topB - y&^topB) ^ ^(x^y)&topB
	z := (^x&y | ^(x^y)&d) & topB
	z = z - z>>7 | z
	return x&z | y&^z
}

// pminsw implements PMINSW, smaller of signed words.
func pminsw(x, y uint64) uint64 { return minSigned(x, y, topW, 16) }

// pminsb implements PMINSB, smaller of signed bytes.
func pminsb(x, y uint64) uint64 { return minSigned(x, y, topB, 8) }

// pminuw implements PMINUW, smaller of unsigned words.
func pminuw(x, y uint64) uint64 { return minUnsigned(x, y, topW, 16) }

// pminsd implements PMINSD, smaller of signed doublewords.
func pminsd(x, y uint64) uint64 { return minSigned(x, y, topD, 32) }

// pminud implements PMINUD, smaller of unsigned doublewords.
func pminud(x, y uint64) uint64 { return minUnsigned(x, y, topD, 32) }

// pmaxub implements PMAXUB, larger of unsigned bytes.
func pmaxub(x, y uint64) uint64 {
	d := (x | topB - y&^topB) ^ ^(x^y)&topB
	z := (^x&y | ^(x^y)&d) & topB
	z = z - z>>7 | z
	return x&^z | y&z
}

// pmaxsw implements PMAXSW, larger of signed words.
func pmaxsw(x, y uint64) uint64 { return maxSigned(x, y, topW, 16) }

// pmaxsb implements PMAXSB, larger of signed bytes.
func pmaxsb(x, y uint64) uint64 { return maxSigned(x, y, topB, 8) }

// pmaxuw implements PMAXUW, larger of unsigned words.
func pmaxuw(x, y uint64) uint64 { return maxUnsigned(x, y, topW, 16) }

// pmaxsd implements PMAXSD, larger of signed doublewords.
func pmaxsd(x, y uint64) uint64 { return maxSigned(x, y, topD, 32) }

// pmaxud implements PMAXUD, larger of unsigned doublewords.
func pmaxud(x, y uint64) uint64 { return maxUnsigned(x, y, topD, 32) }

// mask64 is all ones where b.
func mask64(b bool) uint64 {
	if b {
		return ^uint64(0)
	}
	return 0
}
