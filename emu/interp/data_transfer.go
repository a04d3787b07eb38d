package interp

import (
	"math/bits"

	"emurun/emu/x86"
)

// mov implements MOV. It affects no flags.
func mov[T word](v T) T { return v }

// movzx implements MOVZX, move with zero-extension. It affects no flags.
func movzx[D, S word](v S) D { return D(v) }

// movsx implements MOVSX, move with sign-extension. It affects no flags.
func movsx[D, S word](v S) D { return D(signed(v)) }

// signed sign-extends v.
func signed[T word](v T) int64 {
	return int64(uint64(v)<<(64-bitsOf[T]())) >> (64 - bitsOf[T]())
}

// movbe implements MOVBE, move after swapping bytes. It affects no flags.
func movbe[T word](v T) T {
	return T(bits.ReverseBytes64(uint64(v)) >> (64 - bitsOf[T]()))
}

// bswap implements BSWAP, byte swap. It affects no flags. Of a 16-bit register,
// where the SDM leaves the result undefined, it makes 0.
func bswap[T word](v T) T {
	if bitsOf[T]() == 16 {
		v = 0
	}
	return T(bits.ReverseBytes64(uint64(v)) >> (64 - bitsOf[T]()))
}

// lea implements LEA, load effective address. It affects no flags.
func lea[T word](a uint64) T { return T(a) }

// xchg implements XCHG. It affects no flags.
func xchg[T word](x, y T) (T, T) { return y, x }

// xadd implements XADD, exchange and add. It sets the flags as ADD does.
func xadd[T word](c *CPU, x, y T) (T, T) {
	r := x + y
	flagsAdd(c, r, y)
	return r, x
}

// cmpxchg implements CMPXCHG, compare and exchange. It sets the flags as CMP of the
// accumulator with the destination does. Memory is written either way.
func cmpxchg[T word](c *CPU, x, y T) T {
	acc := T(c.R[x86.RAX])
	r := acc - x
	flagsSub(c, r, x)
	if r == 0 {
		return y
	}
	setReg(c, x86.RAX, x)
	return x
}

// cmpxchgReg is cmpxchg of a register, which an unequal comparison leaves alone: a 32-bit
// one keeps its upper half.
func cmpxchgReg[T word](c *CPU, op *Op) bool {
	acc, x := T(c.R[x86.RAX]), reg[T](c, op.rm)
	flagsSub(c, acc-x, x)
	if acc == x {
		setReg(c, op.rm, reg[T](c, op.reg))
	} else {
		setReg(c, x86.RAX, x)
	}
	return true
}

// cmpxchg8b implements CMPXCHG8B. It sets ZF if EDX:EAX equals the destination,
// and affects no other flag.
func cmpxchg8b(c *CPU, m uint64) uint64 {
	if m == c.R[x86.RDX]<<32|c.R[x86.RAX]&0xffffffff {
		flagsMerge(c, x86.ZF, x86.ZF)
		return c.R[x86.RCX]<<32 | c.R[x86.RBX]&0xffffffff
	}
	flagsMerge(c, x86.ZF, 0)
	c.R[x86.RAX], c.R[x86.RDX] = m&0xffffffff, m>>32
	return m
}

// cmpxchg16b implements CMPXCHG16B. It sets ZF if RDX:RAX equals the destination,
// and affects no other flag.
func cmpxchg16b(c *CPU, m XMM) XMM {
	if m == (XMM{Lo: c.R[x86.RAX], Hi: c.R[x86.RDX]}) {
		flagsMerge(c, x86.ZF, x86.ZF)
		return XMM{Lo: c.R[x86.RBX], Hi: c.R[x86.RCX]}
	}
	flagsMerge(c, x86.ZF, 0)
	c.R[x86.RAX], c.R[x86.RDX] = m.Lo, m.Hi
	return m
}

// cmov implements CMOVcc, conditional move. A 32-bit form zeroes the upper half
// of its destination also where the condition is false.
func cmov[T word](cond bool, x, y T) T {
	if cond {
		x = y
	}
	return x
}

// push implements PUSH. It affects no flags.
func push[T word](c *CPU, v T) bool {
	a := c.R[x86.RSP] - sizeOf[T]()
	if !store(c, a, v) {
		return false
	}
	c.R[x86.RSP] = a
	return true
}

// pop implements POP to a register; POP RSP keeps the value popped.
func pop[T word](c *CPU) (T, bool) {
	a := c.R[x86.RSP]
	v, ok := load[T](c, a)
	if !ok {
		return 0, false
	}
	c.R[x86.RSP] = a + sizeOf[T]()
	return v, true
}

// popMem implements POP to memory. Its address is computed with RSP already incremented
// (SDM Vol. 2B, POP): the translator adds that to the displacement.
func popMem(c *CPU, op *Op) bool {
	if op.size == 2 {
		return popTo[uint16](c, op)
	}
	return popTo[uint64](c, op)
}

func popTo[T word](c *CPU, op *Op) bool {
	sp := c.R[x86.RSP]
	v, ok := load[T](c, sp)
	if !ok {
		return false
	}
	if !store(c, ea(c, op), v) {
		return false
	}
	c.R[x86.RSP] = sp + sizeOf[T]()
	return true
}

// cwd implements CWD, CDQ and CQO: fill rDX with the sign of rAX.
func cwd[T word](x T) T { return T(signed(x) >> 63) }

// segmented turns the offset a of an implicit memory operand into an address: with
// the address size and the FS or GS base of op's prefixes.
func segmented(c *CPU, op *Op, a uint64) uint64 {
	if op.pfx&(pfxAddr32|pfxFS|pfxGS) == 0 {
		return a
	}
	if op.pfx&pfxAddr32 != 0 {
		a = uint64(uint32(a))
	}
	switch {
	case op.pfx&pfxFS != 0:
		a += c.R[regFS]
	case op.pfx&pfxGS != 0:
		a += c.R[regGS]
	}
	return a
}
