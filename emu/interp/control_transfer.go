package interp

import "emurun/emu/x86"

// Jumps, calls and returns are cases of the switch (tools/opgen). Here are the cold rows;
// each sets c.RIP.

// Selectors of user code and data as Linux defines them.
const (
	selCS32 = 0x23 // 32-bit code, which cannot be entered here
	selSS   = 0x2b
	selCS   = 0x33 // 64-bit code
)

// branch goes to the target of op if taken, else to the next instruction.
func branch(c *CPU, op *Op, taken bool) bool {
	c.RIP = op.next
	if taken {
		c.RIP = op.t
	}
	return true
}

// counter is RCX, or ECX with a 32-bit address size, after adding d to it.
func counter(c *CPU, op *Op, d uint64) uint64 {
	n := c.R[x86.RCX] + d
	if op.pfx&pfxAddr32 != 0 {
		n = uint64(uint32(n))
	}
	if d != 0 {
		c.R[x86.RCX] = n
	}
	return n
}

// jrcxz implements JRCXZ and JECXZ. It affects no flags.
func jrcxz(c *CPU, op *Op) bool { return branch(c, op, counter(c, op, 0) == 0) }

// loop implements LOOP. It affects no flags.
func loop(c *CPU, op *Op) bool { return branch(c, op, counter(c, op, ^uint64(0)) != 0) }

// loope implements LOOPE. It affects no flags.
func loope(c *CPU, op *Op) bool {
	return branch(c, op, counter(c, op, ^uint64(0)) != 0 && zeroFlag(c))
}

// loopne implements LOOPNE. It affects no flags.
func loopne(c *CPU, op *Op) bool {
	return branch(c, op, counter(c, op, ^uint64(0)) != 0 && !zeroFlag(c))
}

// leave implements LEAVE: RSP = RBP, then POP RBP.
func leave(c *CPU, op *Op) bool {
	a := c.R[x86.RBP]
	if op.size == 2 {
		v, ok := load[uint16](c, a)
		if ok {
			c.R[x86.RSP] = a + 2
			setReg(c, x86.RBP, v)
		}
		return ok
	}
	v, ok := load[uint64](c, a)
	if ok {
		c.R[x86.RSP] = a + 8
		c.R[x86.RBP] = v
	}
	return ok
}

// enter implements ENTER, make a stack frame with up to 31 nested frame pointers.
func enter(c *CPU, op *Op) bool {
	if op.size == 2 {
		return enterFrame[uint16](c, op)
	}
	return enterFrame[uint64](c, op)
}

func enterFrame[T word](c *CPU, op *Op) bool {
	sp, bp := c.R[x86.RSP]-sizeOf[T](), c.R[x86.RBP]
	if !store(c, sp, T(bp)) {
		return false
	}
	frame := sp
	level := op.ext & 31
	for i := uint8(1); i < level; i++ {
		bp -= sizeOf[T]()
		v, ok := load[T](c, bp)
		sp -= sizeOf[T]()
		if !ok || !store(c, sp, v) {
			return false
		}
	}
	if level > 0 {
		sp -= sizeOf[T]()
		if !store(c, sp, T(frame)) {
			return false
		}
	}
	sp -= op.imm & 0xffff
	if _, ok := modify[T](c, sp); !ok { // the SDM: the new top of the stack must be writable
		return false
	}
	c.R[x86.RSP] = sp
	setReg(c, x86.RBP, T(frame))
	return true
}

// farTarget checks the selector of a far transfer: only the code segment of 64-bit user
// mode is there.
func farTarget(c *CPU, sel, offset uint64) bool {
	switch {
	case sel != selCS:
		return fault(c, x86.VecGP, uint32(sel&0xfffc))
	case !canonical(offset):
		return fault(c, x86.VecGP, 0)
	}
	c.RIP = offset
	return true
}

// farPointer reads the far pointer at a: offset of the operand size, then selector.
func farPointer(c *CPU, op *Op, a uint64) (sel, offset uint64, ok bool) {
	switch op.size {
	case 2:
		v, fine := load[uint16](c, a)
		offset, ok = uint64(v), fine
	case 4:
		v, fine := load[uint32](c, a)
		offset, ok = uint64(v), fine
	default:
		offset, ok = load[uint64](c, a)
	}
	if !ok {
		return 0, 0, false
	}
	s, ok := load[uint16](c, a+uint64(op.size))
	return uint64(s), offset, ok
}

// jmpf implements the far JMP.
func jmpf(c *CPU, op *Op) bool {
	sel, offset, ok := farPointer(c, op, ea(c, op))
	return ok && farTarget(c, sel, offset)
}

// callf implements the far CALL.
func callf(c *CPU, op *Op) bool {
	sel, offset, ok := farPointer(c, op, ea(c, op))
	if !ok || !farTarget(c, sel, offset) {
		return false
	}
	n := uint64(op.size)
	sp := c.R[x86.RSP] - 2*n
	if !storeSized(c, sp+n, selCS, op.size) || !storeSized(c, sp, op.next, op.size) {
		return false
	}
	c.R[x86.RSP] = sp
	return true
}

// storeSized stores the low size bytes of v.
func storeSized(c *CPU, a, v uint64, size uint8) bool {
	switch size {
	case 2:
		return store(c, a, uint16(v))
	case 4:
		return store(c, a, uint32(v))
	}
	return store(c, a, v)
}

// loadSized loads size bytes.
func loadSized(c *CPU, a uint64, size uint8) (uint64, bool) {
	switch size {
	case 2:
		v, ok := load[uint16](c, a)
		return uint64(v), ok
	case 4:
		v, ok := load[uint32](c, a)
		return uint64(v), ok
	}
	return load[uint64](c, a)
}

// retf implements the far RET.
func retf(c *CPU, op *Op) bool { return farReturn(c, op, 0) }

// retfImm implements the far RET with bytes to release.
func retfImm(c *CPU, op *Op) bool { return farReturn(c, op, op.imm&0xffff) }

func farReturn(c *CPU, op *Op, release uint64) bool {
	sp, n := c.R[x86.RSP], uint64(op.size)
	sel, ok := loadSized(c, sp+n, op.size)
	if !ok {
		return false
	}
	offset, ok := loadSized(c, sp, op.size)
	if !ok || !farTarget(c, sel&0xffff, offset) {
		return false
	}
	c.R[x86.RSP] = sp + 2*n + release
	return true
}

// iret implements IRET to the same privilege level: pop RIP, CS, RFLAGS, RSP and SS.
func iret(c *CPU, op *Op) bool {
	var v [5]uint64
	for i := range v {
		var ok bool
		if v[i], ok = loadSized(c, c.R[x86.RSP]+uint64(i)*uint64(op.size), op.size); !ok {
			return false
		}
	}
	sel, ss := v[1]&0xffff, v[4]&0xffff
	if sel == selCS && canonical(v[0]) && ss != selSS {
		return fault(c, x86.VecGP, uint32(ss&0xfffc))
	}
	if !farTarget(c, sel, v[0]) {
		return false
	}
	setFlags(c, x86.Flags(v[2]), op.size)
	c.R[x86.RSP] = v[3]
	return true
}

// int3 implements INT3: a breakpoint trap.
func int3(c *CPU, op *Op) bool { return fault(c, x86.VecBP, 0) }

// int1 implements INT1: a debug trap.
func int1(c *CPU, op *Op) bool { return fault(c, x86.VecDB, 0) }

// intN implements INT n, which in user mode is #GP with the vector. Linux lets programs
// use two: INT 3 is the breakpoint trap, INT 4 the overflow trap.
func intN(c *CPU, op *Op) bool {
	if v := x86.Vector(op.imm); v == x86.VecBP || v == x86.VecOF {
		return fault(c, v, 0)
	}
	return fault(c, x86.VecGP, uint32(op.imm&0xff)<<3|2)
}

// ud implements UD0, UD1 and UD2.
func ud(c *CPU, op *Op) bool { return fault(c, x86.VecUD, 0) }

// privileged serves every row that needs privilege.
func privileged(c *CPU, op *Op) bool { return fault(c, x86.VecGP, 0) }

// missing serves rows that the switch or nothing implements.
func missing(c *CPU, op *Op) bool { return fault(c, x86.VecUD, 0) }
