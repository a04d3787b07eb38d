package decode

import "emurun/emu/decode/layout"

// Bits of a REX prefix, of which VEX has the same four (SDM Vol. 2A, 2.2.1.2).
const (
	rexB = 1 << 0
	rexX = 1 << 1
	rexR = 1 << 2
	rexW = 1 << 3
)

// modRM reads what follows a ModR/M byte: SIB and displacement (SDM Vol. 2A, 2.1.5).
func (c *cursor) modRM(in *Inst, modrm, rex uint8, facts uint32) {
	mod, rm := modrm>>6, modrm&7
	in.Reg = modrm>>3&7 | rex&rexR<<1
	if mod == 3 || facts&layout.AnyMod != 0 {
		in.RM = rm | rex&rexB<<3
		return
	}
	in.IsMem = true
	disp32 := mod == 2
	switch {
	case rm == 4:
		sib := c.next()
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
		in.Disp = int64(int32(c.uint32()))
	} else if mod == 1 {
		in.Disp = c.int8()
	}
}
