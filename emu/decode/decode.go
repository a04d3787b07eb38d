package decode

import (
	"encoding/binary"
	"errors"

	"emurun/emu/decode/layout"
)

// The errors of Decode.
var (
	ErrInvalid   = errors.New("invalid opcode")              // #UD
	ErrTruncated = errors.New("instruction is not complete") // the next byte may fault
	ErrTooLong   = errors.New("instruction over 15 bytes")   // #GP
)

// maxLen is the most bytes an instruction may have (SDM Vol. 2A, 2.3.11).
const maxLen = 15

// A cursor reads the instruction's bytes. Past the end it yields zeros and
// remembers that, so that reading needs no check at each step.
type cursor struct {
	code []byte
	pos  int
}

// next returns the next byte.
func (c *cursor) next() uint8 {
	var b uint8
	if uint(c.pos) < uint(len(c.code)) {
		b = c.code[c.pos]
	}
	c.pos++
	return b
}

// int8 reads a signed byte.
func (c *cursor) int8() int64 { return int64(int8(c.next())) }

// uint16 reads 16 bits.
func (c *cursor) uint16() uint16 {
	p := c.pos
	c.pos += 2
	if uint(p) > uint(len(c.code)) || len(c.code)-p < 2 {
		return 0
	}
	return binary.LittleEndian.Uint16(c.code[p:])
}

// uint32 reads 32 bits.
func (c *cursor) uint32() uint32 {
	p := c.pos
	c.pos += 4
	if uint(p) > uint(len(c.code)) || len(c.code)-p < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(c.code[p:])
}

// uint64 reads 64 bits.
func (c *cursor) uint64() uint64 {
	lo := c.uint32()
	return uint64(lo) | uint64(c.uint32())<<32
}

// short returns the error for bytes that end before the instruction does.
func (c *cursor) short() error {
	if len(c.code) >= maxLen {
		return ErrTooLong
	}
	return ErrTruncated
}

// invalid returns the error for bytes that match no row.
func (c *cursor) invalid() error {
	if c.pos > len(c.code) {
		return c.short()
	}
	return ErrInvalid
}

// Decode decodes the instruction at the start of code into in. Only the first
// 15 bytes are looked at; after an error the contents of in mean nothing.
func Decode(code []byte, in *Inst) error {
	if len(code) > maxLen {
		code = code[:maxLen]
	}
	*in = Inst{AddrSize: 8, Base: None, Index: None}
	c := cursor{code: code}
	var p prefixes
	slot, ok := c.opcode(&p, in)
	if !ok {
		return c.invalid()
	}
	e := opcodes[slot&(layout.Maps*256-1)]
	var modrm uint8
	if e&layout.ModRM != 0 {
		modrm = c.next()
		in.HasModRM = true
	}
	row := p.choose(e&^layout.ModRM, modrm)
	if row == 0 {
		return c.invalid()
	}
	facts := rowFacts[row]
	in.Row, in.OpSize = row, p.opSize(facts)
	if in.HasModRM {
		c.modRM(in, modrm, p.rex, facts)
	}
	if facts&(layout.PlusReg|layout.PlusCond) != 0 {
		in.opcodeField(uint8(slot), p.rex, facts)
	}
	if kind := facts & layout.ImmMask; kind != layout.ImmNone {
		c.immediate(in, kind)
	}
	if c.pos > len(code) {
		return c.short()
	}
	in.Len = uint8(c.pos)
	return p.finish(in, facts)
}

// opcodeField takes a register or a condition from the opcode byte.
func (in *Inst) opcodeField(op, rex uint8, facts uint32) {
	if facts&layout.PlusCond != 0 {
		in.Cond = op & 15
	} else {
		in.RM = op&7 | rex&rexB<<3
	}
}

// choose walks the decision tree from entry e and returns the row, or 0.
func (p *prefixes) choose(e uint16, modrm uint8) uint16 {
	for e&layout.Node != 0 {
		i := int(e & layout.Index)
		var v uint8
		switch nodes[i] {
		case layout.Prefix:
			v = p.mandatory
		case layout.L:
			v = p.l
		case layout.Mod:
			if modrm >= 0xc0 {
				v = 1
			}
		case layout.Reg:
			v = modrm >> 3 & 7
		case layout.RM:
			v = modrm & 7
		case layout.OpSize:
			v = p.sizeIndex()
		case layout.W:
			v = p.rex >> 3 & 1
		case layout.B:
			v = p.rex & 1
		}
		e = nodes[i+1+int(v)]
	}
	return e
}

// immediate reads the immediate of the kind.
func (c *cursor) immediate(in *Inst, kind uint32) {
	switch kind {
	case layout.Imm8:
		in.Imm = int64(c.next())
	case layout.Imm8S:
		in.Imm = c.int8()
	case layout.Imm16:
		in.Imm = int64(c.uint16())
	case layout.ImmZ:
		in.Imm = c.immZ(in.OpSize)
	case layout.ImmV:
		if in.OpSize == 8 {
			in.Imm = int64(c.uint64())
		} else {
			in.Imm = c.immZ(in.OpSize)
		}
	case layout.Imm16And8:
		in.Imm = int64(c.uint16())
		in.Imm2 = c.next()
	case layout.ImmJZ:
		in.Imm = int64(int32(c.uint32()))
	case layout.ImmOffset:
		if in.AddrSize == 8 {
			in.Disp = int64(c.uint64())
		} else {
			in.Disp = int64(c.uint32())
		}
	case layout.ImmIs4:
		in.Imm2 = c.next() >> 4
	}
}

// immZ reads a "z" immediate: 16 bits with a 16-bit operand size, else 32.
func (c *cursor) immZ(opSize uint8) int64 {
	if opSize == 2 {
		return int64(int16(c.uint16()))
	}
	return int64(int32(c.uint32()))
}
