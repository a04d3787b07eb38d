package fp

import "math/bits"

// Widen32 is the m32 operand of an arithmetic instruction, with DE if it is
// denormal. A signalling NaN stays one, for the operation to find.
func Widen32(x uint32) (F80, uint16) { return binary32.widen(uint64(x)) }

// Widen64 is the m64 operand of an arithmetic instruction.
func Widen64(x uint64) (F80, uint16) { return binary64.widen(x) }

// Load32 is FLD m32: Widen32, but a signalling NaN is invalid and becomes quiet.
func Load32(x uint32) (F80, uint16) { return quieted(Widen32(x)) }

// Load64 is FLD m64.
func Load64(x uint64) (F80, uint16) { return quieted(Widen64(x)) }

func quieted(x F80, flags uint16) (F80, uint16) {
	if classify(x) == isNaN {
		return quiet80(x), signals80(x)
	}
	return x, flags
}

// widen is exact.
func (f *format) widen(x uint64) (F80, uint16) {
	neg := x&f.sign != 0
	switch {
	case f.isNaN(x):
		return make80(integerBit|x<<(63-f.frac), maxField80, neg), 0
	case f.isInf(x):
		return inf80(neg), 0
	case f.isZero(x):
		return zero80(neg), 0
	}
	u := f.unpack(x)
	return make80(u.hi, u.exp+emax80, neg), uint16(f.denormal(x))
}

// MemoryFlags80 joins the flags of loading a memory operand with those of the
// operation on it and x. As with any operand, a NaN, an invalid operation or a
// division by zero hides that the operand was denormal.
func MemoryFlags80(load, flags uint16, x F80) uint16 {
	if c := classify(x); c == isNaN || c == isUnsupported || flags&(IE|ZE) != 0 {
		load &^= DE
	}
	return load | flags
}

// LoadInt80 is FILD.
func LoadInt80(v int64) F80 {
	if v == 0 {
		return F80{}
	}
	u := intNumber(v)
	return make80(u.hi, u.exp+emax80, u.neg)
}

// Store32 is FST m32. Overflow and underflow that are unmasked store nothing.
func Store32(x F80, cw uint16) (uint32, uint16) {
	r, flags := binary32.store(x, cw)
	return uint32(r), flags
}

// Store64 is FST m64. Overflow and underflow that are unmasked store nothing.
func Store64(x F80, cw uint16) (uint64, uint16) { return binary64.store(x, cw) }

// store narrows x to the format.
func (f *format) store(x F80, cw uint16) (uint64, uint16) {
	neg := negative(x)
	switch classify(x) {
	case isUnsupported:
		return f.defaultNaN(), IE
	case isNaN:
		payload := x.Mant << 1 >> (64 - f.frac)
		return f.signed(f.inf|f.quiet|payload, neg), signals80(x)
	case isInf:
		return f.signed(f.inf, neg), 0
	case isZero:
		return f.signed(0, neg), 0
	}
	u := unpack80(x)
	mxcsr := uint32(cw&AllFlags)<<MaskShift | uint32(rounding80(cw))<<rcShift
	r, flags := f.pack(u, mxcsr)
	switch {
	case flags&^uint32(cw)&(OE|UE) != 0: // nothing is stored, and nothing rounded
		flags &^= PE
	case flags&PE != 0 && f.larger(r, u):
		flags |= C1
	}
	return r, uint16(flags)
}

// larger reports whether the magnitude of r exceeds that of u.
func (f *format) larger(r uint64, u number) bool {
	if f.isZero(r) || f.isInf(r) {
		return f.isInf(r)
	}
	v := f.unpack(r)
	return v.exp > u.exp || v.exp == u.exp && v.hi > u.hi
}

// StoreInt80 is FIST to a signed integer of size bits, in mode rc: FISTTP passes
// Zero and C1 says nothing there.
func StoreInt80(x F80, size uint, rc Rounding) (uint64, uint16) {
	indefinite := uint64(1) << (size - 1)
	switch classify(x) {
	case isUnsupported, isNaN, isInf:
		return indefinite, IE
	case isZero:
		return 0, 0
	}
	u := unpack80(x)
	r, ok := u.integer(rc)
	v, fits := signedInt(r.m, u.neg, size)
	if !ok || !fits {
		return indefinite, IE
	}
	return v, r.flags()
}

// maxBCD is the largest packed decimal number.
const maxBCD = 1e18 - 1

// StoreBCD80 is FBSTP: 18 decimal digits, two a byte from the lowest, and a sign
// byte, as the ten bytes of an F80.
func StoreBCD80(x F80, rc Rounding) (F80, uint16) {
	indefinite := F80{Mant: integerBit | quietBit, SE: 0xffff}
	switch classify(x) {
	case isUnsupported, isNaN, isInf:
		return indefinite, IE
	case isZero:
		return F80{SE: x.SE & sign80}, 0
	}
	r, ok := unpack80(x).integer(rc)
	if !ok || r.m > maxBCD {
		return indefinite, IE
	}
	v, b := r.m, F80{SE: x.SE & sign80}
	for i := 0; i < 64; i += 4 {
		b.Mant |= v % 10 << i
		v /= 10
	}
	b.SE |= uint16(v%10 | v/10<<4)
	return b, r.flags()
}

// LoadBCD80 is FBLD. Digits above nine, which the manual leaves undefined, count
// with their value.
func LoadBCD80(b F80) F80 {
	v := uint64(b.SE>>4&15)*10 + uint64(b.SE&15)
	for i := 60; i >= 0; i -= 4 {
		v = v*10 + b.Mant>>i&15
	}
	neg := b.SE&sign80 != 0
	if v == 0 {
		return zero80(neg)
	}
	n := bits.LeadingZeros64(v)
	return make80(v<<n, 63-n+emax80, neg)
}

// Constant names a constant of the x87.
type Constant uint8

// The constants in the order of their opcodes from D9 E8.
const (
	One     Constant = iota // FLD1
	Log2Ten                 // FLDL2T
	Log2E                   // FLDL2E
	Pi                      // FLDPI
	Log10Two
	Ln2
	PlusZero
)

// constants to 128 bits.
var constants = [...]number{
	Log2Ten:  {0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c, 1, false},
	Log2E:    {0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88, 0, false},
	Pi:       {0xc90fdaa22168c234, 0xc4c6628b80dc1cd1, 1, false},
	Log10Two: {0x9a209a84fbcff798, 0x8f8959ac0b7c9178, -2, false},
	Ln2:      {0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af, -1, false},
}

// Const80 is a constant rounded to extended precision in the mode of cw.
func Const80(c Constant, cw uint16) F80 {
	switch c {
	case One:
		return make80(integerBit, emax80, false)
	case PlusZero:
		return F80{}
	}
	r, _ := pack80(constants[c], cw, 64)
	return r
}
