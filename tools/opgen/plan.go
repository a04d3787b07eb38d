package main

import (
	"fmt"
	"strings"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
)

// place is where generated code finds an operand.
type place uint8

const (
	atRM   place = iota // general register op.rm
	atReg               // general register op.reg
	atExt               // general register op.ext
	atMem               // memory at the effective address
	atImm               // op.imm
	atAddr              // the effective address itself
	atXRM               // XMM register op.rm
	atXReg              // XMM register op.reg
	atXExt              // XMM register op.ext
	atX0                // XMM0
	atMRM               // MMX register op.rm
	atMReg              // MMX register op.reg
	atST                // the number op.rm of an x87 register
)

var placeName = [...]string{
	"rm", "reg", "ext", "[mem]", "imm", "addr", "xrm", "xreg", "xext", "xmm0", "mrm", "mreg", "st",
}

// operand is an operand of a form.
type operand struct {
	at   place
	size int
	typ  string
	role isa.Role
}

// form is a row at one operand size with its r/m operand in a register or in memory.
type form struct {
	row  *isa.Row
	size int // operand size in bytes
	mem  bool
	ops  []operand
	h    *handler
	*shared
	swap         bool // the translator exchanges reg and rm
	rm, reg, ext int  // fixed register numbers, or -1
	one          bool // the immediate is the constant 1
}

// shared is the code that equal forms have in common.
type shared struct {
	f      *form // the first of them
	key    string
	fn     int // cold function
	code   int // case of the switch, or 0
	nf     int // the same without flags, or 0
	cond   int // index of the table of specialised conditions, or 0
	bound  map[string]string
	hot    bool
	lanes  bool // the handler works on each half of XMM operands
	direct bool // the handler itself is the cold function
}

// sizes are the operand sizes for which row has forms of its own.
func sizes(r *isa.Row) []int {
	vary := r.Enc.OpSize != 0 || r.Mnemonic == "RETF" || r.Mnemonic == "IRET"
	for _, o := range r.Operands {
		switch o.Size {
		case isa.SizeV, isa.SizeY, isa.SizeZ, isa.SizeBS, isa.SizeP:
			vary = vary || o.Kind != isa.KindJ
		}
	}
	switch {
	case r.Enc.OpSize != 0:
		return []int{int(r.Enc.OpSize) / 8}
	case r.Has(isa.D64):
		return []int{2, 8}
	case r.Has(isa.F64), !vary:
		return []int{8}
	}
	return []int{2, 4, 8}
}

// plan finds form, handler and code of every row.
func (g *generator) plan(rows []isa.Row) {
	g.forms = []*form{nil}
	g.index = make([]uint16, (len(rows)+1)*6)
	for i := range rows {
		r := &rows[i]
		list := sizes(r)
		for _, size := range list {
			for _, mem := range []bool{false, true} {
				if !possible(r, mem) {
					continue
				}
				f := g.newForm(r, size, mem)
				g.forms = append(g.forms, f)
				id := uint16(len(g.forms) - 1)
				if len(list) == 1 && r.Enc.OpSize == 0 {
					for s := range 3 {
						g.index[r.ID*6+s*2+b2i(mem)] = id
					}
				} else {
					g.index[r.ID*6+size/4*2+b2i(mem)] = id
				}
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// possible reports whether the row's r/m operand can be in memory, or else in a register.
func possible(r *isa.Row, mem bool) bool {
	rm := false
	for _, o := range r.Operands {
		switch o.Kind {
		case isa.KindM, isa.KindO:
			return mem
		case isa.KindR, isa.KindN, isa.KindU, isa.KindST:
			return !mem
		case isa.KindE, isa.KindQ, isa.KindW:
			rm = true
		}
	}
	return rm || !mem
}

func (g *generator) newForm(r *isa.Row, size int, mem bool) *form {
	f := &form{row: r, size: size, mem: mem, rm: -1, reg: -1, ext: -1}
	simple := f.place()
	s, err := g.choose(f, simple)
	switch {
	case r.Has(isa.Branch) && flow[r.Handler]:
		s = &shared{key: "flow", direct: true}
		f.h = &handler{name: "missing", full: true}
	case r.Handler == "":
		s = &shared{key: "priv", direct: true}
		f.h = &handler{name: "privileged", full: true}
	case err != nil:
		g.problems = append(g.problems, fmt.Sprintf("%s.isa:%d: %s (size %d, memory %v): %v", r.File, r.Line, r, size, mem, err))
		s = &shared{key: "missing", direct: true}
		f.h = &handler{name: "missing", full: true}
	}
	if old := g.byKey[s.key]; old != nil {
		f.shared = old
		return f
	}
	s.f, f.shared = f, s
	s.fn = len(g.shared)
	g.shared = append(g.shared, s)
	g.byKey[s.key] = s
	return f
}

// flow are the rows whose cases flow.go writes.
var flow = map[string]bool{
	"jmp": true, "jmpInd": true, "jcc": true, "call": true, "callInd": true, "ret": true, "retImm": true,
}

// candidates are the names by which a row's handler goes, best first: that for memory with
// full access, that for these operands, the general one, and of several types the one that
// fits: for XMM registers, for an immediate, for a register, for memory.
func candidates(r *isa.Row, mem bool) []string {
	codes := ""
	for _, o := range r.Operands {
		codes += o.Code
	}
	names := []string{r.Handler + codes, r.Handler, r.Handler + "X", r.Handler + "Imm", r.Handler + "R", r.Handler + "M"}
	switch {
	case mem && (r.Has(isa.BitString) || r.Mnemonic == "POP"):
		names = append([]string{r.Handler + "Mem"}, names...)
	case !mem && r.Mnemonic == "CMPXCHG":
		names = append([]string{r.Handler + "Reg"}, names...)
	}
	return names
}

// choose finds the handler that fits f and the code that they need. A handler of 64-bit
// lanes serves XMM operands half by half.
func (g *generator) choose(f *form, simple bool) (*shared, error) {
	err := fmt.Errorf("no handler %s", f.row.Handler)
	for _, lanes := range []bool{false, true} {
		for _, n := range candidates(f.row, f.mem) {
			h := g.handlers[n]
			if h == nil || (strings.HasSuffix(n, "Mem") || strings.HasSuffix(n, "Reg")) && !h.full || lanes && h.full {
				continue
			}
			f.h = h
			s, e := f.share(simple, lanes)
			if e == nil {
				g.used[n] = true
				return s, nil
			}
			if !lanes {
				err = e
			}
		}
	}
	return nil, err
}

// place assigns each operand its place; it reports false where a kind has none, so that
// only a handler with full access can do it.
func (f *form) place() bool {
	var taken [3]bool // rm, reg, ext
	ok := true
	for _, o := range f.row.Operands {
		switch o.Kind {
		case isa.KindE, isa.KindR, isa.KindZ, isa.KindU, isa.KindW, isa.KindN, isa.KindQ, isa.KindST, isa.KindM, isa.KindO:
			taken[0] = true
		case isa.KindG, isa.KindV, isa.KindP, isa.KindS, isa.KindC, isa.KindD:
			taken[1] = true
		case isa.KindB, isa.KindH, isa.KindL:
			taken[2] = true
		}
	}
	for _, o := range f.row.Operands {
		if o.Kind == isa.KindST0 {
			continue
		}
		p, fine := f.placeOf(o, &taken)
		ok = ok && fine
		size := f.sizeOf(o)
		f.ops = append(f.ops, operand{p, size, typeOf(size), o.Role})
	}
	f.canonical()
	return ok
}

// canonical exchanges the registers of a form "Gv,Ev", so that it shares "Ev,Gv".
func (f *form) canonical() {
	if f.mem || len(f.ops) < 2 || f.ops[0].at != atReg || f.ops[1].at != atRM {
		return
	}
	f.swap = true
	f.ops[0].at, f.ops[1].at = atRM, atReg
}

func (f *form) placeOf(o isa.Operand, taken *[3]bool) (place, bool) {
	pick := func(reg, mem place) (place, bool) {
		if f.mem {
			if o.Role == isa.RoleAddress {
				return atAddr, true
			}
			return mem, true
		}
		return reg, true
	}
	switch o.Kind {
	case isa.KindE, isa.KindR, isa.KindZ:
		return pick(atRM, atMem)
	case isa.KindM, isa.KindO:
		return pick(atMem, atMem)
	case isa.KindG:
		return atReg, true
	case isa.KindB:
		return atExt, true
	case isa.KindI, isa.KindJ:
		return atImm, true
	case isa.KindOne:
		f.one = true
		return atImm, true
	case isa.KindV:
		return atXReg, true
	case isa.KindW, isa.KindU:
		return pick(atXRM, atMem)
	case isa.KindH, isa.KindL:
		return atXExt, true
	case isa.KindXMM0:
		return atX0, true
	case isa.KindP:
		return atMReg, true
	case isa.KindQ, isa.KindN:
		return pick(atMRM, atMem)
	case isa.KindST:
		return atST, true
	case isa.KindReg:
		return f.fixed(int(o.Reg), taken), true
	}
	return 0, false
}

// fixed puts a fixed register in the first free place.
func (f *form) fixed(n int, taken *[3]bool) place {
	switch {
	case !taken[0]:
		taken[0], f.rm = true, n
		return atRM
	case !taken[1]:
		taken[1], f.reg = true, n
		return atReg
	}
	taken[2], f.ext = true, n
	return atExt
}

// sizeOf is the size of an operand in bytes; 0 for none.
func (f *form) sizeOf(o isa.Operand) int {
	if o.Kind == isa.KindJ || o.Role == isa.RoleAddress {
		return 8
	}
	if o.Kind == isa.KindST {
		return 1
	}
	switch o.Size {
	case isa.SizeB:
		return 1
	case isa.SizeW:
		return 2
	case isa.SizeD:
		return 4
	case isa.SizeQ:
		return 8
	case isa.SizeX:
		return 16
	case isa.SizeT:
		return 10
	case isa.SizeV, isa.SizeBS, isa.SizeZ:
		return f.size
	case isa.SizeY:
		return max(4, f.size)
	}
	return 0
}

func typeOf(size int) string {
	switch size {
	case 1, 2, 4, 8:
		return fmt.Sprintf("uint%d", size*8)
	case 10:
		return "x86.F80"
	case 16:
		return "XMM"
	}
	return "?"
}

// share checks the handler against the form and makes the code that the form needs.
func (f *form) share(simple, lanes bool) (*shared, error) {
	r := f.row
	s := &shared{bound: map[string]string{}, lanes: lanes}
	if f.h.full {
		for _, t := range f.h.tparams {
			s.bound[t] = typeOf(f.opSize())
		}
		s.direct = !r.Has(isa.Wait | isa.FIP | isa.MMX | isa.Align16)
		s.key = fmt.Sprintf("%s%s full %v", f.h.name, f.h.args(s.bound), r.Attr&(isa.Wait|isa.FIP|isa.MMX|isa.Align16))
		return s, nil
	}
	if !simple {
		return nil, fmt.Errorf("%s needs full access", f.h.name)
	}
	var reads, writes []string
	for _, o := range f.ops {
		t := o.typ
		if r.Has(isa.Keep64) && o.role.Writes() {
			t = "uint64"
		}
		if lanes && t == "XMM" {
			t = "uint64"
		}
		if o.role.Reads() || o.role == isa.RoleAddress || o.at == atST {
			reads = append(reads, t)
		}
		if o.role.Writes() && o.at != atST {
			writes = append(writes, t)
		}
	}
	var err error
	if s.bound, err = f.h.bind(reads, writes); err != nil {
		return nil, err
	}
	if f.h.cond != r.Flags.ReadCond {
		return nil, fmt.Errorf("%s: condition", f.h.name)
	}
	if lanes && (f.h.ok || f.h.hasC || len(writes) != 1 || f.ops[0].typ != "XMM" || !f.readsXMM()) {
		return nil, fmt.Errorf("%s is not for lanes", f.h.name)
	}
	s.key = f.h.name + f.h.args(s.bound)
	if lanes {
		s.key += " by lanes"
	}
	for _, o := range f.ops {
		s.key += fmt.Sprintf(" %s%d%s", placeName[o.at], o.size, o.role)
	}
	s.key += " " + (r.Attr & (isa.Wait | isa.FIP | isa.MMX | isa.Align16 | isa.ZX | isa.Keep64)).String()
	s.hot = f.isHot()
	return s, nil
}

// readsXMM reports whether the first operand that is read is an XMM register or 128 bits.
func (f *form) readsXMM() bool {
	for _, o := range f.ops {
		if o.role.Reads() {
			return o.typ == "XMM"
		}
	}
	return false
}

// opSize is the operand size that handlers with full access see.
func (f *form) opSize() int {
	for _, o := range f.row.Operands {
		if o.Size == isa.SizeB && o.Kind != isa.KindI {
			return 1
		}
	}
	return f.size
}

// slow are the handlers that are not worth a case: a call adds little to them. With
// POPCNT in the switch Go would keep its CPU feature test in a register throughout.
var slow = map[string]bool{"div": true, "idiv": true, "popcnt": true}

// isHot reports whether the form is a case of the switch.
func (f *form) isHot() bool {
	r := f.row
	if r.Has(isa.Cold|isa.X87|isa.MMX|isa.Wait|isa.Branch|isa.Rep|isa.Alias) || slow[f.h.name] {
		return false
	}
	for _, o := range f.ops {
		if o.size == 2 && !o.xmm() && !(o.role == isa.RoleRead && len(f.ops) == 2 && f.ops[0].size > 2) || o.at == atX0 {
			return false
		}
	}
	return !strings.HasPrefix(f.h.name, "rc")
}

func (o operand) xmm() bool { return o.at == atXRM || o.at == atXReg || o.at == atXExt || o.at == atX0 }

// statusBits packs the six status flags into the low six bits.
func statusBits(f x86.Flags) uint8 {
	var b uint8
	for i, x := range []x86.Flags{x86.CF, x86.PF, x86.AF, x86.ZF, x86.SF, x86.OF} {
		if f&x != 0 {
			b |= 1 << i
		}
	}
	return b
}

// surely is the flags that the form always sets to new values.
func (f *form) surely() uint8 {
	w := f.row.Flags.Write | f.row.Flags.Undef | f.row.Flags.UndefNot1 | f.row.Flags.UndefBig
	for set, v := range f.row.Flags.Value {
		if v == isa.UndefKept {
			w &^= set
		}
	}
	return statusBits(w)
}
