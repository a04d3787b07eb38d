package interp

import (
	"unsafe"

	"emurun/emu/mem"
	"emurun/emu/x86"
)

// repLimit is the most iterations of a repeated string instruction in one step. If RCX is
// not 0 then, RIP stays, as the SDM allows for an interrupt: no count can hang a step.
const repLimit = 4096

// stringOp is what the string instructions have in common.
type stringOp struct {
	mask uint64 // of addresses and counts
	step uint64 // added to RSI and RDI: the operand size, or its negative with DF
	base uint64 // segment base of the source
}

func newStringOp(c *CPU, op *Op, size uint64) stringOp {
	s := stringOp{mask: ^uint64(0), step: size}
	if op.pfx&pfxAddr32 != 0 {
		s.mask = 1<<32 - 1
	}
	if c.RFLAGS&x86.DF != 0 {
		s.step = -size
	}
	switch {
	case op.pfx&pfxFS != 0:
		s.base = c.R[regFS]
	case op.pfx&pfxGS != 0:
		s.base = c.R[regGS]
	}
	return s
}

// src and dst are the addresses of the memory operands.
func (s *stringOp) src(c *CPU) uint64 { return c.R[x86.RSI]&s.mask + s.base }
func (s *stringOp) dst(c *CPU) uint64 { return c.R[x86.RDI] & s.mask }

// advance moves an index register by n elements.
func (s *stringOp) advance(c *CPU, r int, n uint64) { c.R[r] = (c.R[r] + s.step*n) & s.mask }

// count is RCX, at most the limit of a step. With TF there is a trap after each iteration.
func (s *stringOp) count(c *CPU) uint64 {
	if c.RFLAGS&x86.TF != 0 {
		return min(c.R[x86.RCX]&s.mask, 1)
	}
	return min(c.R[x86.RCX]&s.mask, repLimit)
}

// done takes n iterations off RCX.
func (s *stringOp) done(c *CPU, n uint64) { c.R[x86.RCX] = (c.R[x86.RCX] - n) & s.mask }

// finish leaves a repeated instruction that has no fault: for the next one if it is over.
func (s *stringOp) finish(c *CPU, op *Op, over bool) bool {
	c.RIP = op.next
	if !over && c.R[x86.RCX]&s.mask != 0 {
		c.RIP -= uint64(op.len)
	}
	return true
}

// movs implements MOVS, move string. It affects no flags.
func movs[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	v, ok := load[T](c, s.src(c))
	if !ok || !store(c, s.dst(c), v) {
		return false
	}
	s.advance(c, x86.RSI, 1)
	s.advance(c, x86.RDI, 1)
	return true
}

// repmovs implements REP MOVS. It affects no flags.
func repmovs[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	for left := s.count(c); left > 0; {
		n := s.moveRun(c, left, sizeOf[T]())
		if n == 0 {
			if !movs[T](c, op) {
				return false
			}
			n = 1
		}
		s.done(c, n)
		left -= n
	}
	return s.finish(c, op, false)
}

// moveRun moves up to max elements that lie in one page each at source and destination,
// and returns how many: 0 where one by one is called for.
func (s *stringOp) moveRun(c *CPU, max, size uint64) uint64 {
	src, dst := s.src(c), s.dst(c)
	n := min(max*size, mem.PageSize-src&mem.PageMask, mem.PageSize-dst&mem.PageMask) &^ (size - 1)
	if s.step != size || n == 0 || dst-src < n && dst != src {
		return 0
	}
	p := c.Mem.ReadSlow(src, int(n), &c.Bounce, &c.Exc)
	if p == nil {
		return 0
	}
	q := c.Mem.WriteSlow(dst, int(n), &c.Bounce, &c.Exc)
	if q == nil {
		return 0
	}
	// The write may have given the destination a page of its own, which may be the source's too.
	if p = c.Mem.ReadSlow(src, int(n), &c.Bounce, &c.Exc); p == nil {
		return 0
	}
	copy(unsafe.Slice((*byte)(q), n), unsafe.Slice((*byte)(p), n))
	s.advance(c, x86.RSI, n/size)
	s.advance(c, x86.RDI, n/size)
	return n / size
}

// stos implements STOS, store string. It affects no flags.
func stos[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	if !store(c, s.dst(c), T(c.R[x86.RAX])) {
		return false
	}
	s.advance(c, x86.RDI, 1)
	return true
}

// repstos implements REP STOS. It affects no flags.
func repstos[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	for left := s.count(c); left > 0; {
		n := storeRun(c, &s, left, T(c.R[x86.RAX]))
		if n == 0 {
			if !stos[T](c, op) {
				return false
			}
			n = 1
		}
		s.done(c, n)
		left -= n
	}
	return s.finish(c, op, false)
}

// storeRun stores up to max elements that lie in one page, and returns how many.
func storeRun[T word](c *CPU, s *stringOp, max uint64, v T) uint64 {
	dst, size := s.dst(c), sizeOf[T]()
	n := min(max*size, mem.PageSize-dst&mem.PageMask) &^ (size - 1)
	if s.step != size || n == 0 {
		return 0
	}
	q := c.Mem.WriteSlow(dst, int(n), &c.Bounce, &c.Exc)
	if q == nil {
		return 0
	}
	fill(unsafe.Slice((*T)(q), n/size), le(v))
	s.advance(c, x86.RDI, n/size)
	return n / size
}

// fill sets all elements of p to v.
func fill[T word](p []T, v T) {
	if v == 0 {
		clear(p)
		return
	}
	p[0] = v
	for n := 1; n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}
}

// lods implements LODS, load string. It affects no flags.
func lods[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	v, ok := load[T](c, s.src(c))
	if !ok {
		return false
	}
	setReg(c, x86.RAX, v)
	s.advance(c, x86.RSI, 1)
	return true
}

// replods implements REP LODS. It affects no flags.
func replods[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	for range s.count(c) {
		if !lods[T](c, op) {
			return false
		}
		s.done(c, 1)
	}
	return s.finish(c, op, false)
}

// cmps implements CMPS, compare string operands. It sets the flags of [RSI] - [RDI].
func cmps[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	x, y, ok := cmpsStep[T](c, &s)
	if ok {
		flagsSub(c, x-y, y)
	}
	return ok
}

func cmpsStep[T word](c *CPU, s *stringOp) (x, y T, ok bool) {
	if x, ok = load[T](c, s.src(c)); !ok {
		return 0, 0, false
	}
	if y, ok = load[T](c, s.dst(c)); !ok {
		return 0, 0, false
	}
	s.advance(c, x86.RSI, 1)
	s.advance(c, x86.RDI, 1)
	return x, y, true
}

// repecmps implements REPE CMPS. A fault leaves the flags as before the instruction.
func repecmps[T word](c *CPU, op *Op) bool { return repeatCmps[T](c, op, true) }

// repnecmps implements REPNE CMPS. A fault leaves the flags as before the instruction.
func repnecmps[T word](c *CPU, op *Op) bool { return repeatCmps[T](c, op, false) }

// repeatCmps goes on while the operands are equal, or while they are not.
func repeatCmps[T word](c *CPU, op *Op, equal bool) bool {
	s := newStringOp(c, op, sizeOf[T]())
	n := s.count(c)
	for i := range n {
		x, y, ok := cmpsStep[T](c, &s)
		if !ok {
			return false
		}
		s.done(c, 1)
		if over := (x == y) != equal; over || i == n-1 {
			flagsSub(c, x-y, y)
			return s.finish(c, op, over)
		}
	}
	return s.finish(c, op, true)
}

// scas implements SCAS, scan string. It sets the flags of rAX - [RDI].
func scas[T word](c *CPU, op *Op) bool {
	s := newStringOp(c, op, sizeOf[T]())
	y, ok := load[T](c, s.dst(c))
	if !ok {
		return false
	}
	s.advance(c, x86.RDI, 1)
	flagsSub(c, T(c.R[x86.RAX])-y, y)
	return true
}

// repescas implements REPE SCAS. A fault leaves the flags as before the instruction.
func repescas[T word](c *CPU, op *Op) bool { return repeatScas[T](c, op, true) }

// repnescas implements REPNE SCAS. A fault leaves the flags as before the instruction.
func repnescas[T word](c *CPU, op *Op) bool { return repeatScas[T](c, op, false) }

// repeatScas goes on while rAX equals the operand, or while it does not.
func repeatScas[T word](c *CPU, op *Op, equal bool) bool {
	s := newStringOp(c, op, sizeOf[T]())
	n, x := s.count(c), T(c.R[x86.RAX])
	for i := range n {
		y, ok := load[T](c, s.dst(c))
		if !ok {
			return false
		}
		s.advance(c, x86.RDI, 1)
		s.done(c, 1)
		if over := (x == y) != equal; over || i == n-1 {
			flagsSub(c, x-y, y)
			return s.finish(c, op, over)
		}
	}
	return s.finish(c, op, true)
}
