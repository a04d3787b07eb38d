package emu

import "emurun/emu/x86"

// Kinds of flag records: how the last flag-writing instruction set the status flags.
// The low two bits of CPU.FlagKind hold log2 of the operand size in bytes. FlagRes and
// FlagSrc are zero-extended.
const (
	FlagsExact = iota << 2 // they are in CPU.RFLAGS
	FlagsAdd               // res = x + src
	FlagsAdc               // res = x + src + 1
	FlagsSub               // res = x - src
	FlagsSbb               // res = x - src - 1
	FlagsLogic             // of res; CF = OF = AF = 0
	FlagsInc               // res = x + 1; src is CF
	FlagsDec               // res = x - 1; src is CF
	FlagsShift             // SF, ZF, PF of res; src holds the bits CF, OF and AF
)

// shift is what moves the top bit of a record's operands to bit 63.
func (c *CPU) shift() uint64 { return (64 - 8<<(c.FlagKind&3)) & 63 }

// StatusFlags returns the six status flags.
//
//go:noinline
func (c *CPU) StatusFlags() x86.Flags {
	if c.FlagKind&^3 == FlagsExact {
		return c.RFLAGS & x86.StatusFlags
	}
	shift, res, src := c.shift(), c.FlagRes, c.FlagSrc
	r, s := res<<shift, src<<shift // carries and signs are at the top
	f := ZSP(res, r)
	switch c.FlagKind &^ 3 {
	case FlagsAdd:
		x := res - src
		f |= bit(r < s, x86.CF) | addOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case FlagsAdc:
		x := res - src - 1
		f |= bit(r <= s, x86.CF) | addOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case FlagsSub:
		x := res + src
		f |= bit(x<<shift < s, x86.CF) | subOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case FlagsSbb:
		x := res + src + 1
		f |= bit(x<<shift <= s, x86.CF) | subOF(x<<shift, s, r) | x86.Flags((x^src^res)&0x10)
	case FlagsInc:
		f |= x86.Flags(src) | bit(r == 1<<63, x86.OF) | bit(res&15 == 0, x86.AF)
	case FlagsDec:
		f |= x86.Flags(src) | bit(r == 1<<63-1<<shift, x86.OF) | bit(res&15 == 15, x86.AF)
	case FlagsShift:
		f |= x86.Flags(src)
	}
	return f
}

// Carry returns CF as 0 or 1.
//
//go:noinline
func (c *CPU) Carry() uint8 {
	shift := c.shift()
	r, s := c.FlagRes<<shift, c.FlagSrc<<shift
	carry := false
	switch c.FlagKind &^ 3 {
	case FlagsExact:
		return uint8(c.RFLAGS & x86.CF)
	case FlagsAdd:
		carry = r < s
	case FlagsAdc:
		carry = r <= s
	case FlagsSub:
		carry = (c.FlagRes+c.FlagSrc)<<shift < s
	case FlagsSbb:
		carry = (c.FlagRes+c.FlagSrc+1)<<shift <= s
	case FlagsInc, FlagsDec, FlagsShift:
		return uint8(c.FlagSrc & 1)
	}
	return uint8(bit(carry, x86.CF))
}

// ZSP returns ZF, SF and PF of a result whose sign bit is bit 63 of sign.
func ZSP(res, sign uint64) x86.Flags {
	f := x86.Flags(sign>>63)<<7 | bit(res == 0, x86.ZF)
	return f | x86.Flags(evenParity>>((res^res>>4)&15)&1)<<2
}

// evenParity has a bit for each number of four bits: 1 where an even number of them is set.
const evenParity = 0x9669

// bit is f where b, else 0.
func bit(b bool, f x86.Flags) x86.Flags {
	if b {
		return f
	}
	return 0
}

func addOF(x, y, r uint64) x86.Flags { return x86.Flags((x^r)&(y^r)>>63) << 11 }

func subOF(x, y, r uint64) x86.Flags { return x86.Flags((x^y)&(x^r)>>63) << 11 }
