package interp

import "emurun/emu/x86"

// movFromSeg implements MOV from a segment register. To a register it writes the operand
// size, to memory always 16 bits.
func movFromSeg(c *CPU, op *Op) bool {
	if op.reg&7 > 5 {
		return fault(c, x86.VecUD, 0)
	}
	v := uint64([6]uint16{1: selCS, 2: selSS}[op.reg&7])
	switch {
	case op.pfx&pfxMem != 0:
		return store(c, ea(c, op), uint16(v))
	case op.size == 2:
		setReg(c, op.rm, uint16(v))
	default:
		c.R[op.rm&31] = v
	}
	return true
}

// movToSeg implements MOV to a segment register.
func movToSeg(c *CPU, op *Op) bool {
	var v uint16
	if op.pfx&pfxMem != 0 {
		var ok bool
		if v, ok = load[uint16](c, ea(c, op)); !ok {
			return false
		}
	} else {
		v = reg[uint16](c, op.rm)
	}
	return loadSegment(c, op.reg, v)
}

// loadSegment loads segment register n. There are the null selector, but not for SS, and
// the user segments of Linux: 32-bit code, data, 64-bit code; no local descriptor table.
// The base of FS or GS becomes 0. The selector is forgotten: it reads as 0.
func loadSegment(c *CPU, n uint8, sel uint16) bool {
	ok := false
	switch sel &^ 3 { // without RPL
	case 0, selCS32 &^ 3, selSS &^ 3, selCS &^ 3:
		ok = true
	}
	switch n {
	case 0, 3:
	case 2:
		ok = sel == selSS
	case 4, 5:
		if ok {
			c.R[regFS+n-4] = 0
		}
	default:
		return fault(c, x86.VecUD, 0)
	}
	return ok || fault(c, x86.VecGP, uint32(sel&^3))
}

// pushSeg implements PUSH FS and PUSH GS, whose selectors are 0.
func pushSeg(c *CPU, op *Op) bool {
	sp := c.R[x86.RSP] - uint64(op.size)
	if !storeSized(c, sp, 0, op.size) {
		return false
	}
	c.R[x86.RSP] = sp
	return true
}

// popFS implements POP FS.
func popFS(c *CPU, op *Op) bool { return popSegment(c, op, 4) }

// popGS implements POP GS.
func popGS(c *CPU, op *Op) bool { return popSegment(c, op, 5) }

func popSegment(c *CPU, op *Op, n uint8) bool {
	v, ok := loadSized(c, c.R[x86.RSP], op.size)
	if !ok || !loadSegment(c, n, uint16(v)) {
		return false
	}
	c.R[x86.RSP] += uint64(op.size)
	return true
}

// lss implements LSS.
func lss(c *CPU, op *Op) bool { return loadFar(c, op, 2) }

// lfs implements LFS.
func lfs(c *CPU, op *Op) bool { return loadFar(c, op, 4) }

// lgs implements LGS.
func lgs(c *CPU, op *Op) bool { return loadFar(c, op, 5) }

func loadFar(c *CPU, op *Op, n uint8) bool {
	sel, offset, ok := farPointer(c, op, ea(c, op))
	if !ok || !loadSegment(c, n, uint16(sel)) {
		return false
	}
	switch op.size {
	case 2:
		setReg(c, op.reg, uint16(offset))
	default:
		c.R[op.reg&31] = offset
	}
	return true
}

// The descriptor instructions answer as if the selector were not accessible: ZF = 0.

// lar implements LAR. It clears ZF.
func lar(c *CPU, x uint64, sel uint16) uint64 {
	flagsMerge(c, x86.ZF, 0)
	return x
}

// lsl implements LSL. It clears ZF.
func lsl(c *CPU, x uint64, sel uint16) uint64 {
	flagsMerge(c, x86.ZF, 0)
	return x
}

// verr implements VERR. It clears ZF.
func verr(c *CPU, sel uint16) { flagsMerge(c, x86.ZF, 0) }

// verw implements VERW. It clears ZF.
func verw(c *CPU, sel uint16) { flagsMerge(c, x86.ZF, 0) }
