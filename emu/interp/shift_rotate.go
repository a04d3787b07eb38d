package interp

import "emurun/emu/x86"

// Shifts by more than one define OF as the last of that many single shifts would;
// AF, undefined, is 0. A masked count of zero changes no flag.

// shl implements SHL and SAL. It sets CF, OF, SF, ZF and PF.
func shl[T word](c *CPU, x T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	r := uint64(x) << (n & 63)
	carry := uint64(x) << ((n - 1) & 63) >> (bitsOf[T]() - 1) & 1
	flagsShift(c, T(r), x86.Flags(carry|(carry^uint64(T(r))>>(bitsOf[T]()-1))<<11))
	return T(r)
}

// shr implements SHR. It sets CF, OF, SF, ZF and PF.
func shr[T word](c *CPU, x T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	last := uint64(x) >> ((n - 1) & 63)
	flagsShift(c, T(last>>1), x86.Flags(last&1|last>>(bitsOf[T]()-1)&1<<11))
	return T(last >> 1)
}

// sar implements SAR. It sets CF, SF, ZF and PF and clears OF.
func sar[T word](c *CPU, x T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	last := signed(x) >> ((n - 1) & 63)
	flagsShift(c, T(last>>1), x86.Flags(last&1))
	return T(last >> 1)
}

// shld implements SHLD. It sets CF, OF, SF, ZF and PF. A 16-bit count above 16, undefined,
// shifts in the destination after the source.
func shld[T word](c *CPU, x, y T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	size := bitsOf[T]()
	last := shldBits(x, y, n-1)
	r := shldBits(x, y, n)
	carry := uint64(last) >> (size - 1)
	flagsShift(c, r, x86.Flags(carry|(carry^uint64(r)>>(size-1))<<11))
	return r
}

// shldBits is x:y shifted left by n, the upper half.
func shldBits[T word](x, y T, n uint8) T {
	size := bitsOf[T]()
	if n > size {
		return y<<(n-size) | x>>(2*size-n)
	}
	return x<<n | y>>(size-n)
}

// shrd implements SHRD. It sets CF, OF, SF, ZF and PF. A 16-bit count above 16, undefined,
// shifts in the destination after the source.
func shrd[T word](c *CPU, x, y T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	size := bitsOf[T]()
	last := shrdBits(x, y, n-1)
	r := shrdBits(x, y, n)
	of := uint64(r^last) >> (size - 1) & 1
	flagsShift(c, r, x86.Flags(uint64(last)&1|of<<11))
	return r
}

// shrdBits is y:x shifted right by n, the lower half.
func shrdBits[T word](x, y T, n uint8) T {
	size := bitsOf[T]()
	if n > size {
		return y>>(n-size) | x<<(2*size-n)
	}
	return x>>n | y<<(size-n)
}

// rol implements ROL. It sets CF and OF and keeps the others.
func rol[T word](c *CPU, x T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	s := n & (bitsOf[T]() - 1)
	r := x<<s | x>>((bitsOf[T]()-s)&(bitsOf[T]()-1))
	if s == 0 {
		r = x
	}
	carry := uint64(r) & 1
	flagsMerge(c, x86.CF|x86.OF, x86.Flags(carry|(carry^uint64(r)>>(bitsOf[T]()-1))<<11))
	return r
}

// ror implements ROR. It sets CF and OF and keeps the others.
func ror[T word](c *CPU, x T, n uint8) T {
	n &= countMask[T]()
	if n == 0 {
		return x
	}
	s := n & (bitsOf[T]() - 1)
	r := x>>s | x<<((bitsOf[T]()-s)&(bitsOf[T]()-1))
	if s == 0 {
		r = x
	}
	carry := uint64(r) >> (bitsOf[T]() - 1)
	flagsMerge(c, x86.CF|x86.OF, x86.Flags(carry|(carry^uint64(r)>>(bitsOf[T]()-2)&1)<<11))
	return r
}

// rcl implements RCL, rotate through carry. It sets CF and OF and keeps the others.
func rcl[T word](c *CPU, x T, n uint8) T {
	n = n & countMask[T]() % (bitsOf[T]() + 1)
	carry := T(c.Carry())
	for range n {
		x, carry = x<<1|carry, x>>(bitsOf[T]()-1)
	}
	if n != 0 {
		of := uint64(x)>>(bitsOf[T]()-1) ^ uint64(carry)
		flagsMerge(c, x86.CF|x86.OF, x86.Flags(uint64(carry)|of<<11))
	}
	return x
}

// rcr implements RCR, rotate through carry. It sets CF and OF and keeps the others.
func rcr[T word](c *CPU, x T, n uint8) T {
	n = n & countMask[T]() % (bitsOf[T]() + 1)
	carry := T(c.Carry())
	for range n {
		x, carry = x>>1|carry<<(bitsOf[T]()-1), x&1
	}
	if n != 0 {
		of := uint64(x)>>(bitsOf[T]()-1) ^ uint64(x)>>(bitsOf[T]()-2)&1
		flagsMerge(c, x86.CF|x86.OF, x86.Flags(uint64(carry)|of<<11))
	}
	return x
}
