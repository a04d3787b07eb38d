package interp

import (
	"errors"

	"emurun/emu/decode"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// form is what the translator knows of a row at one operand size with its r/m operand in a
// register or in memory (tools/opgen writes the table).
type form struct {
	code uint16 // case of the switch, or opCold
	nf   uint16 // the case that leaves the flags alone, or 0
	fn   uint16 // cold function
	cond uint16 // first of the cases by condition, or 0
	attr uint16 // formXxx

	rm, reg, ext  uint8 // 1 + the number of a fixed register, or 0
	size          uint8 // operand size in bytes
	kind          uint8 // kind of the flag record it leaves; 0 if it is not known statically
	reads, writes uint8 // status flags: bits CF, PF, AF, ZF, SF, OF
}

// Attributes of forms.
const (
	formSwap    = 1 << iota // reg and rm are exchanged
	formOne                 // the immediate is 1
	formFault               // may fault
	formStack               // implicit access to the stack
	formByteRM              // op.rm is a byte register
	formByteReg             // op.reg is a byte register
	formCond                // SETcc, CMOVcc
	formJcc                 // Jcc
	formCount               // a masked count of 0 changes no flag
	formEnd                 // ends the block
	formCmp                 // can be fused with a following Jcc, as CMP
	formTest                // as TEST
)

// allStatus is every status flag in form.reads and form.writes.
const allStatus = 0x3f

// translator makes the cells of one block.
type translator struct {
	c     *CPU
	cells []Op // room for them
	free  []Op // what is left of it
	pc    uint64
	limit int // most instructions
	n     int // instructions so far

	start uint64
	code  []byte // from pc to the end of its page
	bytes [2 * 16]byte

	inst decode.Inst
	kind uint8 // kind of the flag record at this point
	log  uint8 // log2 of its operand size in bytes
	info [maxCells]flagInfo
	last int   // cell of the last instruction, or -1
	form *form // its form
}

// flagInfo is what a cell does with the status flags.
type flagInfo struct {
	reads, may, kills uint8
	nf                uint16
}

// block translates instructions from t.pc until the block ends. It returns false with the
// exception if not even the first can be fetched or decoded.
func (t *translator) block() bool {
	t.start, t.free, t.last = t.pc, t.cells, -1
	done := false
	for !done && t.n < t.limit && t.pc>>mem.PageShift == t.start>>mem.PageShift {
		if !t.decode() {
			if t.n == 0 {
				return false
			}
			break
		}
		done = t.instruction()
	}
	if !done {
		op := t.cell()
		*op = Op{code: opJmp, base: regZero, index: regZero, next: t.pc, t: t.pc}
	}
	t.finish()
	return true
}

// decode decodes the instruction at t.pc, which may cross to the next page if it is the first.
func (t *translator) decode() bool {
	if len(t.code) == 0 {
		if t.code = t.c.Mem.Fetch(t.pc, &t.c.Exc); t.code == nil {
			return false
		}
	}
	err := decode.Decode(t.code, &t.inst)
	if errors.Is(err, decode.ErrTruncated) {
		if t.n > 0 {
			return false // begin a block with it: its next page is not to be touched before it runs
		}
		var exc x86.Exception
		next := t.c.Mem.Fetch(t.pc&^mem.PageMask+mem.PageSize, &exc)
		if next == nil {
			t.c.Exc = exc
			return false
		}
		n := copy(t.bytes[:16], t.code)
		n += copy(t.bytes[n:], next[:16])
		err = decode.Decode(t.bytes[:n], &t.inst)
	}
	switch err {
	case nil:
		n := min(int(t.inst.Len), len(t.code))
		t.code = t.code[n:]
		return true
	case decode.ErrTooLong:
		t.c.Exc = x86.Exception{Vector: x86.VecGP}
	default:
		t.c.Exc = x86.Exception{Vector: x86.VecUD}
	}
	return false
}

// cell takes the next free cell.
func (t *translator) cell() *Op {
	op := &t.free[0]
	t.free = t.free[1:]
	return op
}

// index is the number of the next free cell.
func (t *translator) index() int { return len(t.cells) - len(t.free) }

// instruction translates t.inst and reports whether it ends the block.
func (t *translator) instruction() bool {
	in := &t.inst
	switch in.Row {
	case decode.RowLea_GvM: // an address within the segment
		in.Seg = decode.SegNone
	case decode.RowPop_Ev:
		if in.IsMem && in.Base == x86.RSP {
			in.Disp += int64(in.OpSize)
		}
	case decode.RowMov_ALOb, decode.RowMov_rAXOv, decode.RowMov_ObAL, decode.RowMov_OvrAX:
		in.IsMem, in.Base, in.Index = true, decode.None, decode.None
	}
	i := int(in.Row)*6 + int(in.OpSize>>2)*2
	if in.IsMem {
		i++
	}
	f := &forms[formIndex[i]]
	next := t.pc + uint64(in.Len)
	t.n++
	if f.attr&formJcc != 0 && t.fuse(next) {
		t.pc = next
		return true
	}
	var base, index, scale uint8 = regZero, regZero, 0
	disp := uint64(in.Disp)
	pfx := t.prefixes(f)
	if in.IsMem {
		base, index, scale, disp = t.address(next)
	}
	at := t.index()
	op := t.cell()
	*op = Op{
		code: f.code, fn: f.fn, left: uint8(t.n - 1), len: in.Len, n: 1,
		reg: in.Reg, rm: in.RM, base: base, index: index, scale: scale, disp: disp,
		ext: in.VVVV, pfx: pfx, size: f.size, imm: uint64(in.Imm), next: next,
	}
	t.pc = next
	t.registers(op, f)
	t.last, t.form = at, f
	t.flags(op, f, at)
	if f.attr&formEnd != 0 {
		t.end(op)
		return true
	}
	if in.Row == decode.RowEnter_IwIb {
		op.ext = in.Imm2
	}
	return false
}

// prefixes are the bits that full handlers and faults look at.
func (t *translator) prefixes(f *form) uint8 {
	in := &t.inst
	var pfx uint8
	if in.AddrSize == 4 {
		pfx |= pfxAddr32
	}
	switch in.Seg {
	case decode.SegFS:
		pfx |= pfxFS
	case decode.SegGS:
		pfx |= pfxGS
	}
	if in.IsMem {
		pfx |= pfxMem
		if in.Seg == decode.SegNone && (in.Base == x86.RSP || in.Base == x86.RBP) {
			pfx |= pfxStack
		}
	}
	if f.attr&formStack != 0 {
		pfx |= pfxStack
	}
	if in.Rex {
		pfx |= pfxRex
	}
	return pfx
}

// address is the form base + index<<scale + disp of the memory operand. With a segment base
// or a 32-bit address size a cell of zero length computes it first.
func (t *translator) address(next uint64) (base, index, scale uint8, disp uint64) {
	in := &t.inst
	base, index, scale, disp = regZero, regZero, in.Scale, uint64(in.Disp)
	if in.Base != decode.None {
		base = in.Base
	}
	if in.Index != decode.None {
		index = in.Index
	}
	if in.RIPRel {
		disp += next
	}
	segment := [3]uint8{regZero, regFS, regGS}[in.Seg]
	switch {
	case in.AddrSize == 8 && segment == regZero:
		return base, index, scale, disp
	case in.AddrSize == 8 && index == regZero:
		return base, segment, 0, disp
	case in.AddrSize == 8 && base == regZero:
		return segment, index, scale, disp
	}
	op := t.cell()
	*op = Op{
		code: opAddrSeg, base: base, index: index, scale: scale, ext: segment, disp: disp,
		left: uint8(t.n - 1), next: t.pc,
	}
	if in.AddrSize == 4 {
		op.code = opAddr32
	}
	return regTmp, regZero, 0, 0
}

// registers completes the register numbers: fixed ones, exchanged ones, and AH to BH, which
// only the cold function knows.
func (t *translator) registers(op *Op, f *form) {
	if f.attr&formSwap != 0 {
		op.reg, op.rm = op.rm, op.reg
	}
	if f.rm|f.reg|f.ext != 0 {
		if f.rm != 0 {
			op.rm = f.rm - 1
		}
		if f.reg != 0 {
			op.reg = f.reg - 1
		}
		if f.ext != 0 {
			op.ext = f.ext - 1
		}
	}
	if f.attr&formOne != 0 {
		op.imm = 1
	}
	if f.attr&(formByteRM|formByteReg) != 0 && !t.inst.Rex {
		if f.attr&formByteRM != 0 && op.rm >= 4 {
			op.rm, op.code = op.rm-4|0x20, opCold
		}
		if f.attr&formByteReg != 0 && op.reg >= 4 {
			op.reg, op.code = op.reg-4|0x20, opCold
		}
	}
}

// flags notes what op does with the status flags, and picks the case of a condition.
func (t *translator) flags(op *Op, f *form, at int) {
	info := flagInfo{reads: f.reads, may: f.writes, kills: f.writes}
	kind := f.kind
	if f.attr&formFault != 0 {
		info.reads = allStatus
	}
	if op.code != opCold {
		info.nf = f.nf
	}
	if f.attr&(formCond|formJcc) != 0 {
		op.ext = t.inst.Cond
		if s := condSpec[t.kind][op.ext]; s != 0 && f.cond != 0 && op.code != opCold {
			op.code = f.cond + uint16(s) - 1
			op.cc = 64 - 8<<t.log
		}
	}
	if f.attr&formCount != 0 {
		mask := uint64(31)
		if f.size == 8 {
			mask = 63
		}
		switch {
		case f.reg != 0 || f.ext != 0: // CL
			info.kills, kind = 0, 0
		case op.imm&mask == 0:
			info.kills, info.may = 0, 0
		}
	}
	if info.may != 0 {
		t.kind, t.log = kind, log2[f.size]
	}
	t.info[at] = info
}

var log2 = [9]uint8{1: 0, 2: 1, 4: 2, 8: 3}

// end completes a cell that ends the block.
func (t *translator) end(op *Op) {
	in := &t.inst
	op.t = op.next + uint64(in.Imm)
	switch in.Row {
	case decode.RowJmp_Jb, decode.RowJmp_Jz:
		op.code = opJmp
	case decode.RowJmp_Eq:
		op.code = either(in.IsMem, opJmpIndMem, opJmpInd)
	case decode.RowCall_Jz:
		op.code = opCall
	case decode.RowCall_Eq:
		op.code = either(in.IsMem, opCallIndMem, opCallInd)
	case decode.RowRet:
		op.code = opRet
	case decode.RowRet_Iw:
		op.code = opRetImm
	case decode.RowSyscall:
		op.code = opSyscall
	case decode.RowJcc_Jb, decode.RowJcc_Jz:
		op.code = opJcc
		op.ext = in.Cond
		if s := condSpec[t.kind][op.ext]; s != 0 {
			op.code = opJccSpec + uint16(s) - 1
			op.cc = 64 - 8<<t.log
		}
	default:
		op.code = opColdEnd
	}
}

func either(b bool, yes, no uint16) uint16 {
	if b {
		return yes
	}
	return no
}

// fuse joins a conditional jump with the CMP or TEST before it.
func (t *translator) fuse(next uint64) bool {
	if t.last < 0 || t.last != t.index()-1 {
		return false
	}
	op, f := &t.cells[t.last], t.form
	by := &fuseCmp
	switch {
	case op.code == opCold || f.attr&(formCmp|formTest) == 0:
		return false
	case f.attr&formTest != 0:
		by = &fuseTest
	}
	n := by[t.inst.Cond]
	if n == 0 {
		return false
	}
	op.code = f.cond + uint16(n) - 1
	op.len += t.inst.Len
	op.n = 2
	op.next = next
	op.t = next + uint64(t.inst.Imm)
	return true
}

// finish counts the instructions from each cell to the end, and lets cells whose flags
// nothing reads leave them alone.
func (t *translator) finish() {
	live := uint8(allStatus)
	for i := t.index() - 1; i >= 0; i-- {
		op := &t.cells[i]
		op.left = uint8(t.n) - op.left
		if op.n == 0 {
			continue
		}
		info := &t.info[i]
		if info.nf != 0 && info.may&live == 0 {
			op.code = info.nf
		}
		live = live&^info.kills | info.reads
	}
	t.pair()
}

// pair gives cells that often follow each other the case that does both.
func (t *translator) pair() {
	for i := 0; i < t.index()-1; i++ {
		if code := pairOf(t.cells[i].code, t.cells[i+1].code); code != 0 {
			t.cells[i].code = code
			i++
		}
	}
}

// pairSlot is an entry of pairTable; code 0 is free.
type pairSlot struct{ first, second, code uint16 }

// pairOf returns the case of two cells, or 0.
func pairOf(first, second uint16) uint16 {
	for at := (uint32(first)*61 + uint32(second)) % uint32(len(pairTable)); ; at = (at + 1) % uint32(len(pairTable)) {
		s := &pairTable[at]
		if s.code == 0 || s.first == first && s.second == second {
			return s.code
		}
	}
}
