package optest

import (
	"encoding/binary"
	"strings"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// memOperand is an addressing mode.
type memOperand struct {
	base, index uint8 // none if absent
	scale       uint8
	rip         bool
	disp        int64
	dispSize    int // 0, 1 or 4
}

const none = 0xff

// memory chooses the address of the memory operand, the mode that leads there, and
// what is found there.
func (b *builder) memory() {
	if !b.HasAddr {
		b.Size = b.memSize()
		b.chooseTarget()
	}
	b.reach()
	b.fillTarget()
}

// memSize is the size of the r/m operand in memory.
func (b *builder) memSize() int {
	for _, o := range b.row.Operands {
		switch o.Kind {
		case isa.KindE, isa.KindM, isa.KindQ, isa.KindW:
			return b.operandSize(o)
		}
	}
	return 1
}

// operandSize is the size of an operand in bytes.
func (b *builder) operandSize(o isa.Operand) int {
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
	case isa.SizeT, isa.SizeS:
		return 10
	case isa.SizeP:
		return int(b.Form.OpSize) + 2
	case isa.SizeV:
		return int(b.Form.OpSize)
	case isa.SizeY:
		return int(max(b.Form.OpSize, 4))
	}
	if n := areaSize[strings.TrimSuffix(b.row.Mnemonic, "64")]; n != 0 {
		return n
	}
	return 1
}

// areaSize are the sizes of operands that have a layout of their own.
var areaSize = map[string]int{
	"FXSAVE": 512, "FXRSTOR": 512, "XSAVE": 576, "XRSTOR": 576, "XSAVEOPT": 576, "XSAVEC": 576,
	"FLDENV": 28, "FNSTENV": 28, "FSTENV": 28, "FRSTOR": 108, "FNSAVE": 108, "FSAVE": 108,
}

// alignment is what the row demands of its operand's address.
func (b *builder) alignment() uint64 {
	switch {
	case b.row.Mnemonic[:2] == "XS" || b.row.Mnemonic == "XRSTOR":
		return 64
	case b.row.Has(isa.Align16) || b.row.Mnemonic[:2] == "FX":
		return 16
	}
	return 1
}

// chooseTarget chooses where the operand of b.Size bytes is: mostly in mapped
// memory, across the page border at times, rarely where it faults.
func (b *builder) chooseTarget() {
	b.HasAddr = true
	n := uint64(max(b.Size, 1))
	mid := hostcpu.MidAddr + uint64(b.n(hostcpu.MidSize-int(n)+1))
	if b.chance(2) {
		mid &^= 15
	}
	if !b.chance(16) {
		mid &^= b.alignment() - 1
	}
	end := uint64(hostcpu.DataAddr + hostcpu.DataSize)
	switch p := b.n(100); {
	case p < 74:
		b.Addr = mid
	case p < 82:
		b.Addr = hostcpu.MidAddr + hostcpu.MidSize/2 - uint64(b.n(int(n)+1))
	case p < 86:
		b.Addr = end - uint64(b.n(int(n)+1))
	case p < 89:
		b.Addr = hostcpu.DataAddr - uint64(b.n(int(n)+1))
	case p < 93:
		b.Addr = hostcpu.ROAddr + uint64(b.n(hostcpu.PageSize-int(n)+1))
	case p < 96:
		b.Addr = b.next() >> 18 &^ 7 // user half
	case p < 98:
		b.Addr = b.next()>>18 | 0x4000_0000_0000<<b.n(16) // often not canonical
	default:
		b.Addr = mid
	}
	if n >= 512 { // whether alignment or form is checked first, CPUs differ in these
		if b.Addr>>47 != 0 {
			b.Addr &^= 63
		}
	}
	if b.Addr>>32 != 0 || b.Addr>>28 == 1 || b.Addr>>28 > 3 {
		b.addr32 = b.addr32 && b.Addr>>32 == 0
	}
}

// segBase sets the base of the segment that the prefix names and returns it.
func (b *builder) segBase() uint64 {
	if b.seg == 0 {
		return 0
	}
	v := b.next() >> 18
	if b.chance(2) || b.addr32 {
		v = b.Addr - uint64(b.n(5000))
		if v>>47 != 0 {
			v = 0
		}
	}
	if b.seg == 0x64 {
		b.s.FSBase = v
	} else {
		b.s.GSBase = v
	}
	return v
}

// reach chooses an addressing mode and sets its registers so that it leads to b.Addr.
func (b *builder) reach() {
	want := b.Addr - b.segBase()
	if b.addr32 && want>>32 != 0 {
		b.addr32 = false
	}
	for range 20 {
		b.mem = b.randomMode()
		if b.solve(want) {
			return
		}
	}
	// Everything is reserved: any register will do, the instruction faults.
	b.mem = memOperand{base: x86.RBX, index: none, dispSize: 4}
	b.s.GPR[x86.RBX] = want
}

func (b *builder) randomMode() memOperand {
	m := memOperand{base: uint8(b.n(16)), index: none}
	switch b.n(8) {
	case 0, 1:
		m.index, m.scale = uint8(b.n(16)), uint8(b.n(4))
	case 2:
		m.index, m.scale, m.base = uint8(b.n(16)), uint8(b.n(4)), none
	case 3:
		m.base = none
	case 4:
		m.base, m.rip = none, true
	}
	if m.index == x86.RSP {
		m.index = none
	}
	switch {
	case m.base == none || m.rip:
		m.dispSize = 4
	default:
		m.dispSize = pick(&b.rng, 0, 1, 1, 4)
		if m.base&7 == x86.RBP && m.dispSize == 0 {
			m.dispSize = 1
		}
	}
	return m
}

// solve makes the mode lead to want, or reports that it cannot.
func (b *builder) solve(want uint64) bool {
	m := &b.mem
	if m.rip {
		return true // encode knows the length
	}
	var sum uint64
	if m.index != none {
		if b.reserved>>m.index&1 == 0 {
			b.s.GPR[m.index] = pick(&b.rng, b.next(), uint64(b.n(1000)), -uint64(b.n(1000)))
			if m.base == none {
				b.s.GPR[m.index] = want>>m.scale - uint64(b.n(20))
			}
		}
		sum = b.s.GPR[m.index] << m.scale
	}
	free := m.base != none && m.base != m.index && b.reserved>>m.base&1 == 0
	if !free {
		if m.base != none {
			sum += b.s.GPR[m.base]
		}
		m.disp, m.dispSize = int64(want-sum), 4
		if b.addr32 {
			m.disp = int64(int32(m.disp))
		}
		return m.disp == int64(int32(m.disp))
	}
	switch m.dispSize {
	case 1:
		m.disp = int64(int8(b.next()))
	case 4:
		m.disp = int64(int32(b.next()))
	}
	base := want - sum - uint64(m.disp)
	if b.addr32 {
		base = base&0xffffffff | b.next()<<32
	}
	b.s.GPR[m.base] = base
	return true
}

// fillTarget puts a value of the operand's kind where the operand is.
func (b *builder) fillTarget() {
	switch {
	case b.kept != nil:
		b.poke(b.Addr, b.kept)
	case !b.chance(6):
		b.poke(b.Addr, b.memValue())
	}
}

// memValue makes a value for the operand in memory.
func (b *builder) memValue() []byte {
	le := binary.LittleEndian
	for _, o := range b.row.Operands {
		if !o.Kind.IsMemory() || o.Kind != isa.KindM && !o.Kind.IsXMM() {
			continue
		}
		switch {
		case o.Kind.IsXMM():
			x := b.xmm(b.laneType())
			return le.AppendUint64(le.AppendUint64(nil, x.Lo), x.Hi)[:b.Size]
		case o.Size == isa.SizeT:
			f := b.f80()
			return le.AppendUint16(le.AppendUint64(nil, f.Mant), f.SE)
		case b.row.Has(isa.X87) && o.Size == isa.SizeD && b.chance(2):
			return le.AppendUint32(nil, b.f32())
		case b.row.Has(isa.X87) && o.Size == isa.SizeQ && b.chance(2):
			return le.AppendUint64(nil, b.f64())
		}
	}
	if b.Size > 8 {
		x := b.xmm(lanesMixed)
		return le.AppendUint64(le.AppendUint64(nil, x.Lo), x.Hi)[:min(b.Size, 16)]
	}
	return le.AppendUint64(nil, b.word())[:b.Size]
}

// poke writes p at a where a window covers it.
func (b *builder) poke(a uint64, p []byte) {
	for i, v := range p {
		if at := memIndex(a + uint64(i)); at >= 0 {
			b.s.Mem[at] = v
		}
	}
}

// memIndex is the index in State.Mem of the byte at a, or -1.
func memIndex(a uint64) int {
	at := 0
	for _, w := range hostcpu.Windows {
		if a >= w.Addr && a-w.Addr < uint64(w.Size) {
			return at + int(a-w.Addr)
		}
		at += w.Size
	}
	return -1
}
