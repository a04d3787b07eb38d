package interp

import (
	"math/bits"
	"unsafe"

	"emurun/emu/x86"
)

// Kinds of flag records: how the last flag-writing instruction set the status
// flags. The low two bits hold log2 of the operand size in bytes.
const (
	kExact = iota << 2 // they are in CPU.RFLAGS
	kAdd               // res = x + src
	kAdc               // res = x + src + 1
	kSub               // res = x - src
	kSbb               // res = x - src - 1
	kLogic             // of res; CF = OF = AF = 0
	kInc               // res = x + 1; src is CF
	kDec               // res = x - 1; src is CF
	kShift             // SF, ZF, PF of res; src holds the bits CF, OF and AF
)

// sizeLog is log2 of the size of T in bytes.
func sizeLog[T word]() uint32 {
	var z T
	return uint32(unsafe.Sizeof(z))>>1 - uint32(unsafe.Sizeof(z))>>3
}

// flagsAdd records the flags of r = x + y.
func flagsAdd[T word](c *CPU, r, y T) {
	c.FlagRes, c.FlagSrc, c.FlagKind = uint64(r), uint64(y), kAdd|sizeLog[T]()
}

// flagsAdc records the flags of r = x + y + carry, carry being 0 or 1.
func flagsAdc[T word](c *CPU, r, y T, carry uint8) {
	c.FlagRes, c.FlagSrc, c.FlagKind = uint64(r), uint64(y), kAdd+uint32(carry)<<2|sizeLog[T]()
}

// flagsSub records the flags of r = x - y.
func flagsSub[T word](c *CPU, r, y T) {
	c.FlagRes, c.FlagSrc, c.FlagKind = uint64(r), uint64(y), kSub|sizeLog[T]()
}

// flagsSbb records the flags of r = x - y - borrow, borrow being 0 or 1.
func flagsSbb[T word](c *CPU, r, y T, borrow uint8) {
	c.FlagRes, c.FlagSrc, c.FlagKind = uint64(r), uint64(y), kSub+uint32(borrow)<<2|sizeLog[T]()
}

// flagsLogic records the flags of a bitwise operation with result r.
func flagsLogic[T word](c *CPU, r T) {
	c.FlagRes, c.FlagKind = uint64(r), kLogic|sizeLog[T]()
}

// flagsInc records the flags of r = x + 1, which keeps CF.
func flagsInc[T word](c *CPU, r T) {
	c.FlagSrc = uint64(carryFlag(c))
	c.FlagRes, c.FlagKind = uint64(r), kInc|sizeLog[T]()
}

// flagsDec records the flags of r = x - 1, which keeps CF.
func flagsDec[T word](c *CPU, r T) {
	c.FlagSrc = uint64(carryFlag(c))
	c.FlagRes, c.FlagKind = uint64(r), kDec|sizeLog[T]()
}

// flagsShift records SF, ZF and PF of r, and CF, OF and AF as their bits in f.
func flagsShift[T word](c *CPU, r T, f x86.Flags) {
	c.FlagRes, c.FlagSrc, c.FlagKind = uint64(r), uint64(f), kShift|sizeLog[T]()
}

// flagsSet sets all six status flags to f.
func flagsSet(c *CPU, f x86.Flags) {
	c.RFLAGS, c.FlagKind = c.RFLAGS&^x86.StatusFlags|f, kExact
}

// flagsMerge sets the status flags in mask to those of f and keeps the others.
func flagsMerge(c *CPU, mask, f x86.Flags) {
	c.RFLAGS, c.FlagKind = statusFlags(c)&^mask|f&mask|c.RFLAGS&^x86.StatusFlags, kExact
}

// bit is f where b, else 0.
func bit(b bool, f x86.Flags) x86.Flags {
	if b {
		return f
	}
	return 0
}

// zsp are ZF, SF and PF of a result whose sign bit is bit 63 of sign.
func zsp(res, sign uint64) x86.Flags {
	f := x86.Flags(sign>>63) << 7
	if res == 0 {
		f |= x86.ZF
	}
	if bits.OnesCount8(uint8(res))&1 == 0 {
		f |= x86.PF
	}
	return f
}

// flagsZSP are ZF, SF and PF of r.
func flagsZSP[T word](r T) x86.Flags {
	return zsp(uint64(r), uint64(r)<<(64-bitsOf[T]()))
}

// statusFlags materialises the six status flags.
func statusFlags(c *CPU) x86.Flags {
	if c.FlagKind&^3 == kExact {
		return c.RFLAGS & x86.StatusFlags
	}
	shift := (64 - uint(8)<<(c.FlagKind&3)) & 63
	res, src := c.FlagRes, c.FlagSrc
	f := zsp(res, res<<shift)
	r, s := res<<shift, src<<shift // aligned to bit 63: carries and signs are at the top
	switch c.FlagKind &^ 3 {
	case kAdd:
		x := res - src
		f |= bit(r < s, x86.CF) | addOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case kAdc:
		x := res - src - 1
		f |= bit(r <= s, x86.CF) | addOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case kSub:
		x := res + src
		f |= bit(x<<shift < s, x86.CF) | subOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case kSbb:
		x := res + src + 1
		f |= bit(x<<shift <= s, x86.CF) | subOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case kInc:
		f |= x86.Flags(src) | bit(r == 1<<63, x86.OF) | bit(res&15 == 0, x86.AF)
	case kDec:
		f |= x86.Flags(src) | bit(r == 1<<63-1<<shift, x86.OF) | bit(res&15 == 15, x86.AF)
	case kShift:
		f |= x86.Flags(src)
	}
	return f
}

func addOF(x, y, r uint64) x86.Flags { return x86.Flags((x^r)&(y^r)>>63) << 11 }

func subOF(x, y, r uint64) x86.Flags { return x86.Flags((x^y)&(x^r)>>63) << 11 }

// carryFlag is CF as 0 or 1.
func carryFlag(c *CPU) uint8 {
	shift := (64 - uint(8)<<(c.FlagKind&3)) & 63
	r, s := c.FlagRes<<shift, c.FlagSrc<<shift
	switch c.FlagKind &^ 3 {
	case kAdd:
		return b2u(r < s)
	case kAdc:
		return b2u(r <= s)
	case kSub:
		return b2u((c.FlagRes+c.FlagSrc)<<shift < s)
	case kSbb:
		return b2u((c.FlagRes+c.FlagSrc+1)<<shift <= s)
	case kLogic:
		return 0
	case kInc, kDec, kShift:
		return uint8(c.FlagSrc & 1)
	}
	return uint8(c.RFLAGS & x86.CF)
}

// b2u is 1 for true.
func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// condition evaluates condition code cc (SDM Vol. 1, appendix B).
func condition(c *CPU, cc uint8) bool {
	var r bool
	switch cc >> 1 & 7 {
	case 1:
		r = carryFlag(c) != 0
	case 2:
		r = zeroFlag(c)
	default:
		r = conditionOf(statusFlags(c), cc)
	}
	return r != (cc&1 != 0)
}

// conditionOf evaluates an even condition code on materialised flags.
func conditionOf(f x86.Flags, cc uint8) bool {
	less := f>>11&1 != f>>7&1
	switch cc >> 1 & 7 {
	case 0:
		return f&x86.OF != 0
	case 1:
		return f&x86.CF != 0
	case 2:
		return f&x86.ZF != 0
	case 3:
		return f&(x86.CF|x86.ZF) != 0
	case 4:
		return f&x86.SF != 0
	case 5:
		return f&x86.PF != 0
	case 6:
		return less
	}
	return less || f&x86.ZF != 0
}

// zeroFlag is ZF.
func zeroFlag(c *CPU) bool {
	if c.FlagKind&^3 == kExact {
		return c.RFLAGS&x86.ZF != 0
	}
	return c.FlagRes == 0
}
