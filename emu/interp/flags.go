package interp

import (
	"unsafe"

	"emurun/emu"
	"emurun/emu/x86"
)

// Kinds of flag records, see emu.
const (
	kExact = emu.FlagsExact
	kAdd   = emu.FlagsAdd
	kAdc   = emu.FlagsAdc
	kSub   = emu.FlagsSub
	kSbb   = emu.FlagsSbb
	kLogic = emu.FlagsLogic
	kInc   = emu.FlagsInc
	kDec   = emu.FlagsDec
	kShift = emu.FlagsShift
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
	c.FlagSrc = uint64(c.Carry())
	c.FlagRes, c.FlagKind = uint64(r), kInc|sizeLog[T]()
}

// flagsDec records the flags of r = x - 1, which keeps CF.
func flagsDec[T word](c *CPU, r T) {
	c.FlagSrc = uint64(c.Carry())
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
//
//go:noinline
func flagsMerge(c *CPU, mask, f x86.Flags) {
	c.RFLAGS, c.FlagKind = c.StatusFlags()&^mask|f&mask|c.RFLAGS&^x86.StatusFlags, kExact
}

// bit is f where b, else 0.
func bit(b bool, f x86.Flags) x86.Flags {
	if b {
		return f
	}
	return 0
}

// flagsZSP are ZF, SF and PF of r.
func flagsZSP[T word](r T) x86.Flags {
	return emu.ZSP(uint64(r), uint64(r)<<(64-bitsOf[T]()))
}

// b2u is 1 for true.
func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// condition evaluates condition code cc (SDM Vol. 1, appendix B).
//
//go:noinline
func condition(c *CPU, cc uint8) bool {
	var r bool
	switch cc >> 1 & 7 {
	case 1:
		r = c.Carry() != 0
	case 2:
		r = zeroFlag(c)
	default:
		r = conditionOf(c.StatusFlags(), cc)
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
//
//go:noinline
func zeroFlag(c *CPU) bool {
	if c.FlagKind&^3 == kExact {
		return c.RFLAGS&x86.ZF != 0
	}
	return c.FlagRes == 0
}
