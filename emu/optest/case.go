package optest

import (
	"encoding/binary"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// Case is one test case with what is known about it.
type Case struct {
	hostcpu.Case
	Form *Form

	Addr    uint64 // linear address of the memory operand, if it has one
	HasAddr bool
	Size    int   // bytes of the memory operand
	Reg, RM uint8 // register operands
	Imm     uint64
}

// builder makes one case.
type builder struct {
	rng
	*Case
	row *isa.Row
	s   *hostcpu.State

	reserved uint16 // registers whose value the addressing must not change
	opReg    uint8  // register in the opcode
	cond     uint8
	rex      bool // emit REX even if it says nothing
	rexW     bool
	addr32   bool
	seg      byte // prefix byte or 0
	mem      memOperand
	imm      []byte
	ripFix   int    // where the RIP-relative displacement is, or -1
	kept     []byte // what the memory operand must contain
}

// Case returns the form's i-th case.
func (f *Form) Case(i int) *Case {
	b := &builder{Case: &Case{Form: f}, row: f.Row, ripFix: -1}
	// Not seed+i: the generator's own steps are additions, and case i+1 would be case i,
	// one value later.
	mixed := rng(f.seed() ^ uint64(i)<<40)
	b.rng = rng(mixed.next())
	b.s = &b.In
	b.state()
	b.fields()
	b.implicit()
	if t := tailor[f.Row.Mnemonic]; t != nil {
		t(b)
	}
	if f.Mem {
		b.memory()
	}
	b.encode()
	return b.Case
}

// state fills registers and memory at random.
func (b *builder) state() {
	*b.s = hostcpu.NewState()
	for i := range b.s.GPR {
		b.s.GPR[i] = b.word()
	}
	b.s.RFLAGS |= x86.Flags(b.next()) & x86.StatusFlags
	if b.row.Has(isa.StringOp) && b.chance(2) || b.chance(30) {
		b.s.RFLAGS |= x86.DF
	}
	if b.chance(50) {
		b.s.RFLAGS |= x86.TF
	}
	l := b.laneType()
	for i := range b.s.XMM {
		b.s.XMM[i] = b.xmm(l)
	}
	b.x87State()
	b.mxcsr()
	for i := 0; i < len(b.s.Mem); i += 8 {
		binary.LittleEndian.PutUint64(b.s.Mem[i:], b.next())
	}
}

// laneType guesses from the mnemonic what the vector operands are.
func (b *builder) laneType() lanesOf {
	m := b.row.Mnemonic
	if !b.row.Has(isa.FP) || len(m) < 2 || m[:3] == "CVT" {
		return lanesMixed
	}
	switch m[len(m)-2:] {
	case "PS", "SS":
		return lanesF32
	case "PD", "SD":
		return lanesF64
	}
	return lanesMixed
}

// mxcsr sets MXCSR: mostly as programs have it, else any mode, with sticky flags
// and unmasked exceptions at times.
func (b *builder) mxcsr() {
	if !b.row.Has(isa.FP) && !b.chance(4) || b.chance(2) {
		return
	}
	v := uint32(0x1f80)
	v |= uint32(b.next()) & 0xe000 // RC, FTZ
	v |= uint32(b.next()) & 0x40   // DAZ
	if b.chance(2) {
		v |= uint32(b.next()) & 0x3f
	}
	if b.chance(3) {
		v &^= uint32(b.next()) & 0x1f80
	}
	b.s.MXCSR = v
}

// x87State sets the stack, its tags and top, and the control and status words.
func (b *builder) x87State() {
	f := &b.s.FPU
	for i := range f.ST {
		f.ST[i] = b.f80()
	}
	if !b.row.Has(isa.X87) && !b.row.Has(isa.MMX) && !b.chance(8) {
		if b.chance(2) {
			return
		}
		f.Tag = uint8(b.next())
		return
	}
	f.SW = uint16(b.n(8))<<11 | uint16(b.next())&0x4700 // TOP, C3-C0
	f.Tag = 0xff
	switch b.n(8) {
	case 0:
		f.Tag = 0
	case 1, 2:
		f.Tag = uint8(b.next())
	case 3: // one free register
		f.Tag &^= 1 << b.n(8)
	}
	f.CW = 0x37f
	if b.chance(2) {
		f.CW = 0x7f | uint16(b.next())&0xc00 | pick(&b.rng, uint16(0), 0x200, 0x300, 0x300)
	}
	if b.chance(2) {
		f.SW |= uint16(b.next()) & 0x7f
	}
	if b.chance(6) {
		f.CW &^= uint16(b.next()) & 0x3f
		if !b.chance(4) {
			f.SW &= f.CW | ^uint16(0x3f)
		}
	}
	if f.SW&^f.CW&0x3f != 0 {
		f.SW |= 0x8080
	}
}

// fields chooses registers, immediates and prefixes that change nothing.
func (b *builder) fields() {
	b.Reg, b.RM, b.opReg = uint8(b.n(16)), uint8(b.n(16)), uint8(b.n(16))
	b.cond = uint8(b.n(16))
	b.rex = b.chance(3)
	switch b.row.Enc.W {
	case isa.Any:
		b.rexW = b.Form.OpSize == 8 && !b.row.Has(isa.D64) && !b.row.Has(isa.F64)
		if !b.sized() && b.chance(6) {
			b.rexW = true
		}
	case isa.One:
		b.rexW = true
	}
	b.addr32 = b.usesAddress() && b.chance(8)
	if b.usesAddress() && b.chance(8) {
		b.seg = pick(&b.rng, byte(0x64), 0x65)
	}
	for _, o := range b.row.Operands {
		b.field(o)
	}
	if b.row.Enc.B == isa.Zero {
		b.opReg, b.RM = b.opReg&7, b.RM&7
	}
}

// sized reports whether REX.W or 66 mean something to the row.
func (b *builder) sized() bool { return len(opSizes(b.row)) > 1 || b.row.Enc.OpSize != 0 }

// usesAddress reports whether the address size and a segment prefix may matter.
func (b *builder) usesAddress() bool {
	if b.Form.Mem || b.row.Has(isa.StringOp) {
		return true
	}
	for _, o := range b.row.Operands {
		if o.Kind == isa.KindO {
			return true
		}
	}
	return false
}

// field restricts or makes the field of one operand.
func (b *builder) field(o isa.Operand) {
	switch o.Kind {
	case isa.KindI:
		b.immediate(b.immSize(o.Size))
	case isa.KindJ:
		b.branch(o)
	case isa.KindO:
		b.moffs()
	case isa.KindS:
		b.Reg = pick(&b.rng, uint8(0), 2, 3, 4, 5, 1, 6, 7) // CS, 6 and 7 are invalid as destination
	case isa.KindST:
		b.RM &= 7
	case isa.KindC:
		b.Reg = pick(&b.rng, uint8(0), 2, 3, 4, 8)
	case isa.KindD:
		b.Reg &= 7
	}
}

// immSize is the number of bytes of an immediate.
func (b *builder) immSize(s isa.Size) int {
	switch s {
	case isa.SizeB, isa.SizeBS:
		return 1
	case isa.SizeW:
		return 2
	case isa.SizeZ:
		return int(min(b.Form.OpSize, 4))
	case isa.SizeV:
		return int(b.Form.OpSize)
	case isa.SizeQ:
		return 8
	}
	return 4
}

// immediate appends a random immediate of n bytes.
func (b *builder) immediate(n int) {
	v := b.word()
	if n == 1 && b.chance(2) {
		v = uint64(b.n(70))
	}
	b.putImm(v, n)
}

func (b *builder) putImm(v uint64, n int) {
	b.Imm = v & (1<<(8*n) - 1)
	if n == 8 {
		b.Imm = v
	}
	b.imm = binary.LittleEndian.AppendUint64(b.imm, v)[:len(b.imm)+n]
}

// branch appends a displacement that does not lead back into the instruction.
func (b *builder) branch(o isa.Operand) {
	n := 4
	if o.Size == isa.SizeB {
		n = 1
	}
	for {
		d := int64(int8(b.next()))
		if n == 4 && b.chance(2) {
			d = int64(int32(b.next()))
		}
		if d < -15 || d >= 0 {
			b.putImm(uint64(d), n)
			return
		}
	}
}

// moffs appends a direct address.
func (b *builder) moffs() {
	b.Size = int(b.Form.OpSize)
	if b.row.Operands[0].Size == isa.SizeB || b.row.Operands[1].Size == isa.SizeB {
		b.Size = 1
	}
	b.chooseTarget()
	v := b.Addr - b.segBase()
	n := 8
	if b.addr32 {
		if v>>32 != 0 {
			b.addr32 = false
		} else {
			n = 4
		}
	}
	b.putImm(v, n)
	b.fillTarget()
}
