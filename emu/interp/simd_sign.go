package interp

// psignb implements PSIGNB, bytes with the sign of others.
func psignb(x, y uint64) uint64 { return withSign(x, y, topB, 8) }

// psignw implements PSIGNW, words with the sign of others.
func psignw(x, y uint64) uint64 { return withSign(x, y, topW, 16) }

// psignd implements PSIGND, doublewords with the sign of others.
func psignd(x, y uint64) uint64 { return withSign(x, y, topD, 32) }

// pabsb implements PABSB, magnitude of bytes.
func pabsb(y uint64) uint64 { return absolute(y, topB, 8) }

// pabsw implements PABSW, magnitude of words.
func pabsw(y uint64) uint64 { return absolute(y, topW, 16) }

// pabsd implements PABSD, magnitude of doublewords.
func pabsd(y uint64) uint64 { return absolute(y, topD, 32) }
