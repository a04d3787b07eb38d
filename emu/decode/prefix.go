package decode

import "emurun/emu/decode/layout"

// prefixes is what the bytes before the opcode say.
type prefixes struct {
	rex       uint8 // 0x40-0x4f, or the same bits from VEX; 0 without
	rep       uint8 // last of F2 and F3
	mandatory uint8 // the prefix as part of the opcode: 0 none, 1 66, 2 F3, 3 F2
	l         uint8 // VEX.L
	size66    bool
}

// Classes of bytes in front of an opcode (SDM Vol. 2A, 2.1.1 and 2.2.1).
const (
	classOpcode = iota
	classREX
	class66
	class67
	classRep
	classLock
	classFS
	classGS
	classNull // CS, DS, ES and SS overrides mean nothing in 64-bit mode
)

var prefixClass = [256]uint8{
	0x26: classNull, 0x2e: classNull, 0x36: classNull, 0x3e: classNull,
	0x40: classREX, 0x41: classREX, 0x42: classREX, 0x43: classREX,
	0x44: classREX, 0x45: classREX, 0x46: classREX, 0x47: classREX,
	0x48: classREX, 0x49: classREX, 0x4a: classREX, 0x4b: classREX,
	0x4c: classREX, 0x4d: classREX, 0x4e: classREX, 0x4f: classREX,
	0x64: classFS, 0x65: classGS, 0x66: class66, 0x67: class67,
	0xf0: classLock, 0xf2: classRep, 0xf3: classRep,
}

// opcode reads prefixes and opcode. It returns the opcode's place in opcodes, or -1
// if there is none, and the position behind it.
func (p *prefixes) opcode(code []byte, in *Inst) (slot, pos int) {
	op := byteAt(code, 0)
	pos = 1
	for prefixClass[op] != classOpcode {
		if pos > len(code) {
			return -1, pos
		}
		p.add(prefixClass[op], op, in)
		op = byteAt(code, pos)
		pos++
	}
	in.Rex = p.rex != 0
	in.W = p.rex&rexW != 0
	if p.rep != 0 {
		p.mandatory = 2 + ^p.rep&1 // F3, F2
	} else if p.size66 {
		p.mandatory = 1
	}
	switch op {
	case 0x0f:
		return escape(code, pos)
	case 0xc4, 0xc5:
		return p.vex(code, pos, in, op)
	}
	return int(op), pos
}

// add takes in one prefix. REX counts only directly before the opcode, so any
// other prefix cancels it; otherwise order is free and the last of a kind wins.
func (p *prefixes) add(class, b uint8, in *Inst) {
	if class == classREX {
		p.rex = b
		return
	}
	p.rex = 0
	switch class {
	case class66:
		p.size66 = true
	case class67:
		in.AddrSize = 4
	case classRep:
		p.rep = b
	case classLock:
		in.Lock = true
	case classFS:
		in.Seg = SegFS
	case classGS:
		in.Seg = SegGS
	}
}

// escape reads the rest of an opcode that began with 0F.
func escape(code []byte, pos int) (slot, end int) {
	switch op := byteAt(code, pos); op {
	case 0x38:
		return 2<<8 | int(byteAt(code, pos+1)), pos + 2
	case 0x3a:
		return 3<<8 | int(byteAt(code, pos+1)), pos + 2
	default:
		return 1<<8 | int(op), pos + 1
	}
}

// vex reads a VEX prefix after its first byte, and the opcode (SDM Vol. 2A,
// 2.3.5). REX, LOCK, 66, F2 or F3 in front of it are invalid.
func (p *prefixes) vex(code []byte, pos int, in *Inst, first uint8) (slot, end int) {
	if p.rex != 0 || p.rep != 0 || p.size66 || in.Lock {
		return -1, pos
	}
	b := byteAt(code, pos)
	pos++
	m := 1
	p.rex = ^b >> 5 & rexR
	if first == 0xc4 {
		m = int(b & 31)
		p.rex = ^b >> 5 & (rexR | rexX | rexB)
		b = byteAt(code, pos)
		pos++
		p.rex |= b >> 4 & rexW
	}
	in.W = p.rex&rexW != 0
	in.VVVV = ^b >> 3 & 15
	p.l = b >> 2 & 1
	in.VL = p.l
	p.mandatory = b & 3
	if m < 1 || m > 3 {
		return -1, pos
	}
	return (layout.VEX+m)<<8 | int(byteAt(code, pos)), pos + 1
}

// sizeIndex returns 0, 1 or 2 for the operand size 16, 32 or 64.
func (p *prefixes) sizeIndex() uint8 {
	switch {
	case p.rex&rexW != 0:
		return 2
	case p.size66:
		return 0
	}
	return 1
}

// opSize returns the effective operand size in bytes.
func (p *prefixes) opSize(facts uint32) uint8 {
	switch {
	case facts&layout.F64 != 0 || p.rex&rexW != 0:
		return 8
	case p.size66:
		return 2
	case facts&layout.D64 != 0:
		return 8
	}
	return 4
}

// finish applies the rules that need the whole instruction.
func (p *prefixes) finish(in *Inst, facts uint32) error {
	if in.Lock && !(facts&layout.Lock != 0 && in.IsMem) {
		return ErrInvalid
	}
	if facts&layout.Rep != 0 {
		in.Rep = p.rep
	}
	if facts&layout.Special != 0 {
		return in.special(facts)
	}
	return nil
}

// special applies the rules of registers that are fewer than sixteen.
func (in *Inst) special(facts uint32) error {
	if facts&(layout.RegMod8|layout.SegReg) != 0 {
		in.Reg &= 7
	}
	if facts&layout.RMMod8 != 0 {
		in.RM &= 7
	}
	const controlRegs = 1<<0 | 1<<2 | 1<<3 | 1<<4 | 1<<8
	switch {
	case facts&layout.SegReg != 0 && in.Reg > 5,
		facts&layout.SegWrite != 0 && in.Reg == 1,
		facts&layout.CtlReg != 0 && controlRegs>>in.Reg&1 == 0,
		facts&layout.DebugReg != 0 && in.Reg > 7,
		facts&layout.NoVVVV != 0 && in.VVVV != 0:
		return ErrInvalid
	}
	return nil
}
