package optest

import (
	"emurun/emu/decode"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// FromBytes makes a case of the first instruction in code, in a state that seed
// determines and that suits the row. It returns nil where the bytes are no instruction of
// ours, or one that must not run on the host or whose effect is a vendor's choice.
func FromBytes(rows []isa.Row, code []byte, seed uint64) *Case {
	var in decode.Inst
	if len(code) > 15 {
		code = code[:15]
	}
	if decode.Decode(code, &in) != nil {
		return nil
	}
	code = code[:in.Len]
	f := &Form{Row: &rows[in.Row-1], Mem: in.IsMem, OpSize: in.OpSize}
	if Exempt(f.Row) != "" || !comparable(f, &in, code) {
		return nil
	}
	b := &builder{Case: &Case{Form: f}, row: f.Row, ripFix: -1}
	b.rng = rng(seed)
	b.next()
	b.s = &b.In
	b.Code = code
	b.Reg, b.RM, b.Imm = in.Reg, in.RM, uint64(in.Imm)
	b.addr32 = in.AddrSize == 4
	b.seg = [3]byte{0, 0x64, 0x65}[in.Seg]
	b.state()
	b.implicit()
	if in.IsMem {
		b.address(&in)
	}
	return b.Case
}

// comparable reports whether CPUs agree about the instruction, and it ends.
func comparable(f *Form, in *decode.Inst, code []byte) bool {
	r := f.Row
	switch {
	case r.Has(isa.F64) && hasPrefix(code, 0x66): // Intel CPUs ignore it, AMD CPUs cut RIP
		return false
	case r.Mnemonic == "INT" && in.Imm == 0x80: // a system call
		return false
	case (r.Mnemonic == "BSF" || r.Mnemonic == "BSR") && hasPrefix(code, 0xf3): // TZCNT and LZCNT on the host
		return false
	case (r.Handler == "loopne" || r.Handler == "loope") && (hasPrefix(code, 0xf2) || hasPrefix(code, 0xf3)):
		return false // on AMD CPUs the prefix changes which it is
	case r.File == "xsave": // the host has more state components than our model
		return false
	case r.Mnemonic == "JMPF" || r.Mnemonic == "CALLF": // a random selector may be that of 32-bit code
		return false
	case r.Mnemonic == "RETF" || r.Mnemonic == "IRET" || r.Name == "Movsxd_GwEw":
		return false
	}
	for _, o := range r.Operands {
		if o.Size == isa.SizeP && f.OpSize == 8 {
			return false
		}
		if o.Kind == isa.KindJ && in.Imm < 0 && in.Imm >= -int64(in.Len) { // a loop
			return false
		}
	}
	return true
}

// hasPrefix reports whether p is among the prefixes of code, those that a misplaced REX
// hides included.
func hasPrefix(code []byte, p byte) bool {
	for _, c := range code {
		switch c {
		case p:
			return true
		case 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
			0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f:
		default:
			return false
		}
	}
	return false
}

// address sets registers so that the memory operand of in is at a chosen place, if its
// addressing mode lets them, and notes where it is.
func (b *builder) address(in *decode.Inst) {
	b.Size = b.memSize()
	b.chooseTarget()
	segBase := b.segBase()
	if in.Index != decode.None && in.Index != in.Base && b.reserved>>in.Index&1 == 0 && !b.chance(8) {
		b.s.GPR[in.Index] = uint64(b.n(1000))
	}
	if in.Base != decode.None && in.Base != in.Index && b.reserved>>in.Base&1 == 0 {
		b.s.GPR[in.Base] = 0
		b.s.GPR[in.Base] = b.Addr - segBase - b.effective(in)
	}
	b.Addr = segBase + b.effective(in)
	b.fillTarget()
}

// effective is the effective address of in's memory operand.
func (b *builder) effective(in *decode.Inst) uint64 {
	a := uint64(in.Disp)
	if in.Base != decode.None {
		a += b.s.GPR[in.Base]
	}
	if in.Index != decode.None {
		a += b.s.GPR[in.Index] << in.Scale
	}
	if in.RIPRel {
		a += hostcpu.EntryAddr + uint64(in.Len)
	}
	return b.truncate(a)
}
