package isa

import "math/bits"

// Better reports whether row r wins over row o where both match: the one with
// the more specific demand does. Two rows that match one encoding, neither of
// which is better, are an error in the table.
func (r *Row) Better(o *Row) bool { return r.Enc.demand() > o.Enc.demand() }

// demand orders opcodes by how specific they are: a whole ModR/M byte, a digit,
// mod, other constraints, then the number of prefixes they exclude.
func (o *Opcode) demand() int {
	n := 0
	if o.Fixed >= 0 {
		n += 1000
		if o.FixedRM {
			n -= 100
		}
	}
	if o.Digit >= 0 {
		n += 400
	}
	if o.Mod == ModReg || o.Mod == ModMem {
		n += 200
	}
	for _, set := range []bool{o.B != Any, o.W != Any, o.OpSize != 0, o.L != Any} {
		if set {
			n += 10
		}
	}
	return n + 4 - bits.OnesCount8(uint8(o.Prefixes))
}
