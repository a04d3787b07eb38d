package optest

import (
	"encoding/binary"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// tailor prepares what the instruction needs to do its work; without it most random
// states would only fault, or never take the rarer way.
var tailor = map[string]func(*builder){
	"DIV": (*builder).divide, "IDIV": (*builder).divide,
	"CMPXCHG": (*builder).compareExchange, "CMPXCHG8B": (*builder).compareExchangeWide,
	"CMPXCHG16B": (*builder).compareExchangeWide,
	"BT":         (*builder).bitOffset, "BTS": (*builder).bitOffset, "BTR": (*builder).bitOffset, "BTC": (*builder).bitOffset,
	"XLAT": (*builder).xlat, "MASKMOVQ": (*builder).maskmov, "MASKMOVDQU": (*builder).maskmov,
	"LOOP": (*builder).count, "LOOPE": (*builder).count, "LOOPNE": (*builder).count, "JRCXZ": (*builder).count,
	"JMP": (*builder).indirect, "CALL": (*builder).indirect, "RET": (*builder).ret,
	"JMPF": (*builder).far, "CALLF": (*builder).far, "LSS": (*builder).far, "LFS": (*builder).far, "LGS": (*builder).far,
	"RETF": (*builder).farReturn, "IRET": (*builder).interruptReturn,
	"INT": (*builder).interrupt, "ENTER": (*builder).enter, "LEAVE": (*builder).stackPointer,
	"MOVSXD": (*builder).signExtend,
	"MOV":    (*builder).selector, "POP": (*builder).popSelector, "POPF": (*builder).popFlags,
	"PCMPESTRI": (*builder).lengths, "PCMPESTRM": (*builder).lengths,
	"PCMPISTRI": (*builder).zeroTerminated, "PCMPISTRM": (*builder).zeroTerminated,
	"LDMXCSR": (*builder).loadMXCSR,
	"FXRSTOR": (*builder).area, "FXRSTOR64": (*builder).area, "XRSTOR": (*builder).area, "XRSTOR64": (*builder).area,
	"XSAVE": (*builder).area, "XSAVE64": (*builder).area, "XSAVEOPT": (*builder).area, "XSAVEOPT64": (*builder).area,
	"XSAVEC": (*builder).area, "XSAVEC64": (*builder).area,
	"FLDENV": (*builder).environment, "FRSTOR": (*builder).environment,
	"CVTPI2PS": (*builder).mmxState,
	"FLDCW":    (*builder).controlWord,
	"FBLD":     (*builder).decimal, "FBSTP": (*builder).smallST0,
	"F2XM1": (*builder).transcendental, "FYL2X": (*builder).transcendental, "FYL2XP1": (*builder).transcendental,
	"FSIN": (*builder).transcendental, "FCOS": (*builder).transcendental, "FSINCOS": (*builder).transcendental,
	"FPTAN": (*builder).transcendental, "FPATAN": (*builder).transcendental,
}

// divide makes most quotients fit.
func (b *builder) divide() {
	if b.chance(4) {
		return
	}
	hi := pick(&b.rng, 0, 0, uint64(b.n(50)), ^uint64(0))
	if b.row.Operands[0].Size == isa.SizeB {
		b.s.GPR[x86.RAX] = b.s.GPR[x86.RAX]&^0xff00 | hi<<8&0xff00
	} else {
		b.s.GPR[x86.RDX] = hi
	}
	b.reserve(x86.RAX)
	b.reserve(x86.RDX)
}

// compareExchange makes the comparison succeed half of the time.
func (b *builder) compareExchange() {
	b.reserve(x86.RAX)
	if b.chance(2) {
		return
	}
	if !b.Form.Mem {
		b.s.GPR[b.RM] = b.s.GPR[x86.RAX]
		return
	}
	b.place(min(b.memSize(), 8))
	b.keep(binary.LittleEndian.AppendUint64(nil, b.s.GPR[x86.RAX])[:b.Size])
}

func (b *builder) compareExchangeWide() {
	for _, n := range []int{x86.RAX, x86.RDX, x86.RBX, x86.RCX} {
		b.reserve(n)
	}
	if b.chance(2) {
		return
	}
	b.place(b.memSize())
	le := binary.LittleEndian
	if b.Size == 8 {
		b.keep(le.AppendUint32(le.AppendUint32(nil, uint32(b.s.GPR[x86.RAX])), uint32(b.s.GPR[x86.RDX])))
	} else {
		b.keep(le.AppendUint64(le.AppendUint64(nil, b.s.GPR[x86.RAX]), b.s.GPR[x86.RDX]))
	}
}

// place chooses the memory operand now, so that its content can be made.
func (b *builder) place(size int) {
	b.Size = size
	b.chooseTarget()
}

// keep writes the content of the memory operand and makes it stay.
func (b *builder) keep(p []byte) {
	b.kept = p
}

// bitOffset keeps a bit offset in a register near the operand.
func (b *builder) bitOffset() {
	if !b.Form.Mem || !b.row.Has(isa.BitString) || b.chance(20) {
		return
	}
	b.s.GPR[b.Reg] = uint64(int64(b.n(3000) - 1500))
	if b.Form.OpSize < 8 && b.chance(2) { // upper bits are not part of it
		b.s.GPR[b.Reg] = b.s.GPR[b.Reg]&(1<<(8*b.Form.OpSize)-1) | b.next()<<(8*b.Form.OpSize)
	}
	b.reserve(int(b.Reg))
}

// xlat points RBX so that RBX + AL is in memory.
func (b *builder) xlat() {
	b.place(1)
	b.addr32 = b.chance(8) && b.Addr>>32 == 0
	b.s.GPR[x86.RBX] = b.Addr - b.s.GPR[x86.RAX]&0xff
}

// maskmov points RDI at memory.
func (b *builder) maskmov() {
	b.place(16)
	b.addr32 = b.chance(8) && b.Addr>>32 == 0
	b.s.GPR[x86.RDI] = b.Addr
}

// count makes rCX small.
func (b *builder) count() {
	b.addr32 = b.chance(3)
	if !b.chance(4) {
		b.s.GPR[x86.RCX] = uint64(b.n(3))
		if b.addr32 || b.chance(4) {
			b.s.GPR[x86.RCX] |= b.next() << 32
		}
	}
}

// target is somewhere to go: in the code page, elsewhere, or nowhere.
func (b *builder) target() uint64 {
	switch b.n(8) {
	case 0:
		return b.next() >> 17
	case 1:
		return b.next() // mostly not canonical
	case 2:
		return hostcpu.MidAddr + uint64(b.n(100))
	}
	return hostcpu.CodeAddr + uint64(b.n(0x700))
}

// indirect makes the operand of an indirect branch a target.
func (b *builder) indirect() {
	if b.row.Operands[0].Kind != isa.KindE {
		return
	}
	v := b.target()
	if !b.Form.Mem {
		if b.reserved>>b.RM&1 == 0 {
			b.s.GPR[b.RM] = v
		}
		return
	}
	b.place(8)
	b.keep(binary.LittleEndian.AppendUint64(nil, v))
}

// ret puts a target on the stack.
func (b *builder) ret() { b.push(b.target()) }

// push puts quadwords where RSP points.
func (b *builder) push(v ...uint64) {
	for i, x := range v {
		b.poke(b.s.GPR[x86.RSP]+uint64(8*i), binary.LittleEndian.AppendUint64(nil, x))
	}
}

// selectors are the user code segment, null ones, and some that fault.
func (b *builder) selectorValue() uint16 {
	return pick(&b.rng, uint16(0x33), 0x33, 0x33, 0x33, 0, 3, 0x2b, 0x10, 0x18, 0xfff8, 0x7c)
}

// dataSelector is one for a data segment.
func (b *builder) dataSelector() uint16 {
	return pick(&b.rng, uint16(0), 1, 2, 3, 0x2b, 0x2b, 0x33, 0x10, 0xfff8, 0x7c)
}

// far makes a far pointer.
func (b *builder) far() {
	b.place(int(b.Form.OpSize) + 2)
	p := binary.LittleEndian.AppendUint64(nil, b.target())[:b.Form.OpSize]
	sel := b.selectorValue()
	if b.row.Mnemonic[0] == 'L' {
		sel = b.dataSelector()
	}
	b.keep(binary.LittleEndian.AppendUint16(p, sel))
}

// frame puts words of the operand size on the stack.
func (b *builder) frame(v ...uint64) {
	a := b.s.GPR[x86.RSP]
	for _, x := range v {
		b.poke(a, binary.LittleEndian.AppendUint64(nil, x)[:b.Form.OpSize])
		a += uint64(b.Form.OpSize)
	}
}

// farReturn makes the frame of RETF. What it releases is little: AMD CPUs read there
// before they check the selector.
func (b *builder) farReturn() {
	b.mappedStack()
	b.frame(b.target(), uint64(b.selectorValue()))
	if len(b.imm) > 0 {
		b.imm = nil
		b.putImm(uint64(b.n(64)), 2)
	}
}

// mappedStack makes a stack that does not fault: in which order far returns read theirs
// is the CPU's choice.
func (b *builder) mappedStack() { b.s.GPR[x86.RSP] = hostcpu.MidAddr + uint64(b.n(512)) }

// interruptReturn makes the five words that IRET pops.
func (b *builder) interruptReturn() {
	b.mappedStack()
	f := b.next() & uint64(x86.StatusFlags|x86.DF|x86.NT|x86.ID)
	b.frame(b.target(), uint64(b.selectorValue()), f, b.word(), uint64(b.dataSelector()))
}

// interrupt avoids the vector of 32-bit system calls.
func (b *builder) interrupt() {
	if b.Imm == 0x80 {
		b.Imm, b.imm[0] = 0x81, 0x81
	}
}

// enter keeps the frame size and the nesting small, and RBP in the data.
func (b *builder) enter() {
	b.imm = nil
	b.putImm(uint64(b.n(200)), 2)
	b.putImm(uint64(pick(&b.rng, 0, 0, 1, 2, 3, 5, 31, 33)), 1)
	b.stack(x86.RBP)
}

func (b *builder) stackPointer() { b.stack(x86.RBP) }

// selector makes what MOV loads to a segment register valid, often.
func (b *builder) selector() {
	if b.row.Operands[0].Kind != isa.KindS {
		return
	}
	v := b.dataSelector()
	if !b.Form.Mem {
		b.s.GPR[b.RM] = b.s.GPR[b.RM]&^0xffff | uint64(v)
		return
	}
	b.place(2)
	b.keep(binary.LittleEndian.AppendUint16(nil, v))
}

// signExtend keeps the operand of the 16-bit form in mapped memory: AMD CPUs read 32 bits.
func (b *builder) signExtend() {
	if b.Form.OpSize == 2 && b.Form.Mem {
		b.HasAddr, b.Size, b.Addr = true, 2, hostcpu.MidAddr+uint64(b.n(1000))
	}
}

func (b *builder) popSelector() {
	if b.row.Operands[0].Kind == isa.KindSeg {
		b.push(b.next()<<16 | uint64(b.dataSelector()))
	}
}

// popFlags leaves TF and AC alone: what they do is after the instruction.
func (b *builder) popFlags() {
	b.push(b.next() &^ uint64(x86.TF|x86.AC))
}

// lengths makes the lengths of explicit-length strings interesting.
func (b *builder) lengths() {
	for _, n := range []int{x86.RAX, x86.RDX} {
		if !b.chance(4) {
			b.s.GPR[n] = uint64(int64(b.n(41) - 20))
		}
		if b.chance(4) {
			b.s.GPR[n] = b.s.GPR[n]&0xffffffff | b.next()<<32
		}
		b.reserve(n)
	}
	b.fewLetters()
}

func (b *builder) zeroTerminated() { b.fewLetters() }

// fewLetters makes strings that match somewhere.
func (b *builder) fewLetters() {
	b.putImmediate(uint8(b.next()))
	if b.chance(4) {
		return
	}
	letter := func() (v uint64) {
		for i := 0; i < 64; i += 8 {
			v |= uint64(pick(&b.rng, 0, 1, 1, 2, 2, 2, 3, 3, 0x80, 0xff)) << i
		}
		return v
	}
	for i := range b.s.XMM {
		b.s.XMM[i] = x86.XMM{Lo: letter(), Hi: letter()}
		if b.chance(2) { // words with one common byte
			b.s.XMM[i].Lo &= 0x00ff00ff00ff00ff
			b.s.XMM[i].Hi &= 0x00ff00ff00ff00ff
		}
	}
	if b.Form.Mem {
		b.place(16)
		b.keep(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, letter()), letter()))
	}
}

// putImmediate replaces the immediate byte.
func (b *builder) putImmediate(v uint8) { b.Imm, b.imm = uint64(v), []byte{v} }

// loadMXCSR makes most values valid.
func (b *builder) loadMXCSR() {
	b.place(4)
	v := uint32(b.next()) & 0xffff
	if b.chance(8) {
		v |= 1 << (16 + b.n(16))
		v &^= 1 << 17 // AMD has a bit there
	}
	b.keep(binary.LittleEndian.AppendUint32(nil, v))
}
