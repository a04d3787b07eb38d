package main

import (
	"fmt"

	"emurun/emu/decode/layout"
	"emurun/emu/x86/isa"
)

// A dimension is something that tells rows of one opcode byte apart. match says
// whether a row accepts the value v of it.
type dimension struct {
	kind  uint16
	match func(o *isa.Opcode, v int) bool
}

// dimensions in the order in which the decoder asks.
var dimensions = []dimension{
	{layout.Prefix, func(o *isa.Opcode, v int) bool { return o.Prefixes&(1<<v) != 0 }},
	{layout.L, func(o *isa.Opcode, v int) bool { return accepts(o.L, v) }},
	{layout.Mod, func(o *isa.Opcode, v int) bool {
		return o.Mod == isa.ModAny || o.Mod == isa.ModIgnored || (o.Mod == isa.ModReg) == (v == 1)
	}},
	{layout.Reg, func(o *isa.Opcode, v int) bool {
		return (o.Digit < 0 || int(o.Digit) == v) && (o.Fixed < 0 || int(o.Fixed)>>3&7 == v)
	}},
	{layout.RM, func(o *isa.Opcode, v int) bool { return o.Fixed < 0 || o.FixedRM || int(o.Fixed)&7 == v }},
	{layout.OpSize, func(o *isa.Opcode, v int) bool { return o.OpSize == 0 || int(o.OpSize) == 16<<v }},
	{layout.W, func(o *isa.Opcode, v int) bool { return accepts(o.W, v) }},
	{layout.B, func(o *isa.Opcode, v int) bool { return accepts(o.B, v) }},
}

// accepts reports whether a bit of value v satisfies the constraint.
func accepts(c isa.Constraint, v int) bool { return c == isa.Any || (c == isa.One) == (v == 1) }

// forest is the decision trees of all opcode bytes.
type forest struct {
	opcodes [layout.Maps * 256]uint16
	nodes   []uint16
	shared  map[string]uint16 // nodes by their content
}

// buildForest makes the trees. It fails where two rows match one encoding.
func buildForest(rows []isa.Row) (*forest, error) {
	slots := make([][]*isa.Row, layout.Maps*256)
	for i := range rows {
		r := &rows[i]
		n := 1
		if r.Enc.PlusReg {
			n = 8
		} else if r.Enc.PlusCond {
			n = 16
		}
		for b := range n {
			slot := slotOf(r) + b
			slots[slot] = append(slots[slot], r)
		}
	}
	f := &forest{shared: map[string]uint16{}}
	for slot, list := range slots {
		if len(list) == 0 {
			continue
		}
		e, err := f.build(list, dimensions)
		if err != nil {
			return nil, fmt.Errorf("map %d, byte %#02x: %w", slot>>8, slot&0xff, err)
		}
		for _, r := range list {
			if r.Enc.ModRM != list[0].Enc.ModRM {
				return nil, fmt.Errorf("%s and %s disagree whether there is a ModR/M byte", r, list[0])
			}
		}
		if list[0].Enc.ModRM {
			e |= layout.ModRM
		}
		f.opcodes[slot] = e
	}
	if len(f.nodes) > int(layout.Index) || len(rows) > int(layout.Index) {
		return nil, fmt.Errorf("%d words of nodes, %d rows: more than an entry can say", len(f.nodes), len(rows))
	}
	return f, nil
}

// slotOf returns the place of the row's (first) opcode byte.
func slotOf(r *isa.Row) int {
	m := int(r.Enc.Map)
	if r.Enc.Encoding == isa.VEX {
		m += layout.VEX
	}
	return m<<8 | int(r.Enc.Byte)
}

// build returns the entry that chooses between the rows by the dimensions.
func (f *forest) build(list []*isa.Row, dims []dimension) (uint16, error) {
	if len(list) == 0 {
		return 0, nil
	}
	if len(dims) == 0 {
		return best(list)
	}
	d := dims[0]
	n := layout.Size[d.kind]
	node := []uint16{d.kind}
	same := true
	for v := range n {
		var sub []*isa.Row
		for _, r := range list {
			if d.match(&r.Enc, v) {
				sub = append(sub, r)
			}
		}
		e, err := f.build(sub, dims[1:])
		if err != nil {
			return 0, err
		}
		node = append(node, e)
		same = same && e == node[1]
	}
	if same {
		return node[1], nil
	}
	return f.intern(node), nil
}

// intern stores the node, or finds an equal one.
func (f *forest) intern(node []uint16) uint16 {
	key := fmt.Sprint(node)
	if e, ok := f.shared[key]; ok {
		return e
	}
	e := uint16(len(f.nodes)) | layout.Node
	f.nodes = append(f.nodes, node...)
	f.shared[key] = e
	return e
}

// best returns the row that wins where all of the list match.
func best(list []*isa.Row) (uint16, error) {
	top := list[0]
	for _, r := range list[1:] {
		if r.Better(top) {
			top = r
		}
	}
	for _, r := range list {
		if r != top && !top.Better(r) {
			return 0, fmt.Errorf("%s.isa:%d %s and %s.isa:%d %s match the same encoding", top.File, top.Line, top, r.File, r.Line, r)
		}
	}
	return uint16(top.ID), nil
}
