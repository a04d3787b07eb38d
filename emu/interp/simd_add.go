package interp

// Rows that are in the switch have their arithmetic written out: a call would stay a call there.

// paddb implements PADDB, addition of packed bytes.
func paddb(x, y uint64) uint64 { return (x&^topB + y&^topB) ^ (x^y)&topB }

// paddw implements PADDW, addition of packed words.
func paddw(x, y uint64) uint64 { return (x&^topW + y&^topW) ^ (x^y)&topW }

// paddd implements PADDD, addition of packed doublewords.
func paddd(x, y uint64) uint64 { return (x&^topD + y&^topD) ^ (x^y)&topD }

// paddq implements PADDQ, addition of quadwords.
func paddq(x, y uint64) uint64 { return x + y }

// psubb implements PSUBB, subtraction of packed bytes.
func psubb(x, y uint64) uint64 { return (x | topB - y&^topB) ^ ^(x^y)&topB }

// psubw implements PSUBW, subtraction of packed words.
func psubw(x, y uint64) uint64 { return (x | topW - y&^topW) ^ ^(x^y)&topW }

// psubd implements PSUBD, subtraction of packed doublewords.
func psubd(x, y uint64) uint64 { return (x | topD - y&^topD) ^ ^(x^y)&topD }

// psubq implements PSUBQ, subtraction of quadwords.
func psubq(x, y uint64) uint64 { return x - y }

// paddsb implements PADDSB, addition of bytes with signed saturation.
func paddsb(x, y uint64) uint64 { return addSigned(x, y, topB, 8) }

// paddusb implements PADDUSB, addition of bytes with unsigned saturation.
func paddusb(x, y uint64) uint64 { return addUnsigned(x, y, topB, 8) }

// psubsb implements PSUBSB, subtraction of bytes with signed saturation.
func psubsb(x, y uint64) uint64 { return subSigned(x, y, topB, 8) }

// psubusb implements PSUBUSB, subtraction of bytes with unsigned saturation.
func psubusb(x, y uint64) uint64 { return subUnsigned(x, y, topB, 8) }

// paddsw implements PADDSW, addition of words with signed saturation.
func paddsw(x, y uint64) uint64 { return addSigned(x, y, topW, 16) }

// paddusw implements PADDUSW, addition of words with unsigned saturation.
func paddusw(x, y uint64) uint64 { return addUnsigned(x, y, topW, 16) }

// psubsw implements PSUBSW, subtraction of words with signed saturation.
func psubsw(x, y uint64) uint64 { return subSigned(x, y, topW, 16) }

// psubusw implements PSUBUSW, subtraction of words with unsigned saturation.
func psubusw(x, y uint64) uint64 { return subUnsigned(x, y, topW, 16) }

// pavgb implements PAVGB, average of unsigned bytes, rounded up.
func pavgb(x, y uint64) uint64 { return average(x, y, topB) }

// pavgw implements PAVGW, average of unsigned words, rounded up.
func pavgw(x, y uint64) uint64 { return average(x, y, topW) }
