package main

import (
	"fmt"
	"strings"

	"emurun/emu/x86/isa"
)

// kinds are the flag records that specialised conditions tell apart, by number.
var kinds = []string{"", "any", "Add", "Sub", "Logic", "Shift"}

// kindOf is the number of the record that the form leaves.
func (f *form) kindOf() int {
	switch k := f.h.flagKind(); k {
	case "", "Set", "Merge":
		return 0
	case "Add", "Sub", "Logic", "Shift":
		for i, n := range kinds {
			if n == k {
				return i
			}
		}
	}
	return 1
}

// tableFile is the translator's view: from row, size and memory to code.
func (g *generator) tableFile() string {
	var b strings.Builder
	b.WriteString(g.flowConstants())
	fmt.Fprintf(&b, "const condSpecs = %d\n\n", specs())
	b.WriteString("// condSpec is the number of the specialised condition by kind of record and condition code, or 0.\n")
	fmt.Fprintf(&b, "var condSpec = [%d][16]uint8{\n", len(kinds))
	for _, k := range kinds {
		b.WriteString("{")
		for cc := range 16 {
			fmt.Fprintf(&b, "%d, ", spec(k, cc))
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n\n// fuseCmp and fuseTest are 1 + the offset of the fused case by condition code, or 0.\n")
	for _, n := range []string{"cmp", "test"} {
		fmt.Fprintf(&b, "var fuse%s%s = [16]uint8{", strings.ToUpper(n[:1]), n[1:])
		for i, cc := range fusable(n) {
			fmt.Fprintf(&b, "%d: %d, ", cc, i+1)
		}
		b.WriteString("}\n\n")
	}
	fmt.Fprintf(&b, "// formIndex finds the form: [row][operand size 2, 4, 8][r/m in memory].\nvar formIndex = [...]uint16{")
	for i, n := range g.index {
		if i%6 == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%d, ", n)
	}
	b.WriteString("\n}\n\nvar forms = [...]form{\n")
	for i, f := range g.forms {
		if f != nil {
			fmt.Fprintf(&b, "%d: %s, // %s\n", i, f.literal(), f.row)
		}
	}
	b.WriteString("}\n")
	return b.String() + g.pairTable()
}

// literal is the form as Go writes it.
func (f *form) literal() string {
	var l []string
	add := func(name string, v any) { l = append(l, fmt.Sprintf("%s: %v", name, v)) }
	code := f.code
	if code == 0 {
		code = 1 // opCold
	}
	add("code", code)
	add("fn", f.fn)
	if f.nf != 0 {
		add("nf", f.nf)
	}
	if f.cond != 0 {
		add("cond", f.cond)
	}
	for i, n := range []int{f.rm, f.reg, f.ext} {
		if n >= 0 {
			add([]string{"rm", "reg", "ext"}[i], n+1)
		}
	}
	add("size", f.opSize())
	if k := f.kindOf(); k != 0 {
		add("kind", k)
	}
	if r := statusBits(f.row.Flags.Read); r != 0 {
		add("reads", r)
	}
	if w := f.surely(); w != 0 {
		add("writes", w)
	}
	if a := f.attributes(); a != "" {
		add("attr", a)
	}
	return "{" + strings.Join(l, ", ") + "}"
}

// attributes are the facts that the translator acts on.
func (f *form) attributes() string {
	var l []string
	r := f.row
	add := func(name string, has bool) {
		if has {
			l = append(l, name)
		}
	}
	add("formSwap", f.swap)
	add("formOne", f.one)
	add("formFault", f.mem && r.MayAccessMemory() || implicitMemory(r) || r.Has(isa.MayFault|isa.FP|isa.X87|isa.Priv|isa.StringOp))
	add("formStack", usesStack(r))
	add("formByteRM", f.byteRegister(atRM))
	add("formByteReg", f.byteRegister(atReg))
	add("formCond", f.h.cond && !r.Has(isa.Branch))
	add("formCount", r.Flags.WriteCond)
	add("formEnd", r.Has(isa.Branch|isa.Rep) || r.Mnemonic == "POPF")
	add("formCmp", f.h.name == "cmp" && f.hot)
	add("formTest", f.h.name == "test" && f.hot)
	add("formJcc", f.row.Flags.ReadCond && r.Has(isa.Branch))
	return strings.Join(l, " | ")
}

func implicitMemory(r *isa.Row) bool {
	for _, m := range r.Implicit {
		if m.Memory {
			return true
		}
	}
	return false
}

// usesStack reports whether the row accesses the stack without naming it.
func usesStack(r *isa.Row) bool {
	for _, m := range r.Implicit {
		if m.Memory && (m.Reg == "rsp" || m.Reg == "rbp") {
			return true
		}
	}
	return false
}

// byteRegister reports whether the operand there may be AH to BH, which only the cold
// function knows.
func (f *form) byteRegister(at place) bool {
	for _, o := range f.ops {
		if o.size == 1 && o.at == at {
			return true
		}
	}
	return false
}
