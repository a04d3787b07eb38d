package interp

import (
	"encoding/binary"

	"emurun/emu/x86"
)

// mxcsrMask are the bits of MXCSR that exist; the others must be 0.
const mxcsrMask = 0xffff

// State components (SDM Vol. 1, 13.1) and XCR0, which enables them.
const (
	xsX87 = 1 << 0
	xsSSE = 1 << 1
	xcr0  = xsX87 | xsSSE
)

// Offsets in the XSAVE area (SDM Vol. 1, 13.4, and table 10-2).
const (
	fxMXCSR    = 24
	fxST       = 32
	fxXMM      = 160
	fxEnd      = 416 // what follows is not written
	xsHeader   = 512
	xsCompact  = xsHeader + 8
	xsAreaSize = 576
)

// ldmxcsr implements LDMXCSR. A reserved bit is #GP.
func ldmxcsr(c *CPU, v uint32) bool {
	if v&^mxcsrMask != 0 {
		return fault(c, x86.VecGP, 0)
	}
	c.MXCSR = v
	return true
}

// stmxcsr implements STMXCSR.
func stmxcsr(c *CPU) uint32 { return c.MXCSR }

// emms implements EMMS: all x87 registers become empty, and TOP 0.
func emms(c *CPU) { c.FPU.Tag, c.FPU.SW = 0, c.FPU.SW&^(7<<11) }

// putX87 writes the x87 part of the area. The 32-bit form cuts the pointers and
// has their selectors, which are 0.
func putX87(b []byte, f *x86.FPU, wide bool) {
	le := binary.LittleEndian
	le.PutUint16(b[0:], f.CW)
	le.PutUint16(b[2:], f.SW)
	b[4], b[5] = f.Tag, 0
	le.PutUint16(b[6:], f.FOP)
	fip, fdp := f.FIP, f.FDP
	if !wide {
		fip, fdp = uint64(uint32(fip)), uint64(uint32(fdp))
	}
	le.PutUint64(b[8:], fip)
	le.PutUint64(b[16:], fdp)
	top := int(f.SW >> 11 & 7)
	for i := range 8 {
		st := &f.ST[(top+i)&7]
		le.PutUint64(b[fxST+16*i:], st.Mant)
		le.PutUint64(b[fxST+16*i+8:], uint64(st.SE))
	}
}

// getX87 reads the x87 part of the area. ES and B follow from the unmasked
// exceptions, whatever the image says.
func getX87(b []byte, f *x86.FPU, wide bool) {
	le := binary.LittleEndian
	f.CW = le.Uint16(b[0:])&0x1f7f | 0x40
	f.SW = le.Uint16(b[2:]) &^ (x87ES | x87B)
	if f.SW&^f.CW&0x3f != 0 {
		f.SW |= x87ES | x87B
	}
	f.Tag = b[4]
	f.FOP = le.Uint16(b[6:]) & 0x7ff
	f.FIP, f.FDP = le.Uint64(b[8:]), le.Uint64(b[16:])
	if !wide {
		f.FIP, f.FDP = uint64(uint32(f.FIP)), uint64(uint32(f.FDP))
	}
	top := int(f.SW >> 11 & 7)
	for i := range 8 {
		f.ST[(top+i)&7] = x86.F80{Mant: le.Uint64(b[fxST+16*i:]), SE: le.Uint16(b[fxST+16*i+8:])}
	}
}

// Bits of the x87 status word that summarise the unmasked exceptions.
const (
	x87ES = 1 << 7
	x87B  = 1 << 15
)

func putXMM(b []byte, c *CPU) {
	for i, x := range c.X {
		binary.LittleEndian.PutUint64(b[fxXMM+16*i:], x.Lo)
		binary.LittleEndian.PutUint64(b[fxXMM+16*i+8:], x.Hi)
	}
}

func getXMM(b []byte, c *CPU) {
	for i := range c.X {
		c.X[i].Lo = binary.LittleEndian.Uint64(b[fxXMM+16*i:])
		c.X[i].Hi = binary.LittleEndian.Uint64(b[fxXMM+16*i+8:])
	}
}

func putMXCSR(b []byte, c *CPU) {
	binary.LittleEndian.PutUint32(b[fxMXCSR:], c.MXCSR)
	binary.LittleEndian.PutUint32(b[fxMXCSR+4:], mxcsrMask)
}

// fxsave implements FXSAVE, whose pointers are cut to 32 bits.
func fxsave(c *CPU, a uint64) bool { return fxsaveTo(c, a, false) }

// fxsave64 implements FXSAVE64.
func fxsave64(c *CPU, a uint64) bool { return fxsaveTo(c, a, true) }

func fxsaveTo(c *CPU, a uint64, wide bool) bool {
	var b [fxEnd]byte
	putX87(b[:], &c.FPU, wide)
	putMXCSR(b[:], c)
	putXMM(b[:], c)
	// All 512 bytes must be writable, though the last are not written.
	return probe(c, a+xsHeader-chunk, chunk) && writeBytes(c, a, b[:])
}

// fxrstor implements FXRSTOR. A reserved bit of MXCSR is #GP.
func fxrstor(c *CPU, a uint64) bool { return fxrstorFrom(c, a, false) }

// fxrstor64 implements FXRSTOR64.
func fxrstor64(c *CPU, a uint64) bool { return fxrstorFrom(c, a, true) }

func fxrstorFrom(c *CPU, a uint64, wide bool) bool {
	var b [xsHeader]byte
	if !readBytes(c, a, b[:]) || !ldmxcsr(c, binary.LittleEndian.Uint32(b[fxMXCSR:])) {
		return false
	}
	getX87(b[:], &c.FPU, wide)
	getXMM(b[:], c)
	return true
}

// xInUse is XINUSE: the components that are not in their initial state (SDM Vol.
// 1, 13.6). A processor may say "in use" more often; we never do. MXCSR counts to
// SSE, as the instructions' XSTATE_BV has it.
func xInUse(c *CPU) (bv uint64) {
	if c.FPU != (x86.FPU{CW: x86.InitCW}) {
		bv |= xsX87
	}
	if c.X != [16]XMM{} || c.MXCSR != x86.InitMXCSR {
		bv |= xsSSE
	}
	return bv
}

// requested is RFBM, the components that EDX:EAX and XCR0 select.
func requested(c *CPU) uint64 {
	return (c.R[x86.RDX]<<32 | uint64(uint32(c.R[x86.RAX]))) & xcr0
}

// xsaveArea checks the area's alignment to 64 bytes, else #GP, and reads it.
func xsaveArea(c *CPU, a uint64, b *[xsAreaSize]byte) bool {
	if a&63 != 0 {
		return fault(c, x86.VecGP, 0)
	}
	return readBytes(c, a, b[:])
}

// xsaveTo stores the components in save, MXCSR if told, and XSTATE_BV. What is
// not to be written keeps its bytes.
func xsaveTo(c *CPU, a uint64, b *[xsAreaSize]byte, save uint64, mxcsr, wide bool) bool {
	if save&xsX87 != 0 {
		putX87(b[:], &c.FPU, wide)
	}
	if save&xsSSE != 0 {
		putXMM(b[:], c)
	}
	if mxcsr {
		putMXCSR(b[:], c)
	}
	return writeBytes(c, a, b[:])
}

// xsave implements XSAVE.
func xsave(c *CPU, a uint64) bool { return xsaveStandard(c, a, xcr0, false) }

// xsave64 implements XSAVE64.
func xsave64(c *CPU, a uint64) bool { return xsaveStandard(c, a, xcr0, true) }

// xsaveopt implements XSAVEOPT. Components in their initial state are not stored;
// that a component was not modified since XRSTOR is never assumed.
func xsaveopt(c *CPU, a uint64) bool { return xsaveStandard(c, a, xInUse(c), false) }

// xsaveopt64 implements XSAVEOPT64.
func xsaveopt64(c *CPU, a uint64) bool { return xsaveStandard(c, a, xInUse(c), true) }

// xsaveStandard stores the requested components that are in may.
func xsaveStandard(c *CPU, a, may uint64, wide bool) bool {
	var b [xsAreaSize]byte
	rfbm := requested(c)
	if !xsaveArea(c, a, &b) {
		return false
	}
	bv := binary.LittleEndian.Uint64(b[xsHeader:])
	binary.LittleEndian.PutUint64(b[xsHeader:], bv&^rfbm|xInUse(c)&rfbm)
	return xsaveTo(c, a, &b, rfbm&may, rfbm&xsSSE != 0, wide)
}

// xsavec implements XSAVEC. With these components the compacted form differs in the
// header only.
func xsavec(c *CPU, a uint64) bool { return xsaveCompact(c, a, false) }

// xsavec64 implements XSAVEC64.
func xsavec64(c *CPU, a uint64) bool { return xsaveCompact(c, a, true) }

func xsaveCompact(c *CPU, a uint64, wide bool) bool {
	var b [xsAreaSize]byte
	rfbm := requested(c)
	if !xsaveArea(c, a, &b) {
		return false
	}
	bv := xInUse(c) & rfbm
	binary.LittleEndian.PutUint64(b[xsHeader:], bv)
	binary.LittleEndian.PutUint64(b[xsCompact:], rfbm|1<<63)
	return xsaveTo(c, a, &b, bv, bv&xsSSE != 0, wide)
}

// xrstor implements XRSTOR. A header that asks for what does not exist, or a
// reserved bit of an MXCSR that is loaded, is #GP.
func xrstor(c *CPU, a uint64) bool { return xrstorFrom(c, a, false) }

// xrstor64 implements XRSTOR64.
func xrstor64(c *CPU, a uint64) bool { return xrstorFrom(c, a, true) }

func xrstorFrom(c *CPU, a uint64, wide bool) bool {
	var b [xsAreaSize]byte
	if !xsaveArea(c, a, &b) {
		return false
	}
	le := binary.LittleEndian
	bv, comp := le.Uint64(b[xsHeader:]), le.Uint64(b[xsCompact:])
	compact := comp>>63 != 0
	if !xrstorValid(b[:], bv, comp) {
		return fault(c, x86.VecGP, 0)
	}
	rfbm := requested(c)
	mxcsr := uint32(x86.InitMXCSR)
	if bv&xsSSE != 0 || !compact {
		mxcsr = le.Uint32(b[fxMXCSR:])
	}
	if rfbm&xsSSE != 0 && !ldmxcsr(c, mxcsr) {
		return false
	}
	restore(c, &b, rfbm, bv, wide)
	return true
}

// xrstorValid checks the header (SDM Vol. 1, 13.8.1 and 13.8.2).
func xrstorValid(b []byte, bv, comp uint64) bool {
	reserved := xsCompact + 8
	ok := bv&^xcr0 == 0 && comp == 0
	if comp>>63 != 0 {
		ok = comp&^(xcr0|1<<63) == 0 && bv&^comp == 0
	} else {
		reserved = xsCompact
	}
	for _, v := range b[reserved : xsHeader+24] {
		ok = ok && v == 0
	}
	return ok
}

// restore loads the requested components from the area, or their initial state
// where bv says that the area has none.
func restore(c *CPU, b *[xsAreaSize]byte, rfbm, bv uint64, wide bool) {
	switch {
	case rfbm&xsX87 == 0:
	case bv&xsX87 == 0:
		c.FPU = x86.FPU{CW: x86.InitCW}
	default:
		getX87(b[:], &c.FPU, wide)
	}
	switch {
	case rfbm&xsSSE == 0:
	case bv&xsSSE == 0:
		c.X = [16]XMM{}
	default:
		getXMM(b[:], c)
	}
}
