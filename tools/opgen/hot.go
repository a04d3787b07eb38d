package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"emurun/emu/x86/isa"
)

// next advances to the following cell of the block.
const next = "op = (*Op)(unsafe.Add(unsafe.Pointer(op), unsafe.Sizeof(Op{})))"

// emitCases gives every hot form its cases: plain, without flags, by condition, and fused
// with a following conditional jump.
func (g *generator) emitCases() {
	g.flowCases()
	for _, s := range g.shared {
		if !s.hot {
			continue
		}
		if s.f.h.cond {
			g.conditionCases(s)
			continue
		}
		body := g.hotBody(s, false, "")
		s.code = g.newCase(s.key, body+next+"\ncontinue")
		if g.setsFlags(s) {
			s.nf = g.newCase(s.key+", no flags", g.hotBody(s, true, "")+next+"\ncontinue")
		}
		if s.f.h.name == "cmp" || s.f.h.name == "test" {
			g.fusedCases(s, body)
		}
	}
}

// newCase adds a case and returns its code.
func (g *generator) newCase(name, body string) int {
	g.cases = append(g.cases, body)
	g.names = append(g.names, name)
	return len(g.cases) - 1
}

var flagCall = regexp.MustCompile(`\bflags(Add|Adc|Sub|Sbb|Logic|Inc|Dec|Shift|Set|Merge)\b`)

// flagKind is the kind of the record that h leaves: the name of its flag setter, or nothing.
func (h *handler) flagKind() string {
	kind := ""
	for _, m := range flagCall.FindAllStringSubmatch(h.src, -1) {
		if kind != "" && kind != m[1] {
			return ""
		}
		kind = m[1]
	}
	return kind
}

// setsFlags reports whether a version without flags can exist and differs.
func (g *generator) setsFlags(s *shared) bool {
	if !flagCall.MatchString(s.f.h.src) {
		return false
	}
	_, err := g.call(s, true, "")
	return err == nil && s.f.h.name != "cmp" && s.f.h.name != "test"
}

// hotBody is the statements of a form: fetch, handler, memory results, registers.
func (g *generator) hotBody(s *shared, nf bool, cond string) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if s.f.usesAddress() {
		put("a_ := c.R[op.base&31] + c.R[op.index&31]<<(op.scale&3) + op.disp")
		if s.f.row.Has(isa.Align16) {
			put("if a_&15 != 0 { fault(c, x86.VecGP, 0); goto fault }")
		}
	}
	for i, o := range s.f.ops {
		s.hotRead(put, i, o)
	}
	for i, o := range s.f.ops {
		if o.role.Writes() {
			put("var r%d_ %s", i, s.operandType(o))
		}
	}
	if s.lanes {
		b.WriteString(g.laneBody(s, nf))
		s.hotWrite(put, 0, s.f.ops[0])
		return b.String()
	}
	call, err := g.call(s, nf, cond)
	if err != nil {
		call = s.plainCall(cond)
	}
	b.WriteString(call)
	for pass := range 2 {
		for i := len(s.f.ops) - 1; i >= 0; i-- {
			if o := s.f.ops[i]; o.role.Writes() && (o.at == atMem) == (pass == 0) {
				s.hotWrite(put, i, o)
			}
		}
	}
	return b.String()
}

// laneBody is the handler's body for the low half and again for the high half, or a call
// for each if it cannot be spliced.
func (g *generator) laneBody(s *shared, nf bool) string {
	args, _ := s.arguments("")
	body := ""
	for _, half := range []string{".Lo", ".Hi"} {
		part, err := g.splice(s.f.h, s.bound, s.laneArgs(args, half), []string{"r0_" + half}, nf, "goto fault")
		if err != nil {
			return "r0_ = " + s.laneCall(args) + "\n"
		}
		body += part
	}
	return body
}

func (s *shared) operandType(o operand) string {
	if s.f.row.Has(isa.Keep64) && o.role.Writes() {
		return "uint64"
	}
	return o.typ
}

// call is the spliced body of the handler.
func (g *generator) call(s *shared, nf bool, cond string) (string, error) {
	args, outs := s.arguments(cond)
	return g.splice(s.f.h, s.bound, args, outs, nf, "goto fault")
}

func (s *shared) arguments(cond string) (args, outs []string) {
	if s.f.h.hasC {
		args = append(args, "c")
	}
	if s.f.h.cond {
		args = append(args, cond)
	}
	for i, o := range s.f.ops {
		switch {
		case o.role == isa.RoleAddress:
			args = append(args, "a_")
		case o.role.Reads():
			args = append(args, fmt.Sprintf("v%d_", i))
		}
		if o.role.Writes() {
			outs = append(outs, fmt.Sprintf("r%d_", i))
		}
	}
	return args, outs
}

// plainCall calls a handler that cannot be spliced.
func (s *shared) plainCall(cond string) string {
	args, outs := s.arguments(cond)
	call := fmt.Sprintf("%s%s(%s)", s.f.h.name, s.f.h.args(s.bound), strings.Join(args, ", "))
	switch {
	case s.f.h.ok && len(outs) == 0:
		return fmt.Sprintf("if !%s { goto fault }\n", call)
	case s.f.h.ok:
		return fmt.Sprintf("var ok_ bool\n%s, ok_ = %s\nif !ok_ { goto fault }\n", strings.Join(outs, ", "), call)
	case len(outs) > 0:
		return fmt.Sprintf("%s = %s\n", strings.Join(outs, ", "), call)
	}
	return call + "\n"
}

func (s *shared) hotRead(put func(string, ...any), i int, o operand) {
	if o.at != atMem {
		if o.role.Reads() {
			put("v%d_ := %s", i, s.readReg(o, false))
		}
		return
	}
	if o.role.Writes() && (o.role.Reads() || s.probes()) {
		typ, n := o.typ, o.size
		if n == 16 {
			typ = "[2]uint64"
		}
		put(`var p%[1]d_ *%[2]s
if e_ := &space.TLB.Write[a_>>12&(mem.TLBSize-1)]; e_.Tag == %[4]s&^4095 {
	p%[1]d_ = (*%[2]s)(unsafe.Add(e_.Page, a_&4095))
} else if q_ := space.WriteSlow(a_, %[3]d, &c.Bounce, &c.Exc); q_ != nil {
	p%[1]d_ = (*%[2]s)(q_)
} else {
	goto fault
}`, i, typ, n, end("a_", n))
		if o.role.Reads() && n == 16 {
			put("v%d_ := XMM{Lo: le(p%d_[0]), Hi: le(p%d_[1])}", i, i, i)
		} else if o.role.Reads() {
			put("v%d_ := *p%d_\nif bigEndian { v%d_ = le(v%d_) }", i, i, i, i)
		}
		return
	}
	switch {
	case !o.role.Reads():
	case o.size == 16:
		put(`var v%[1]d_ XMM
if e_ := &space.TLB.Read[a_>>12&(mem.TLBSize-1)]; e_.Tag == (a_+15)&^4095 {
	q_ := (*[2]uint64)(unsafe.Add(e_.Page, a_&4095))
	v%[1]d_.Lo, v%[1]d_.Hi = q_[0], q_[1]
} else if q_ := space.ReadSlow(a_, 16, &c.Bounce, &c.Exc); q_ != nil {
	v%[1]d_.Lo, v%[1]d_.Hi = (*[2]uint64)(q_)[0], (*[2]uint64)(q_)[1]
} else {
	goto fault
}
if bigEndian { v%[1]d_.Lo, v%[1]d_.Hi = le(v%[1]d_.Lo), le(v%[1]d_.Hi) }`, i)
	default:
		put("var v%d_ %s\n%s", i, o.typ, loadInline(fmt.Sprintf("v%d_", i), o.typ, "a_", "goto fault"))
	}
}

func (s *shared) hotWrite(put func(string, ...any), i int, o operand) {
	r := fmt.Sprintf("r%d_", i)
	switch {
	case o.at != atMem:
		put("%s", s.writeReg(o, r, false))
	case o.size == 16 && !o.role.Reads() && !s.probes():
		put(`if e_ := &space.TLB.Write[a_>>12&(mem.TLBSize-1)]; !bigEndian && e_.Tag == (a_+15)&^4095 {
	q_ := (*[2]uint64)(unsafe.Add(e_.Page, a_&4095))
	q_[0], q_[1] = %[1]s.Lo, %[1]s.Hi
} else if !storeXMM(c, a_, %[1]s) {
	goto fault
}`, r)
	case o.size == 16:
		put("p%d_[0], p%d_[1] = le(%s.Lo), le(%s.Hi)\nflush(c, a_, p%d_)", i, i, r, r, i)
	case o.role.Reads() || s.probes():
		put(`if bigEndian { r%[1]d_ = le(r%[1]d_) }
*p%[1]d_ = r%[1]d_
if unsafe.Pointer(p%[1]d_) == unsafe.Pointer(&c.Bounce) { space.Flush(a_, %[2]d, &c.Bounce) }`, i, o.size)
	default:
		put("%s", storeInline(r, o.typ, "a_", "goto fault"))
	}
}

// A specialised condition knows statically what kind of record it reads. op.cc is what
// moves the top bit of the record's operands to bit 63.
type condition struct {
	kind string // "" for every kind but exact
	cc   int    // even; the odd one is its negation
	expr string
}

var conditions = []condition{
	{"", 4, "c.FlagRes == 0"},
	{"", 8, "int64(c.FlagRes<<(op.cc&63)) < 0"},
	{"", 10, "0x9669>>((c.FlagRes^c.FlagRes>>4)&15)&1 != 0"},
	{"Sub", 2, "(c.FlagRes+c.FlagSrc)<<(op.cc&63) < c.FlagSrc<<(op.cc&63)"},
	{"Sub", 6, "(c.FlagRes+c.FlagSrc)<<(op.cc&63) <= c.FlagSrc<<(op.cc&63)"},
	{"Sub", 12, "int64((c.FlagRes+c.FlagSrc)<<(op.cc&63)) < int64(c.FlagSrc<<(op.cc&63))"},
	{"Sub", 14, "int64((c.FlagRes+c.FlagSrc)<<(op.cc&63)) <= int64(c.FlagSrc<<(op.cc&63))"},
	{"Logic", 6, "c.FlagRes == 0"},
	{"Logic", 12, "int64(c.FlagRes<<(op.cc&63)) < 0"},
	{"Logic", 14, "int64(c.FlagRes<<(op.cc&63)) <= 0"},
	{"Add", 2, "c.FlagRes<<(op.cc&63) < c.FlagSrc<<(op.cc&63)"},
	{"Shift", 2, "c.FlagSrc&1 != 0"},
}

// specs is the number of specialised conditions with their negations, and 0 for none.
func specs() int { return 2*len(conditions) + 1 }

// spec is the number of the condition for flags of the given kind, or 0.
func spec(kind string, cc int) int {
	if kind == "" || kind == "Set" || kind == "Merge" {
		return 0
	}
	for i, x := range conditions {
		if x.cc == cc&^1 && (x.kind == "" || x.kind == kind) {
			return 1 + 2*i + cc&1
		}
	}
	return 0
}

// conditionCases makes the cases of SETcc and CMOVcc.
func (g *generator) conditionCases(s *shared) {
	s.code = g.newCase(s.key, g.hotBody(s, false, "condition(c, op.ext)")+next+"\ncontinue")
	s.cond = g.condTable(func(expr string) string { return g.hotBody(s, false, expr) + next + "\ncontinue" }, s.key)
}

// condTable makes a case for each specialised condition; they have consecutive codes.
func (g *generator) condTable(body func(expr string) string, name string) int {
	first := 0
	for _, x := range conditions {
		code := g.newCase(fmt.Sprintf("%s, %s condition %d", name, x.kind, x.cc), body(x.expr))
		if first == 0 {
			first = code
		}
		g.newCase(fmt.Sprintf("%s, %s condition %d", name, x.kind, x.cc+1), body("!("+x.expr+")"))
	}
	return first
}

// fusable are the conditions that CMP, or else TEST, is fused with.
func fusable(name string) []int {
	if name == "test" {
		return []int{4, 5, 8, 9, 14, 15}
	}
	return []int{2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15}
}

// fusedExpr is condition cc on the operands of CMP or TEST.
func fusedExpr(name, typ string, cc int) string {
	x, y := "v0_", "v1_"
	if name == "test" {
		x, y = "(v0_&v1_)", "0"
	}
	op := map[int]string{2: "<", 4: "==", 6: "<=", 8: "<", 12: "<", 14: "<="}[cc&^1]
	signed := cc >= 8
	switch {
	case cc&^1 == 8 && name == "cmp":
		x, y = fmt.Sprintf("int%d(v0_-v1_)", 8*width(typ)), "0"
	case signed && name == "cmp":
		x, y = fmt.Sprintf("int%d(v0_)", 8*width(typ)), fmt.Sprintf("int%d(v1_)", 8*width(typ))
	case signed:
		x = fmt.Sprintf("int%d%s", 8*width(typ), x)
	}
	e := fmt.Sprintf("%s %s %s", x, op, y)
	if cc&1 != 0 {
		return "!(" + e + ")"
	}
	return e
}

// fusedCases makes the cases of s followed by a conditional jump.
func (g *generator) fusedCases(s *shared, body string) {
	typ := s.f.ops[0].typ
	for _, cc := range fusable(s.f.h.name) {
		code := g.newCase(fmt.Sprintf("%s and jcc %d", s.key, cc),
			body+"if "+fusedExpr(s.f.h.name, typ, cc)+" {\n"+gotoTaken+"}\n"+gotoNext)
		if cc == fusable(s.f.h.name)[0] {
			s.cond = code
		}
	}
}

// switchFile is the run function.
func (g *generator) switchFile() string {
	var b strings.Builder
	head := switchHead
	if count {
		head = strings.Replace(head, "switch op.code", "countPair(op)\n\t\tswitch op.code", 1)
	}
	b.WriteString(head)
	for i, body := range g.cases {
		fmt.Fprintf(&b, "case %d: // %s\n%s\n", i, g.names[i], body)
	}
	b.WriteString(switchTail)
	if count {
		fmt.Fprintf(&b, "\nvar caseNames = [...]string{\n")
		for _, n := range g.names {
			fmt.Fprintf(&b, "%q,\n", n)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
