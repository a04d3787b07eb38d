package decode_test

import (
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"emurun/emu/decode"
	"emurun/emu/x86/isa"
)

// second says how x86asm would describe what we decoded: operation and operands.
// It is written from the table's operand codes, so that a wrong code shows.
type second struct {
	op   string
	args []x86asm.Arg
}

// describe translates in, an instance of row r.
func describe(r *isa.Row, in *decode.Inst) second {
	s := second{op: opName(r, in)}
	if implicit[r.Mnemonic] {
		return s
	}
	for _, o := range r.Operands {
		if a := argument(o, in); a != nil {
			s.args = append(s.args, a)
		}
	}
	return s
}

var condition = [16]string{"O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G"}

// opName returns x86asm's name for the operation.
func opName(r *isa.Row, in *decode.Inst) string {
	if name, ok := strings.CutSuffix(r.Mnemonic, "CC"); ok && r.Flags.ReadCond {
		return name + condition[in.Cond]
	}
	if r.Has(isa.StringOp) {
		return stringName(r, in)
	}
	if names, ok := sizedName[r.Mnemonic]; ok {
		return names[in.OpSize>>2]
	}
	if r.Mnemonic == "JRCXZ" && in.AddrSize == 4 {
		return "JECXZ"
	}
	if name, ok := otherName[r.Mnemonic]; ok {
		return name
	}
	return r.Mnemonic
}

// stringName returns the name of a string instruction, which includes its size.
func stringName(r *isa.Row, in *decode.Inst) string {
	name := r.Mnemonic[strings.IndexByte(r.Mnemonic, '_')+1:]
	size := uint8(1)
	for _, o := range r.Operands {
		if o.Size == isa.SizeV || o.Size == isa.SizeZ {
			size = in.OpSize
		}
		if o.Size == isa.SizeZ {
			size = min(size, 4)
		}
	}
	return name + string(" BW D   Q"[size])
}

// sizedName are operations whose name depends on the operand size 16, 32, 64.
var sizedName = map[string][3]string{
	"IRET":  {"IRET", "IRETD", "IRETQ"},
	"PUSHF": {"PUSHF", "", "PUSHFQ"},
	"POPF":  {"POPF", "", "POPFQ"},
}

// otherName are operations that x86asm spells differently.
var otherName = map[string]string{
	"MOVSD": "MOVSD_XMM", "CMPSD": "CMPSD_XMM",
	"CALLF": "LCALL", "JMPF": "LJMP", "RETF": "LRET", "INT3": "INT", "XLAT": "XLATB", "INT1": "ICEBP",
}

// implicit are operations whose operands x86asm does not show.
var implicit = map[string]bool{
	"CBW": true, "CWDE": true, "CDQE": true, "CWD": true, "CDQ": true, "CQO": true,
}

// anyWidth are rows with a 16-bit general register that x86asm shows in another width.
var anyWidth = map[uint16]bool{
	decode.RowMov_SwEw: true, decode.RowPinsrw_VxEwIb: true, decode.RowPinsrw_PqEwIb: true,
	decode.RowLar_GvEw: true, decode.RowLsl_GvEw: true, decode.RowMovsxd_GwEw: true,
}

// argument returns x86asm's form of an operand.
func argument(o isa.Operand, in *decode.Inst) x86asm.Arg {
	size := bytesOf(o.Size, in)
	switch o.Kind {
	case isa.KindE, isa.KindM, isa.KindQ, isa.KindW:
		if in.IsMem {
			return memory(in)
		}
	}
	switch o.Kind {
	case isa.KindE, isa.KindR:
		return general(in.RM, size, in.Rex)
	case isa.KindZ:
		return general(in.RM, size, in.Rex)
	case isa.KindG:
		return general(in.Reg, size, in.Rex)
	case isa.KindReg:
		return general(o.Reg, size, in.Rex)
	case isa.KindP:
		return x86asm.M0 + x86asm.Reg(in.Reg)
	case isa.KindQ, isa.KindN:
		return x86asm.M0 + x86asm.Reg(in.RM)
	case isa.KindV:
		return x86asm.X0 + x86asm.Reg(in.Reg)
	case isa.KindW, isa.KindU:
		return x86asm.X0 + x86asm.Reg(in.RM)
	case isa.KindXMM0:
		return x86asm.X0
	case isa.KindST0:
		return x86asm.F0
	case isa.KindST:
		return x86asm.F0 + x86asm.Reg(in.RM)
	case isa.KindS:
		return x86asm.ES + x86asm.Reg(in.Reg)
	case isa.KindSeg:
		return x86asm.ES + x86asm.Reg(o.Reg)
	case isa.KindC:
		return x86asm.CR0 + x86asm.Reg(in.Reg)
	case isa.KindD:
		return x86asm.DR0 + x86asm.Reg(in.Reg)
	case isa.KindJ:
		return x86asm.Rel(in.Imm)
	case isa.KindI:
		if o.Code == "Ib" && in.Row == decode.RowEnter_IwIb {
			return x86asm.Imm(in.Imm2)
		}
		return x86asm.Imm(in.Imm)
	case isa.KindOne:
		return x86asm.Imm(1)
	case isa.KindO:
		return x86asm.Mem{Segment: segment(in), Disp: in.Disp}
	case isa.KindX:
		return x86asm.Mem{Segment: segment(in), Base: general(6, int(in.AddrSize), true)}
	case isa.KindY:
		return x86asm.Mem{Base: general(7, int(in.AddrSize), true)}
	}
	return nil
}

// bytesOf returns the width of an operand in bytes.
func bytesOf(s isa.Size, in *decode.Inst) int {
	switch s {
	case isa.SizeB, isa.SizeBS:
		return 1
	case isa.SizeW:
		return 2
	case isa.SizeD:
		return 4
	case isa.SizeQ:
		return 8
	case isa.SizeX:
		return 16
	case isa.SizeT, isa.SizeS:
		return 10
	case isa.SizeV:
		return int(in.OpSize)
	case isa.SizeY:
		return max(4, int(in.OpSize))
	case isa.SizeZ:
		return min(4, int(in.OpSize))
	case isa.SizeP:
		return int(in.OpSize) + 2
	}
	return 0
}

// general returns the general register n of a width.
func general(n uint8, size int, rex bool) x86asm.Reg {
	r := x86asm.Reg(n)
	switch size {
	case 1:
		if rex && n >= 4 {
			return x86asm.SPB + r - 4
		}
		return x86asm.AL + r
	case 2:
		return x86asm.AX + r
	case 4:
		return x86asm.EAX + r
	}
	return x86asm.RAX + r
}

// memory returns the memory operand in x86asm's form.
func memory(in *decode.Inst) x86asm.Mem {
	m := x86asm.Mem{Segment: segment(in), Disp: in.Disp}
	if in.RIPRel {
		m.Base = x86asm.RIP
		if in.AddrSize == 4 {
			m.Base = x86asm.EIP
		}
	}
	if in.Base != decode.None {
		m.Base = general(in.Base, int(in.AddrSize), true)
	}
	if in.Index != decode.None {
		m.Index, m.Scale = general(in.Index, int(in.AddrSize), true), 1<<in.Scale
	}
	return m
}

// segment returns the segment override.
func segment(in *decode.Inst) x86asm.Reg {
	switch in.Seg {
	case decode.SegFS:
		return x86asm.FS
	case decode.SegGS:
		return x86asm.GS
	}
	return 0
}

// compare returns the first difference between our decoding and x86asm's.
func compare(r *isa.Row, in *decode.Inst, code []byte) string {
	x, err := x86asm.Decode(code, 64)
	if err != nil || x.Op == 0 || x.Len != int(in.Len) {
		return fmt.Sprintf("x86asm: %v, op %v, length %d", err, x.Op, x.Len)
	}
	want := describe(r, in)
	if want.op != x.Op.String() {
		return fmt.Sprintf("op %s, x86asm %s", want.op, x.Op)
	}
	for i, a := range want.args {
		if anyWidth[in.Row] && r.Operands[i].Size == isa.SizeW && !in.IsMem {
			a = sameRegister(a, x.Args[i])
		}
		if x.Args[i] == nil || !sameArg(a, x.Args[i], max(1, bytesOf(r.Operands[i].Size, in))) {
			return fmt.Sprintf("operand %s, x86asm %v", r.Operands[i].Code, x.Args[i])
		}
	}
	if n := len(want.args); n < len(x.Args) && x.Args[n] != nil {
		return "more operands"
	}
	return ""
}

// sameRegister returns got if it is the general register a in another width.
func sameRegister(a, got x86asm.Arg) x86asm.Arg {
	w, ok1 := a.(x86asm.Reg)
	g, ok2 := got.(x86asm.Reg)
	if ok1 && ok2 && w >= x86asm.AX && g >= x86asm.AX && g <= x86asm.R15 && (g-w)%16 == 0 {
		return got
	}
	return a
}

// sameArg compares an operand, allowing for the known spellings of x86asm:
// displacements and immediates are compared in their own width, and CS, DS, ES
// and SS overrides mean nothing.
func sameArg(want, got x86asm.Arg, width int) bool {
	switch w := want.(type) {
	case x86asm.Mem:
		g, ok := got.(x86asm.Mem)
		if !ok {
			return false
		}
		if g.Segment != x86asm.FS && g.Segment != x86asm.GS {
			g.Segment = 0
		}
		if g.Index == 0 {
			g.Scale = 0
		}
		if g.Disp != w.Disp && uint32(g.Disp) == uint32(w.Disp) && g.Disp>>32 == 0 {
			g.Disp = w.Disp
		}
		return w == g
	case x86asm.Imm:
		g, ok := got.(x86asm.Imm)
		shift := 64 - 8*width
		return ok && w<<shift == g<<shift
	}
	return want == got
}
