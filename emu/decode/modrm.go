package decode

import "emurun/emu/decode/layout"

// Bits of a REX prefix, of which VEX has the same four (SDM Vol. 2A, 2.2.1.2).
const (
	rexB = 1 << 0
	rexX = 1 << 1
	rexR = 1 << 2
	rexW = 1 << 3
)

// modRM reads what follows a ModR/M byte at pos, SIB and displacement (SDM Vol. 2A,
// 2.1.5), and returns the position behind it.
func (in *Inst) modRM(code []byte, pos int, modrm, rex uint8, facts uint32) int {
	mod, rm := modrm>>6, modrm&7
	in.Reg = modrm>>3&7 | rex&rexR<<1
	if mod == 3 || facts&layout.AnyMod != 0 {
		in.RM = rm | rex&rexB<<3
		return pos
	}
	in.IsMem = true
	disp32 := mod == 2
	switch {
	case rm == 4:
		sib := byteAt(code, pos)
		pos++
		in.Scale = sib >> 6
		if index := sib>>3&7 | rex&rexX<<2; index != 4 { // RSP cannot be an index
			in.Index = index
		}
		if sib&7 == 5 && mod == 0 {
			disp32 = true
		} else {
			in.Base = sib&7 | rex&rexB<<3
		}
	case rm == 5 && mod == 0:
		in.RIPRel, disp32 = true, true
	default:
		in.Base = rm | rex&rexB<<3
	}
	if disp32 {
		in.Disp = int64(int32(uint32At(code, pos)))
		return pos + 4
	}
	if mod == 1 {
		in.Disp = int64(int8(byteAt(code, pos)))
		return pos + 1
	}
	return pos
}
