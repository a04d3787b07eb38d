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

// byteAt returns the byte at pos; past the end it is 0. So reading needs no check at
// each step: in the end the position tells whether there were enough bytes.
func byteAt(code []byte, pos int) uint8 {
	if uint(pos) < uint(len(code)) {
		return code[pos]
	}
	return 0
}

// uint16At reads 16 bits.
func uint16At(code []byte, pos int) uint16 {
	return uint16(byteAt(code, pos)) | uint16(byteAt(code, pos+1))<<8
}

// uint32At reads 32 bits.
func uint32At(code []byte, pos int) uint32 {
	if pos+4 > len(code) {
		return 0
	}
	return binary.LittleEndian.Uint32(code[pos:])
}

// uint64At reads 64 bits.
func uint64At(code []byte, pos int) uint64 {
	return uint64(uint32At(code, pos)) | uint64(uint32At(code, pos+4))<<32
}

// short returns the error for n bytes that end before the instruction does.
func short(n int) error {
	if n >= maxLen {
		return ErrTooLong
	}
	return ErrTruncated
}

// invalid returns the error for bytes up to pos, of n, that match no row.
func invalid(pos, n int) error {
	if pos > n {
		return short(n)
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
	var p prefixes
	slot, pos := p.opcode(code, in)
	if slot < 0 {
		return invalid(pos, len(code))
	}
	e := opcodes[slot&(layout.Maps*256-1)]
	var modrm uint8
	if e&layout.ModRM != 0 {
		modrm = byteAt(code, pos)
		pos++
		in.HasModRM = true
	}
	row := e &^ layout.ModRM
	if e&layout.Node != 0 {
		row = p.choose(row, modrm)
	}
	if row == 0 {
		return invalid(pos, len(code))
	}
	facts := rowFacts[row]
	in.Row, in.OpSize = row, p.opSize(facts)
	if in.HasModRM {
		pos = in.modRM(code, pos, modrm, p.rex, facts)
	}
	if facts&(layout.PlusReg|layout.PlusCond) != 0 {
		in.opcodeField(uint8(slot), p.rex, facts)
	}
	if kind := facts & layout.ImmMask; kind != layout.ImmNone {
		pos = in.immediate(code, pos, kind)
	}
	if pos > len(code) {
		return short(len(code))
	}
	in.Len = uint8(pos)
	if in.Lock || facts&(layout.Rep|layout.Special) != 0 {
		return p.finish(in, facts)
	}
	return nil
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

// immediate reads the immediate of the kind at pos and returns the position behind it.
func (in *Inst) immediate(code []byte, pos int, kind uint32) int {
	switch kind {
	case layout.Imm8:
		in.Imm = int64(byteAt(code, pos))
		return pos + 1
	case layout.Imm8S:
		in.Imm = int64(int8(byteAt(code, pos)))
		return pos + 1
	case layout.Imm16:
		in.Imm = int64(uint16At(code, pos))
		return pos + 2
	case layout.Imm16And8:
		in.Imm = int64(uint16At(code, pos))
		in.Imm2 = byteAt(code, pos+2)
		return pos + 3
	case layout.ImmJZ:
		in.Imm = int64(int32(uint32At(code, pos)))
		return pos + 4
	case layout.ImmIs4:
		in.Imm2 = byteAt(code, pos) >> 4
		return pos + 1
	case layout.ImmOffset:
		if in.AddrSize == 4 {
			in.Disp = int64(uint32At(code, pos))
			return pos + 4
		}
		in.Disp = int64(uint64At(code, pos))
		return pos + 8
	}
	switch { // ImmZ and ImmV
	case in.OpSize == 2:
		in.Imm = int64(int16(uint16At(code, pos)))
		return pos + 2
	case in.OpSize == 8 && kind == layout.ImmV:
		in.Imm = int64(uint64At(code, pos))
		return pos + 8
	}
	in.Imm = int64(int32(uint32At(code, pos)))
	return pos + 4
}
