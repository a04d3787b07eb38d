package interp

// pand implements PAND, ANDPS and ANDPD.
func pand(x, y uint64) uint64 { return x & y }

// pandn implements PANDN, ANDNPS and ANDNPD: it is the first operand that is inverted.
func pandn(x, y uint64) uint64 { return y &^ x }

// por implements POR, ORPS and ORPD.
func por(x, y uint64) uint64 { return x | y }

// pxor implements PXOR, XORPS and XORPD.
func pxor(x, y uint64) uint64 { return x ^ y }
