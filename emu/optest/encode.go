package optest

import (
	"encoding/binary"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// encode puts the instruction together.
func (b *builder) encode() {
	e := &b.row.Enc
	var code []byte
	if b.addr32 {
		code = append(code, 0x67)
	}
	if b.seg != 0 {
		code = append(code, b.seg)
	}
	if b.row.Has(isa.Lock) && b.destInMemory() && b.chance(3) {
		code = append(code, 0xf0)
	}
	code = b.prefixes(code)
	body, rex := b.body()
	if b.rexW {
		rex |= 8
	}
	if rex != 0 || b.rex {
		code = append(code, 0x40|rex)
	}
	switch e.Map {
	case isa.Map0F:
		code = append(code, 0x0f)
	case isa.Map0F38:
		code = append(code, 0x0f, 0x38)
	case isa.Map0F3A:
		code = append(code, 0x0f, 0x3a)
	}
	at := len(code)
	code = append(append(code, body...), b.imm...)
	if b.ripFix >= 0 {
		next := hostcpu.EntryAddr + uint64(len(code))
		binary.LittleEndian.PutUint32(code[at+b.ripFix:], uint32(b.Addr-b.segValue()-next))
		b.Addr = b.segValue() + b.truncate(next+uint64(int64(int32(b.Addr-b.segValue()-next))))
	}
	b.Code = code
}

// truncate cuts an effective address to the address size.
func (b *builder) truncate(a uint64) uint64 {
	if b.addr32 {
		return uint64(uint32(a))
	}
	return a
}

// segValue is the base that the prefix adds.
func (b *builder) segValue() uint64 {
	switch b.seg {
	case 0x64:
		return b.s.FSBase
	case 0x65:
		return b.s.GSBase
	}
	return 0
}

// destInMemory reports whether the first operand is the memory operand.
func (b *builder) destInMemory() bool {
	return b.Form.Mem && b.row.Operands[0].Kind.IsMemory() && b.row.Operands[0].Role.Writes()
}

// prefixes appends the mandatory prefixes and the operand size.
func (b *builder) prefixes(code []byte) []byte {
	p := b.row.Enc.Prefixes
	switch {
	case b.sized() && b.Form.OpSize == 2:
		code = append(code, 0x66)
	case p == isa.Prefix66:
		code = append(code, 0x66)
	}
	switch p {
	case isa.PrefixF2:
		code = append(code, 0xf2)
	case isa.PrefixF3:
		code = append(code, 0xf3)
	case isa.PrefixF2 | isa.PrefixF3:
		code = append(code, pick(&b.rng, byte(0xf2), 0xf3))
	}
	return code
}

// body returns the opcode and what follows it but the immediate, and the REX bits.
func (b *builder) body() (body []byte, rex byte) {
	e := &b.row.Enc
	op := e.Byte
	if e.PlusReg {
		op |= b.opReg & 7
		rex |= b.opReg >> 3
	}
	if e.PlusCond {
		op |= b.cond
	}
	body = []byte{op}
	switch {
	case e.Fixed >= 0:
		modrm := byte(e.Fixed)
		if e.FixedRM {
			modrm |= b.RM & 7
		}
		return append(body, modrm), rex
	case !e.ModRM:
		return body, rex
	}
	reg := b.Reg
	if e.Digit >= 0 {
		reg = uint8(e.Digit)
	}
	if b.smallReg() {
		reg &= 7
	}
	rex |= reg >> 3 << 2
	if !b.Form.Mem {
		mod := byte(0xc0)
		if e.Mod == isa.ModIgnored {
			mod = byte(b.n(4)) << 6
		}
		rm := b.RM
		if e.Fixed < 0 && b.mmxRM() {
			rm &= 7
		}
		return append(body, mod|reg&7<<3|rm&7), rex | rm>>3
	}
	mem, bits := b.modrm(reg & 7)
	return append(body, mem...), rex | bits
}

// smallReg reports whether ModR/M.reg names one of eight registers, so that REX.R
// would mean nothing or be invalid.
func (b *builder) smallReg() bool {
	for _, o := range b.row.Operands {
		switch o.Kind {
		case isa.KindP, isa.KindS, isa.KindD:
			return true
		}
	}
	return false
}

// mmxRM reports whether ModR/M.rm names an MMX register.
func (b *builder) mmxRM() bool {
	for _, o := range b.row.Operands {
		switch o.Kind {
		case isa.KindQ, isa.KindN:
			return true
		}
	}
	return false
}

// modrm encodes the memory operand (SDM Vol. 2A, tables 2-2 and 2-3).
func (b *builder) modrm(reg byte) (code []byte, rex byte) {
	m := &b.mem
	mod := map[int]byte{0: 0, 1: 0x40, 4: 0x80}[m.dispSize]
	switch {
	case m.rip:
		b.ripFix = 2
		return []byte{reg<<3 | 5, 0, 0, 0, 0}, 0
	case m.base == none:
		mod = 0
	}
	base, index := byte(5), byte(4)
	if m.base != none {
		base = m.base & 7
		rex |= m.base >> 3
	}
	if m.index != none {
		index = m.index & 7
		rex |= m.index >> 3 << 1
	}
	if m.index != none || m.base == none || base == x86.RSP || b.chance(10) {
		code = []byte{mod | reg<<3 | 4, m.scale<<6 | index<<3 | base}
	} else {
		code = []byte{mod | reg<<3 | base}
	}
	return binary.LittleEndian.AppendUint32(code, uint32(m.disp))[:len(code)+m.dispSize], rex
}
