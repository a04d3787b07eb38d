package hostcpu

import (
	"encoding/binary"

	"emurun/emu/x86"
)

// Layout of a record, which the child reads and overwrites; see child_linux_amd64.s.
// It begins with struct sigcontext of the kernel (arch/x86/include/uapi/asm/sigcontext.h).
const (
	recRIP    = 16 * 8
	recFlags  = 17 * 8
	recErr    = 19 * 8
	recTrapno = 20 * 8
	recCR2    = 22 * 8
	recFSBase = 23 * 8
	recGSBase = 24 * 8
	recFlags2 = 25 * 8 // RFLAGS at rt_sigreturn: NT and ID, which the frame cannot set
	recXSave  = 256
	recMem    = recXSave + 832
	recCode   = recMem + MemSize
	recSize   = 2560
)

// Layout of the XSAVE area (SDM Vol. 1, 13.4).
const (
	xsCW    = recXSave + 0
	xsSW    = recXSave + 2
	xsTag   = recXSave + 4
	xsFOP   = recXSave + 6
	xsFIP   = recXSave + 8
	xsFDP   = recXSave + 16
	xsMXCSR = recXSave + 24
	xsST    = recXSave + 32
	xsXMM   = recXSave + 160
	xsYMMH  = recXSave + 576
)

// sigOrder lists the general registers in struct sigcontext's order.
var sigOrder = [16]int{
	x86.R8, x86.R9, x86.R10, x86.R11, x86.R12, x86.R13, x86.R14, x86.R15,
	x86.RDI, x86.RSI, x86.RBP, x86.RBX, x86.RDX, x86.RAX, x86.RCX, x86.RSP,
}

type record []byte

func (r record) u16(off int) uint16        { return binary.LittleEndian.Uint16(r[off:]) }
func (r record) u32(off int) uint32        { return binary.LittleEndian.Uint32(r[off:]) }
func (r record) u64(off int) uint64        { return binary.LittleEndian.Uint64(r[off:]) }
func (r record) put16(off int, v uint16)   { binary.LittleEndian.PutUint16(r[off:], v) }
func (r record) put32(off int, v uint32)   { binary.LittleEndian.PutUint32(r[off:], v) }
func (r record) put64(off int, v uint64)   { binary.LittleEndian.PutUint64(r[off:], v) }
func (r record) xmm(off int) x86.XMM       { return x86.XMM{Lo: r.u64(off), Hi: r.u64(off + 8)} }
func (r record) putXMM(off int, x x86.XMM) { r.put64(off, x.Lo); r.put64(off+8, x.Hi) }

// put writes the state before the case.
func (r record) put(c *Case) {
	s := &c.In
	for i, n := range sigOrder {
		r.put64(i*8, s.GPR[n])
	}
	r.put64(recRIP, EntryAddr)
	r.put64(recFlags, uint64(s.RFLAGS))
	r.put64(recFlags2, uint64(s.RFLAGS&(x86.NT|x86.ID)))
	r.put64(recFSBase, s.FSBase)
	r.put64(recGSBase, s.GSBase)
	r.putFPU(&s.FPU)
	r.put32(xsMXCSR, s.MXCSR)
	for i := range s.XMM {
		r.putXMM(xsXMM+16*i, s.XMM[i])
		r.putXMM(xsYMMH+16*i, s.YMMH[i])
	}
	copy(r[recMem:], s.Mem[:])
	code := r[recCode : recCode+CodeSize]
	for i := copy(code, c.Code); i < CodeSize; i++ {
		code[i] = int3
	}
}

// putFPU writes the x87 state; the area has the registers by stack position.
func (r record) putFPU(f *x86.FPU) {
	r.put16(xsCW, f.CW)
	r.put16(xsSW, f.SW)
	r[xsTag], r[xsTag+1] = f.Tag, 0
	r.put16(xsFOP, f.FOP)
	r.put64(xsFIP, f.FIP)
	r.put64(xsFDP, f.FDP)
	top := int(f.SW >> 11 & 7)
	for i := range 8 {
		st := f.ST[(top+i)&7]
		r.put64(xsST+16*i, st.Mant)
		r.put64(xsST+16*i+8, uint64(st.SE))
	}
}

// get reads the state after the case.
func (r record) get(c *Case) {
	s := &c.Out
	for i, n := range sigOrder {
		s.GPR[n] = r.u64(i * 8)
	}
	s.RIP = r.u64(recRIP)
	// RF is what the kernel makes of the exception, not what the instruction did.
	s.RFLAGS = x86.Flags(r.u64(recFlags)) &^ x86.RF
	s.FSBase, s.GSBase = r.u64(recFSBase), r.u64(recGSBase)
	r.getFPU(&s.FPU)
	s.MXCSR = r.u32(xsMXCSR)
	for i := range s.XMM {
		s.XMM[i] = r.xmm(xsXMM + 16*i)
		s.YMMH[i] = r.xmm(xsYMMH + 16*i)
	}
	copy(s.Mem[:], r[recMem:])
	c.Exc = r.exception(c)
}

func (r record) getFPU(f *x86.FPU) {
	f.CW, f.SW, f.Tag = r.u16(xsCW), r.u16(xsSW), r[xsTag]
	f.FOP, f.FIP, f.FDP = r.u16(xsFOP), r.u64(xsFIP), r.u64(xsFDP)
	top := int(f.SW >> 11 & 7)
	for i := range 8 {
		f.ST[(top+i)&7] = x86.F80{Mant: r.u64(xsST + 16*i), SE: r.u16(xsST + 16*i + 8)}
	}
}

// exception tells how the case ended. An INT3 that is not of the case's own code
// is the end mark, and so is a failing fetch at an address other than the
// entry: the case's branch has retired.
func (r record) exception(c *Case) *x86.Exception {
	e := &x86.Exception{Vector: x86.Vector(r.u64(recTrapno)), Code: uint32(r.u64(recErr))}
	rip := c.Out.RIP
	switch e.Vector {
	case x86.VecBP:
		if at := rip - 1 - EntryAddr; at >= uint64(len(c.Code)) {
			c.Out.RIP--
			return nil
		}
	case x86.VecPF:
		if e.Addr = r.u64(recCR2); e.Addr == rip && rip != EntryAddr && e.Code&x86.PFFetch != 0 {
			return nil
		}
	}
	return e
}
