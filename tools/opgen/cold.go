package main

import (
	"fmt"
	"strings"

	"emurun/emu/x86/isa"
)

// coldFile is the functions of all forms and the table of them.
func (g *generator) coldFile() string {
	var b, table strings.Builder
	for i, s := range g.shared {
		if s.direct {
			fmt.Fprintf(&table, "\t%d: %s%s,\n", i, s.f.h.name, s.f.h.args(s.bound))
			continue
		}
		fmt.Fprintf(&table, "\t%d: cold%d,\n", i, i)
		fmt.Fprintf(&b, "// cold%d is %s.\nfunc cold%d(c *CPU, op *Op) bool {\n%s}\n\n", i, s.key, i, s.coldBody())
	}
	return "import \"emurun/emu/x86\"\n\nvar _ x86.F80\n\n" +
		"// coldTable holds the cold function of every form by its number.\nvar coldTable = [...]func(c *CPU, op *Op) bool{\n" +
		table.String() + "}\n\n" + b.String()
}

// coldBody fetches the operands, calls the handler and writes the results, memory first.
func (s *shared) coldBody() string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	r, h := s.f.row, s.f.h
	if r.Has(isa.Wait | isa.MMX) {
		put("if !waitFPU(c) { return false }")
	}
	if s.f.usesAddress() {
		put("a_ := ea(c, op)")
		if r.Has(isa.Align16) {
			put("if !aligned16(c, a_) { return false }")
		}
	}
	if h.full {
		put("if !%s%s(c, op) { return false }", h.name, h.args(s.bound))
		s.fip(put)
		put("return true")
		return b.String()
	}
	var args, outs []string
	if h.hasC {
		args = append(args, "c")
	}
	if h.cond {
		args = append(args, "condition(c, op.ext)")
	}
	for i, o := range s.f.ops {
		args = append(args, s.coldRead(put, i, o)...)
		if o.role.Writes() && o.at != atST {
			outs = append(outs, fmt.Sprintf("r%d_", i))
		}
	}
	if r.Has(isa.MMX) {
		put("enterMMX(c)")
	}
	if s.lanes {
		put("r0_ := %s", s.laneCall(args))
		for _, o := range s.f.ops[:1] {
			s.coldWrite(put, 0, o)
		}
		put("return true")
		return b.String()
	}
	call := fmt.Sprintf("%s%s(%s)", h.name, h.args(s.bound), strings.Join(args, ", "))
	switch {
	case h.ok && len(outs) == 0:
		put("if !%s { return false }", call)
	case h.ok:
		put("%s, ok_ := %s\nif !ok_ { return false }", strings.Join(outs, ", "), call)
	case len(outs) > 0:
		put("%s := %s", strings.Join(outs, ", "), call)
	default:
		put("%s", call)
	}
	for pass := range 2 { // memory first, and the destination last of the registers
		for i := len(s.f.ops) - 1; i >= 0; i-- {
			if o := s.f.ops[i]; o.role.Writes() && o.at != atST && (o.at == atMem) == (pass == 0) {
				s.coldWrite(put, i, o)
			}
		}
	}
	s.fip(put)
	put("return true")
	return b.String()
}

// laneCall applies the handler to the low and the high halves of its XMM arguments.
func (s *shared) laneCall(args []string) string {
	half := func(part string) string {
		return s.f.h.name + "(" + strings.Join(s.laneArgs(args, part), ", ") + ")"
	}
	return "XMM{Lo: " + half(".Lo") + ", Hi: " + half(".Hi") + "}"
}

// laneArgs are the handler's arguments for one half.
func (s *shared) laneArgs(args []string, part string) []string {
	var list []string
	for _, o := range s.f.ops {
		if !o.role.Reads() {
			continue
		}
		a := args[len(list)]
		if o.typ == "XMM" {
			a += part
		}
		list = append(list, a)
	}
	return list
}

// fip records the instruction in the x87 pointers.
func (s *shared) fip(put func(string, ...any)) {
	if s.f.row.Has(isa.FIP) {
		if s.f.usesAddress() {
			put("recordFPU(c, op, a_)")
		} else {
			put("recordFPU(c, op, 0)")
		}
	}
}

func (f *form) usesAddress() bool {
	if f.h.full {
		return f.mem && f.row.Has(isa.Align16|isa.FIP)
	}
	for _, o := range f.ops {
		if o.at == atAddr || o.at == atMem && o.role != isa.RoleNone {
			return true
		}
	}
	return false
}

// probes reports whether a pure store must be proved possible before the handler runs,
// because there are other effects before the store.
func (s *shared) probes() bool { return s.f.h.hasC || s.f.row.Has(isa.MMX) }

// coldRead emits the fetch of operand i and returns it as an argument, if it is one.
func (s *shared) coldRead(put func(string, ...any), i int, o operand) []string {
	v := fmt.Sprintf("v%d_", i)
	if o.at == atMem && o.role.Writes() && (o.role.Reads() || s.probes()) {
		switch o.size {
		case 16:
			put("p%d_, pok%d_ := modifyXMM(c, a_)\nif !pok%d_ { return false }", i, i, i)
			if o.role.Reads() {
				put("%s := XMM{Lo: le(p%d_[0]), Hi: le(p%d_[1])}", v, i, i)
			}
		case 10:
			put("if !probe(c, a_, 10) { return false }")
		default:
			put("p%d_, pok%d_ := modify[%s](c, a_)\nif !pok%d_ { return false }", i, i, o.typ, i)
			if o.role.Reads() {
				put("%s := le(*p%d_)", v, i)
			}
		}
		if o.role.Reads() {
			return []string{v}
		}
		return nil
	}
	if o.at == atST {
		return []string{"op.rm & 7"}
	}
	if o.role == isa.RoleAddress {
		return []string{"a_"}
	}
	if !o.role.Reads() {
		return nil
	}
	switch {
	case o.at == atMem && o.size == 16:
		put("%s, ok%d_ := loadXMM(c, a_)\nif !ok%d_ { return false }", v, i, i)
	case o.at == atMem && o.size == 10:
		put("%s, ok%d_ := loadF80(c, a_)\nif !ok%d_ { return false }", v, i, i)
	case o.at == atMem:
		put("%s, ok%d_ := load[%s](c, a_)\nif !ok%d_ { return false }", v, i, o.typ, i)
	default:
		return []string{s.readReg(o, true)}
	}
	return []string{v}
}

var field = map[place]string{
	atRM: "op.rm", atReg: "op.reg", atExt: "op.ext", atXRM: "op.rm", atXReg: "op.reg", atXExt: "op.ext",
	atX0: "0", atMRM: "op.rm", atMReg: "op.reg",
}

// readReg is the expression of an operand that is not in memory.
func (s *shared) readReg(o operand, cold bool) string {
	n := field[o.at]
	switch o.at {
	case atImm:
		return o.typ + "(op.imm)"
	case atXRM, atXReg, atXExt, atX0:
		x := "c.X[" + n + "&15]"
		if o.size < 16 {
			return fmt.Sprintf("%s(%s.Lo)", o.typ, x)
		}
		return x
	case atMRM, atMReg:
		return fmt.Sprintf("%s(c.FPU.ST[%s&7].Mant)", o.typ, n)
	}
	if s.f.row.Has(isa.Keep64) && o.role.Writes() {
		return "c.R[" + n + "&31]"
	}
	if cold && o.size == 1 {
		return fmt.Sprintf("reg[uint8](c, %s)", n)
	}
	return fmt.Sprintf("%s(c.R[%s&31])", o.typ, n)
}

func (s *shared) coldWrite(put func(string, ...any), i int, o operand) {
	r := fmt.Sprintf("r%d_", i)
	if o.at != atMem {
		put("%s", s.writeReg(o, r, true))
		return
	}
	switch {
	case o.size == 10:
		put("if !storeF80(c, a_, %s) { return false }", r)
	case o.size == 16 && (o.role.Reads() || s.probes()):
		put("p%d_[0], p%d_[1] = le(%s.Lo), le(%s.Hi)\nflush(c, a_, p%d_)", i, i, r, r, i)
	case o.size == 16:
		put("if !storeXMM(c, a_, %s) { return false }", r)
	case o.role.Reads() || s.probes():
		put("*p%d_ = le(%s)\nflush(c, a_, p%d_)", i, r, i)
	default:
		put("if !store(c, a_, %s) { return false }", r)
	}
}

// writeReg is the statement that writes r to an operand that is not in memory.
func (s *shared) writeReg(o operand, r string, cold bool) string {
	n := field[o.at]
	zx := s.f.row.Has(isa.ZX) || s.f.row.Enc.Encoding != isa.Legacy
	switch o.at {
	case atXRM, atXReg, atXExt, atX0:
		x := "c.X[" + n + "&15]"
		switch {
		case o.size == 16:
			return fmt.Sprintf("%s = %s", x, r)
		case zx:
			return fmt.Sprintf("%s = XMM{Lo: uint64(%s)}", x, r)
		case o.size == 8:
			return fmt.Sprintf("%s.Lo = %s", x, r)
		}
		return fmt.Sprintf("%s.Lo = %s.Lo&^(1<<%d-1) | uint64(%s)", x, x, o.size*8, r)
	case atMRM, atMReg:
		return fmt.Sprintf("c.FPU.ST[%s&7] = x86.F80{Mant: uint64(%s), SE: 0xffff}", n, r)
	}
	if s.f.row.Has(isa.Keep64) {
		return fmt.Sprintf("c.R[%s&31] = %s", n, r)
	}
	switch {
	case o.size == 1 && cold:
		return fmt.Sprintf("setReg(c, %s, %s)", n, r)
	case o.size <= 2:
		return fmt.Sprintf("c.R[%s&31] = c.R[%s&31]&^(1<<%d-1) | uint64(%s)", n, n, o.size*8, r)
	case o.size == 8:
		return fmt.Sprintf("c.R[%s&31] = %s", n, r)
	}
	return fmt.Sprintf("c.R[%s&31] = uint64(%s)", n, r)
}
