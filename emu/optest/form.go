package optest

import (
	"fmt"
	"hash/fnv"

	"emurun/emu/x86/isa"
)

// Form is a row with a place for its r/m operand and an operand size.
type Form struct {
	Row    *isa.Row
	Mem    bool  // the r/m operand is memory
	OpSize uint8 // effective operand size in bytes
	Cases  int   // how many cases it has
}

// Name identifies the form in the digest file: "Add_EvGv/reg/4".
func (f *Form) Name() string {
	place := "reg"
	if f.Mem {
		place = "mem"
	}
	return fmt.Sprintf("%s/%s/%d", f.Row.Name, place, f.OpSize)
}

// seed is the form's part of the seed of its cases.
func (f *Form) seed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.Name()))
	return h.Sum64()
}

// casesPerForm is how many cases a form has; one with a condition code has
// more, since each case takes one of sixteen.
const casesPerForm = 200

// Forms returns the forms of all rows that have vectors.
func Forms() ([]Form, error) {
	rows, err := isa.Rows()
	if err != nil {
		return nil, err
	}
	var forms []Form
	for i := range rows {
		r := &rows[i]
		if Exempt(r) != "" {
			continue
		}
		for _, mem := range places(r) {
			for _, size := range opSizes(r) {
				f := Form{Row: r, Mem: mem, OpSize: size, Cases: casesPerForm}
				if r.Enc.PlusCond {
					f.Cases *= 3
				}
				forms = append(forms, f)
			}
		}
	}
	return forms, nil
}

// places returns where the r/m operand can be.
func places(r *isa.Row) []bool {
	if !r.Enc.ModRM || r.Enc.Fixed >= 0 {
		return []bool{false}
	}
	switch r.Enc.Mod {
	case isa.ModReg, isa.ModIgnored:
		return []bool{false}
	case isa.ModMem:
		return []bool{true}
	}
	return []bool{false, true}
}

// opSizes returns the operand sizes at which the row does different things.
func opSizes(r *isa.Row) []uint8 {
	switch {
	case r.Enc.OpSize != 0:
		return []uint8{r.Enc.OpSize / 8}
	case r.Enc.W == isa.One:
		return []uint8{8}
	case r.Has(isa.F64):
		return []uint8{8}
	case r.Has(isa.D64):
		return []uint8{2, 8}
	}
	var v, y bool
	for _, o := range r.Operands {
		if o.Size == isa.SizeP { // AMD CPUs have no far pointers of 64 bits
			return []uint8{2, 4}
		}
		v = v || o.Size == isa.SizeV || o.Size == isa.SizeZ
		y = y || o.Size == isa.SizeY
	}
	switch {
	case r.Enc.W == isa.Zero && v:
		return []uint8{2, 4}
	case r.Enc.W == isa.Zero:
		return []uint8{4}
	case v || hasOpSize[r.Mnemonic]:
		return []uint8{2, 4, 8}
	case y:
		return []uint8{4, 8}
	}
	return []uint8{4}
}

// hasOpSize are instructions without an operand of variable size that look at the
// operand size nevertheless.
var hasOpSize = map[string]bool{"RETF": true, "IRET": true}
