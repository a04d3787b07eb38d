package interp

// pand implements PAND, ANDPS and ANDPD.
func pand(x, y XMM) XMM { return XMM{Lo: x.Lo & y.Lo, Hi: x.Hi & y.Hi} }

// pandPqQq implements the MMX form of PAND.
func pandPqQq(x, y uint64) uint64 { return x & y }

// pandn implements PANDN, ANDNPS and ANDNPD: it is the first operand that is inverted.
func pandn(x, y XMM) XMM { return XMM{Lo: y.Lo &^ x.Lo, Hi: y.Hi &^ x.Hi} }

// pandnPqQq implements the MMX form of PANDN.
func pandnPqQq(x, y uint64) uint64 { return y &^ x }

// por implements POR, ORPS and ORPD.
func por(x, y XMM) XMM { return XMM{Lo: x.Lo | y.Lo, Hi: x.Hi | y.Hi} }

// porPqQq implements the MMX form of POR.
func porPqQq(x, y uint64) uint64 { return x | y }

// pxor implements PXOR, XORPS and XORPD.
func pxor(x, y XMM) XMM { return XMM{Lo: x.Lo ^ y.Lo, Hi: x.Hi ^ y.Hi} }

// pxorPqQq implements the MMX form of PXOR.
func pxorPqQq(x, y uint64) uint64 { return x ^ y }
