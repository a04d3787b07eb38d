package main

import (
	"fmt"

	"emurun/emu/decode/layout"
	"emurun/emu/x86/isa"
)

// attrFact are the attributes that the decoder needs to know.
var attrFact = []struct {
	attr isa.Attr
	fact uint32
}{
	{isa.Lock, layout.Lock}, {isa.D64, layout.D64}, {isa.F64, layout.F64}, {isa.Rep, layout.Rep},
}

// facts returns what the decoder needs to know of a row once it has chosen it.
func facts(r *isa.Row) (uint32, error) {
	imm, err := immediate(r)
	f := imm
	for _, a := range attrFact {
		if r.Has(a.attr) {
			f |= a.fact
		}
	}
	vvvv := false
	for _, o := range r.Operands {
		switch o.Kind {
		case isa.KindP:
			f |= layout.RegMod8
		case isa.KindQ, isa.KindN, isa.KindST:
			f |= layout.RMMod8
		case isa.KindS:
			f |= layout.SegReg
			if o.Role.Writes() {
				f |= layout.SegWrite
			}
		case isa.KindC:
			f |= layout.CtlReg
		case isa.KindD:
			f |= layout.DebugReg
		case isa.KindH, isa.KindB:
			vvvv = true
		}
	}
	for fact, set := range map[uint32]bool{
		layout.NoVVVV:   r.Enc.Encoding == isa.VEX && !vvvv,
		layout.PlusReg:  r.Enc.PlusReg,
		layout.PlusCond: r.Enc.PlusCond,
		layout.AnyMod:   r.Enc.Mod == isa.ModIgnored,
	} {
		if set {
			f |= fact
		}
	}
	return f, err
}

// immediate returns the kind of the row's immediate.
func immediate(r *isa.Row) (uint32, error) {
	kind := uint32(layout.ImmNone)
	for _, o := range r.Operands {
		k := immediateOf(o)
		switch {
		case k == layout.ImmNone:
		case kind == layout.ImmNone:
			kind = k
		case kind == layout.Imm16 && k == layout.Imm8:
			kind = layout.Imm16And8
		default:
			return 0, fmt.Errorf("%s: two immediates", r)
		}
	}
	return kind, nil
}

// immediateOf returns the kind of immediate that an operand is.
func immediateOf(o isa.Operand) uint32 {
	switch o.Kind {
	case isa.KindO:
		return layout.ImmOffset
	case isa.KindL:
		return layout.ImmIs4
	case isa.KindJ:
		if o.Size == isa.SizeB {
			return layout.Imm8S
		}
		return layout.ImmJZ
	case isa.KindI:
		return map[isa.Size]uint32{
			isa.SizeB: layout.Imm8, isa.SizeBS: layout.Imm8S, isa.SizeW: layout.Imm16,
			isa.SizeZ: layout.ImmZ, isa.SizeV: layout.ImmV,
		}[o.Size]
	}
	return layout.ImmNone
}
