package kernel

import (
	"encoding/binary"

	"emurun/emu/x86"
)

// The XSAVE area in a signal frame (SDM Vol. 1, 13.4; Linux's struct _fpstate).
// With x87 and SSE alone it is the 512 bytes of FXSAVE and a header.
const (
	fxsaveSize  = 512
	xstateSize  = fxsaveSize + 64
	fpFrameSize = xstateSize + 4 // and FP_XSTATE_MAGIC2
	fpMagic1    = 0x46505853
	fpMagic2    = 0x46505845
	swReserved  = 464 // the bytes of FXSAVE that software may use
	xfeatures   = 3   // x87 and SSE
	mxcsrMask   = 0xffff
	fxMXCSR     = 24
	fxST, fxXMM = 32, 160
	topShift    = 11
	frameAlign  = 64
	featureX87  = 1
	featureSSE  = 2
)

// putFXSAVE writes the 64-bit FXSAVE form of the state to p.
func putFXSAVE(p []byte, r *x86.Regs) {
	f := &r.FPU
	le := binary.LittleEndian
	le.PutUint16(p, f.CW)
	le.PutUint16(p[2:], f.SW)
	p[4] = f.Tag
	le.PutUint16(p[6:], f.FOP)
	le.PutUint64(p[8:], f.FIP)
	le.PutUint64(p[16:], f.FDP)
	le.PutUint32(p[fxMXCSR:], r.MXCSR)
	le.PutUint32(p[fxMXCSR+4:], mxcsrMask)
	top := f.SW >> topShift & 7
	for i := range uint16(8) {
		st := &f.ST[(top+i)&7]
		le.PutUint64(p[fxST+16*i:], st.Mant)
		le.PutUint16(p[fxST+16*i+8:], st.SE)
	}
	for i, x := range r.XMM {
		le.PutUint64(p[fxXMM+16*i:], x.Lo)
		le.PutUint64(p[fxXMM+16*i+8:], x.Hi)
	}
}

// getX87 reads the x87 half of an FXSAVE area.
func getX87(p []byte, f *x86.FPU) {
	le := binary.LittleEndian
	f.CW = le.Uint16(p)&0x1f7f | 0x40 // bit 6 is 1, reserved bits are 0
	f.SW = le.Uint16(p[2:])
	f.Tag = p[4]
	f.FOP = le.Uint16(p[6:]) & 0x7ff
	f.FIP = le.Uint64(p[8:])
	f.FDP = le.Uint64(p[16:])
	top := f.SW >> topShift & 7
	for i := range uint16(8) {
		f.ST[(top+i)&7] = x86.F80{Mant: le.Uint64(p[fxST+16*i:]), SE: le.Uint16(p[fxST+16*i+8:])}
	}
}

// getSSE reads the SSE half of an FXSAVE area.
func getSSE(p []byte, r *x86.Regs) {
	le := binary.LittleEndian
	for i := range r.XMM {
		r.XMM[i] = x86.XMM{Lo: le.Uint64(p[fxXMM+16*i:]), Hi: le.Uint64(p[fxXMM+16*i+8:])}
	}
}

// initFP gives r the floating-point state of a new program, which a signal
// handler starts with too.
func initFP(r *x86.Regs) {
	r.FPU = x86.FPU{CW: x86.InitCW}
	r.MXCSR = x86.InitMXCSR
	r.XMM = [16]x86.XMM{}
	r.YMMH = [16]x86.XMM{}
}

// putFPFrame writes the floating-point part of a signal frame to p.
func putFPFrame(p []byte, r *x86.Regs) {
	le := binary.LittleEndian
	putFXSAVE(p, r)
	le.PutUint32(p[swReserved:], fpMagic1)
	le.PutUint32(p[swReserved+4:], fpFrameSize)
	le.PutUint64(p[swReserved+8:], xfeatures)
	le.PutUint32(p[swReserved+16:], xstateSize)
	le.PutUint64(p[fxsaveSize:], xfeatures) // XSTATE_BV
	le.PutUint32(p[xstateSize:], fpMagic2)
}

// getFPFrame reads the floating-point part of a signal frame at addr. Without
// the magic numbers it is plain FXSAVE. It returns false if it cannot be loaded.
func (t *Thread) getFPFrame(addr uint64, r *x86.Regs) bool {
	var b [fpFrameSize]byte
	if t.Read(b[:fxsaveSize], addr) != nil {
		return false
	}
	le := binary.LittleEndian
	features := uint64(featureX87 | featureSSE)
	if le.Uint32(b[swReserved:]) == fpMagic1 && le.Uint32(b[swReserved+16:]) == xstateSize &&
		le.Uint32(b[swReserved+4:]) == fpFrameSize {
		if t.Read(b[fxsaveSize:], addr+fxsaveSize) != nil {
			return false
		}
		if le.Uint32(b[xstateSize:]) == fpMagic2 {
			features = le.Uint64(b[swReserved+8:]) & le.Uint64(b[fxsaveSize:]) & xfeatures
		}
	}
	mxcsr := le.Uint32(b[fxMXCSR:])
	if mxcsr&^mxcsrMask != 0 {
		return false // LDMXCSR would be #GP
	}
	initFP(r)
	if features&featureX87 != 0 {
		getX87(b[:], &r.FPU)
	}
	if features&featureSSE != 0 {
		getSSE(b[:], r)
		r.MXCSR = mxcsr
	}
	return true
}
