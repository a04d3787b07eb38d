package optest

import (
	"encoding/binary"

	"emurun/emu/x86"
)

// area makes the memory of FXRSTOR and XRSTOR an image that loads, and
// the components of all XSAVE forms ones that our model has.
func (b *builder) area() {
	b.reserve(x86.RAX)
	b.reserve(x86.RDX)
	b.s.GPR[x86.RAX] = b.s.GPR[x86.RAX]&^0xffffffff | uint64(b.n(4))
	if b.chance(2) {
		b.s.GPR[x86.RAX] |= 3
	}
	b.s.GPR[x86.RDX] &^= 0xffffffff
	if b.row.Mnemonic[0] == 'F' || b.row.Mnemonic[1] == 'R' { // else the host's scheduler decides what is in use
		b.initialState()
	}
	b.place(b.memSize())
	if b.row.Mnemonic[0] == 'F' {
		b.keep(b.fxImage())
		return
	}
	le := binary.LittleEndian
	img := append(b.fxImage(), make([]byte, 64)...)
	le.PutUint64(img[512:], uint64(b.n(4)))
	switch b.n(12) {
	case 0:
		img[512+b.n(2)*7] |= 0x08 // a component that no CPU has now, or not this one
	case 1:
		img[520+b.n(16)] |= 1 // XCOMP_BV and reserved bytes
	case 2, 3:
		if b.row.Mnemonic[:4] == "XRST" {
			le.PutUint64(img[520:], 1<<63|uint64(b.n(4)))
		}
	}
	b.keep(img)
}

// initialState puts components into their initial state at times.
func (b *builder) initialState() {
	if b.chance(3) {
		b.s.FPU = x86.FPU{CW: x86.InitCW}
	}
	if b.chance(3) {
		b.s.XMM = [16]x86.XMM{}
		// Intel CPUs have SSE in use if only MXCSR is not initial, AMD CPUs do not.
		b.s.MXCSR = x86.InitMXCSR
	}
}

// fxImage is an FXSAVE image with a valid MXCSR, mostly.
func (b *builder) fxImage() []byte {
	le := binary.LittleEndian
	img := make([]byte, 512)
	for i := 0; i < len(img); i += 8 {
		le.PutUint64(img[i:], b.next())
	}
	cw, sw := b.words()
	le.PutUint16(img[0:], cw)
	le.PutUint16(img[2:], sw)
	img[5] = 0
	le.PutUint64(img[8:], b.next()>>17) // canonical
	le.PutUint64(img[16:], b.next()>>17)
	mxcsr := uint32(b.next()) & 0xffff
	if b.chance(10) {
		mxcsr |= 0x80000
	}
	le.PutUint32(img[24:], mxcsr)
	for i := range 8 {
		f := b.f80()
		le.PutUint64(img[32+16*i:], f.Mant)
		le.PutUint64(img[40+16*i:], uint64(f.SE))
	}
	return img
}

// words makes a control and a status word that fit together.
func (b *builder) words() (cw, sw uint16) {
	cw = 0x40 | uint16(b.next())&0xf3f
	sw = uint16(b.next()) & 0x7f7f
	if !b.chance(3) {
		cw |= 0x3f
	}
	if sw&^cw&0x3f != 0 {
		sw |= 0x8080
	}
	return cw, sw
}

// environment makes the memory of FLDENV and FRSTOR.
func (b *builder) environment() {
	le := binary.LittleEndian
	b.place(b.memSize())
	img := make([]byte, b.Size)
	for i := range img {
		img[i] = byte(b.next())
	}
	cw, sw := b.words()
	step := 4
	if b.Form.OpSize == 2 {
		step = 2
	}
	le.PutUint16(img[0:], cw)
	le.PutUint16(img[step:], sw)
	if b.chance(3) {
		le.PutUint16(img[2*step:], pick(&b.rng, uint16(0), 0xffff, 0x5555))
	}
	b.keep(img)
}

// mmxState makes the x87 state one that a transition to MMX does not change: AMD CPUs make
// none for CVTPI2PS with a memory operand, Intel CPUs do.
func (b *builder) mmxState() {
	if b.Form.Mem {
		b.s.FPU.SW &= 0x4700
		b.s.FPU.Tag = 0xff
	}
}

// controlWord makes the operand of FLDCW.
func (b *builder) controlWord() {
	b.place(2)
	b.keep(binary.LittleEndian.AppendUint16(nil, uint16(b.next())))
}

// decimal makes valid packed decimals, mostly.
func (b *builder) decimal() {
	b.place(10)
	p := make([]byte, 10)
	for i := range 9 {
		p[i] = byte(b.n(10)<<4 | b.n(10))
	}
	if b.chance(4) {
		for i := b.n(9); i < 9; i++ {
			p[i] = 0
		}
	}
	p[9] = pick(&b.rng, byte(0), 0x80)
	b.keep(p)
}

// top is the register that ST(0) is.
func (b *builder) top() *x86.F80 { return &b.s.FPU.ST[b.s.FPU.SW>>11&7] }

// smallST0 makes ST(0) of a size that a packed decimal can hold.
func (b *builder) smallST0() {
	if !b.chance(4) {
		b.top().SE = b.top().SE&0x8000 | uint16(0x3fff-2+b.n(64))
		b.top().Mant |= 1 << 63
	}
}

// transcendental gives the operands exponents for which the result is interesting.
func (b *builder) transcendental() {
	if b.chance(3) {
		return
	}
	for i := range b.s.FPU.ST {
		st := &b.s.FPU.ST[i]
		st.SE = st.SE&0x8000 | uint16(0x3fff-10+b.n(12))
		st.Mant |= 1 << 63
	}
}
