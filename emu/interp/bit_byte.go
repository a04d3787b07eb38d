package interp

import (
	"math/bits"

	"emurun/emu/x86"
)

// bt implements BT. It sets CF to the selected bit and keeps the other flags.
func bt[T, N word](c *CPU, x T, n N) {
	flagsMerge(c, x86.CF, x86.Flags(uint64(x)>>(uint64(n)&uint64(bitsOf[T]()-1))&1))
}

// bts implements BTS, bit test and set. It sets CF to the bit's old value.
func bts[T, N word](c *CPU, x T, n N) T {
	m := uint64(1) << (uint64(n) & uint64(bitsOf[T]()-1))
	flagsMerge(c, x86.CF, x86.Flags(b2u(uint64(x)&m != 0)))
	return x | T(m)
}

// btr implements BTR, bit test and reset. It sets CF to the bit's old value.
func btr[T, N word](c *CPU, x T, n N) T {
	m := uint64(1) << (uint64(n) & uint64(bitsOf[T]()-1))
	flagsMerge(c, x86.CF, x86.Flags(b2u(uint64(x)&m != 0)))
	return x &^ T(m)
}

// btc implements BTC, bit test and complement. It sets CF to the bit's old value.
func btc[T, N word](c *CPU, x T, n N) T {
	m := uint64(1) << (uint64(n) & uint64(bitsOf[T]()-1))
	flagsMerge(c, x86.CF, x86.Flags(b2u(uint64(x)&m != 0)))
	return x ^ T(m)
}

// A memory operand with a register offset is a bit string: the offset is signed
// and selects the word too (SDM Vol. 2A, 3.1.1.9).

// btMem is bt of a bit string.
func btMem(c *CPU, op *Op) bool {
	return bitString(c, op, nil)
}

// btsMem is bts of a bit string.
func btsMem(c *CPU, op *Op) bool {
	return bitString(c, op, func(v, m uint64) uint64 { return v | m })
}

// btrMem is btr of a bit string.
func btrMem(c *CPU, op *Op) bool {
	return bitString(c, op, func(v, m uint64) uint64 { return v &^ m })
}

// btcMem is btc of a bit string.
func btcMem(c *CPU, op *Op) bool {
	return bitString(c, op, func(v, m uint64) uint64 { return v ^ m })
}

// bitString applies f to the word that holds the selected bit and to the mask of that
// bit; nil only tests.
func bitString(c *CPU, op *Op, f func(v, m uint64) uint64) bool {
	switch op.size {
	case 2:
		return bitWord[uint16](c, op, f)
	case 4:
		return bitWord[uint32](c, op, f)
	}
	return bitWord[uint64](c, op, f)
}

func bitWord[T word](c *CPU, op *Op, f func(v, m uint64) uint64) bool {
	n := signed(reg[T](c, op.reg))
	a := bitAddress(c, op, uint64(n>>3)&^(sizeOf[T]()-1))
	k := uint8(n) & (bitsOf[T]() - 1)
	if f == nil {
		v, ok := load[T](c, a)
		if ok {
			flagsMerge(c, x86.CF, x86.Flags(v>>k&1))
		}
		return ok
	}
	p, ok := modify[T](c, a)
	if !ok {
		return false
	}
	v := le(*p)
	*p = le(T(f(uint64(v), 1<<k)))
	flush(c, a, p)
	flagsMerge(c, x86.CF, x86.Flags(v>>k&1))
	return true
}

// bitAddress adds a byte offset to the address of op's memory operand, within its address
// size.
func bitAddress(c *CPU, op *Op, offset uint64) uint64 {
	a := ea(c, op)
	if op.pfx&pfxAddr32 == 0 {
		return a + offset
	}
	base := segmented(c, op, 0)
	return base + uint64(uint32(a-base+offset))
}

// bsf implements BSF, bit scan forward. It sets ZF if the source is zero; the destination,
// then undefined, keeps all of its 64 bits. CF, OF, SF and AF, undefined, are 0 and PF is
// that of the result.
func bsf[T word](c *CPU, x uint64, y T) uint64 {
	r := scanned(x, y, uint64(bits.TrailingZeros64(uint64(y))))
	flagsSet(c, bit(y == 0, x86.ZF)|flagsZSP(T(r))&x86.PF)
	return r
}

// bsr implements BSR, bit scan reverse, as bsf.
func bsr[T word](c *CPU, x uint64, y T) uint64 {
	r := scanned(x, y, uint64(63-bits.LeadingZeros64(uint64(y)|1)))
	flagsSet(c, bit(y == 0, x86.ZF)|flagsZSP(T(r))&x86.PF)
	return r
}

// scanned is the destination x after a scan of y found n.
func scanned[T word](x uint64, y T, n uint64) uint64 {
	switch {
	case y == 0:
		return x
	case bitsOf[T]() == 16:
		return x&^0xffff | n
	}
	return n
}

// popcnt implements POPCNT, count of bits set to 1. It sets ZF if the source is zero
// and clears OF, SF, AF, CF and PF.
func popcnt[T word](c *CPU, x T) T {
	flagsSet(c, bit(x == 0, x86.ZF))
	return T(bits.OnesCount64(uint64(x)))
}

// setcc implements SETcc, set byte on condition.
func setcc(cond bool) uint8 {
	return b2u(cond)
}

// crc32 implements CRC32 with the polynomial 0x11EDC6F41 (bit-reflected 0x82F63B78).
func crc32[S word](crc uint32, v S) uint32 {
	for i := uint8(0); i < bitsOf[S](); i += 8 {
		crc = crcTable[uint8(crc)^uint8(v>>(i&63))] ^ crc>>8
	}
	return crc
}

var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i)
		for range 8 {
			c = c>>1 ^ 0x82f63b78*(c&1)
		}
		t[i] = c
	}
	return t
}()
