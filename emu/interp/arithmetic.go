package interp

import (
	"math/bits"

	"emurun/emu/x86"
)

// add implements ADD. It sets OF, SF, ZF, AF, CF and PF.
func add[T word](c *CPU, x, y T) T {
	r := x + y
	flagsAdd(c, r, y)
	return r
}

// sub implements SUB. It sets OF, SF, ZF, AF, CF and PF.
func sub[T word](c *CPU, x, y T) T {
	r := x - y
	flagsSub(c, r, y)
	return r
}

// cmp implements CMP. It sets OF, SF, ZF, AF, CF and PF as SUB does.
func cmp[T word](c *CPU, x, y T) {
	flagsSub(c, x-y, y)
}

// adc implements ADC, add with carry. It sets OF, SF, ZF, AF, CF and PF.
func adc[T word](c *CPU, x, y T) T {
	carry := c.Carry()
	r := x + y + T(carry)
	flagsAdc(c, r, y, carry)
	return r
}

// sbb implements SBB, subtract with borrow. It sets OF, SF, ZF, AF, CF and PF.
func sbb[T word](c *CPU, x, y T) T {
	borrow := c.Carry()
	r := x - y - T(borrow)
	flagsSbb(c, r, y, borrow)
	return r
}

// inc implements INC. It sets OF, SF, ZF, AF and PF, and keeps CF.
func inc[T word](c *CPU, x T) T {
	r := x + 1
	flagsInc(c, r)
	return r
}

// dec implements DEC. It sets OF, SF, ZF, AF and PF, and keeps CF.
func dec[T word](c *CPU, x T) T {
	r := x - 1
	flagsDec(c, r)
	return r
}

// neg implements NEG. It sets the flags as SUB of x from 0 does.
func neg[T word](c *CPU, x T) T {
	r := -x
	flagsSub(c, r, x)
	return r
}

// mulByte implements MUL of AL; its flags are those of mul.
func mulByte(c *CPU, x uint8) {
	p := uint16(uint8(c.R[x86.RAX])) * uint16(x)
	setReg[uint16](c, x86.RAX, p)
	flagsShift(c, uint8(p), bit(p>>8 != 0, x86.CF|x86.OF))
}

// mul implements MUL of rAX. It sets CF and OF if the upper half of the product is
// not zero; SF, ZF and PF, undefined, are those of the lower half and AF is 0.
func mul[T word](c *CPU, x T) {
	var hi, lo uint64
	if bitsOf[T]() == 64 {
		hi, lo = bits.Mul64(c.R[x86.RAX], uint64(x))
	} else {
		lo = uint64(T(c.R[x86.RAX])) * uint64(x)
		hi = lo >> (bitsOf[T]() & 63)
	}
	setReg(c, x86.RAX, T(lo))
	setReg(c, x86.RDX, T(hi))
	flagsShift(c, T(lo), bit(hi != 0, x86.CF|x86.OF))
}

// imulByte implements IMUL of AL; its flags are those of imul.
func imulByte(c *CPU, x uint8) {
	p := int16(int8(c.R[x86.RAX])) * int16(int8(x))
	setReg[uint16](c, x86.RAX, uint16(p))
	flagsShift(c, uint8(p), bit(p != int16(int8(p)), x86.CF|x86.OF))
}

// imulWide implements IMUL of rAX; its flags are those of imul.
func imulWide[T word](c *CPU, x T) {
	hi, lo := signedProduct(T(c.R[x86.RAX]), x)
	setReg(c, x86.RAX, lo)
	setReg(c, x86.RDX, hi)
	flagsShift(c, lo, bit(hi != T(signed(lo)>>63), x86.CF|x86.OF))
}

// signedProduct is x * y in two halves.
func signedProduct[T word](x, y T) (hi, lo T) {
	if bitsOf[T]() == 64 {
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		hi -= uint64(int64(x)>>63)&uint64(y) + uint64(int64(y)>>63)&uint64(x)
		return T(hi), T(lo)
	}
	p := signed(x) * signed(y)
	return T(p >> (bitsOf[T]() & 63)), T(p)
}

// imul implements IMUL with two or three operands. It sets CF and OF if the product
// does not fit; SF, ZF and PF, undefined, are those of the result and AF is 0.
func imul[T word](c *CPU, x, y T) T {
	r := x * y
	flagsShift(c, r, bit(imulOverflow(x, y), x86.CF|x86.OF))
	return r
}

// imulOverflow reports whether the signed product of x and y does not fit T.
func imulOverflow[T word](x, y T) bool {
	hi, lo := signedProduct(x, y)
	return hi != T(signed(lo)>>63)
}

// divByte implements DIV of AX by a byte, as div.
func divByte(c *CPU, y uint8) bool {
	n := uint16(c.R[x86.RAX])
	if n>>8 >= uint16(y) {
		return fault(c, x86.VecDE, 0)
	}
	setReg[uint16](c, x86.RAX, n%uint16(y)<<8|n/uint16(y))
	return true
}

// idivByte implements IDIV of AX by a byte, as idiv.
func idivByte(c *CPU, y uint8) bool {
	n, d := int32(int16(c.R[x86.RAX])), int32(int8(y))
	if d == 0 || n/d != int32(int8(n/d)) {
		return fault(c, x86.VecDE, 0)
	}
	setReg[uint16](c, x86.RAX, uint16(n%d)<<8|uint16(uint8(n/d)))
	return true
}

// div implements DIV. It raises #DE if the divisor is zero or the quotient does not
// fit. The flags, undefined, are kept.
func div[T word](c *CPU, y T) bool {
	hi, lo := T(c.R[x86.RDX]), T(c.R[x86.RAX])
	if uint64(hi) >= uint64(y) {
		return fault(c, x86.VecDE, 0)
	}
	var q, r uint64
	if bitsOf[T]() == 64 {
		q, r = bits.Div64(uint64(hi), uint64(lo), uint64(y))
	} else {
		n := uint64(hi)<<bitsOf[T]() | uint64(lo)
		q, r = n/uint64(y), n%uint64(y)
	}
	setReg(c, x86.RAX, T(q))
	setReg(c, x86.RDX, T(r))
	return true
}

// idiv implements IDIV. It raises #DE if the divisor is zero or the quotient does not
// fit. The flags, undefined, are kept.
func idiv[T word](c *CPU, y T) bool {
	hi, lo := T(c.R[x86.RDX]), T(c.R[x86.RAX])
	if bitsOf[T]() == 64 {
		return idiv64(c, uint64(hi), uint64(lo), uint64(y))
	}
	n := signed(hi)<<bitsOf[T]() | int64(lo)
	d := signed(y)
	if d == 0 || n == -1<<63 && d == -1 {
		return fault(c, x86.VecDE, 0)
	}
	q := n / d
	if q != signed(T(q)) {
		return fault(c, x86.VecDE, 0)
	}
	setReg(c, x86.RAX, T(q))
	setReg(c, x86.RDX, T(n%d))
	return true
}

// idiv64 divides hi:lo by y as signed numbers.
func idiv64(c *CPU, hi, lo, y uint64) bool {
	negN, negD := int64(hi) < 0, int64(y) < 0
	if negN {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	if negD {
		y = -y
	}
	if hi >= y {
		return fault(c, x86.VecDE, 0)
	}
	q, r := bits.Div64(hi, lo, y)
	if negN != negD {
		if q > 1<<63 {
			return fault(c, x86.VecDE, 0)
		}
		q = -q
	} else if q >= 1<<63 {
		return fault(c, x86.VecDE, 0)
	}
	if negN {
		r = -r
	}
	setReg(c, x86.RAX, q)
	setReg(c, x86.RDX, r)
	return true
}
