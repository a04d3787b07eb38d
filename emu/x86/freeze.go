package x86

import "emurun/snapshot/wire"

// RegsVersion is the version of the encoding of Regs.
const RegsVersion = 1

// Freeze writes r.
func (r *Regs) Freeze(e *wire.Encoder) {
	for _, v := range r.GPR {
		e.Uint64(v)
	}
	e.Uint64(r.RIP)
	e.Uint64(uint64(r.RFLAGS))
	e.Uint64(r.FSBase)
	e.Uint64(r.GSBase)
	for i := range r.XMM {
		r.XMM[i].Freeze(e)
	}
	for i := range r.YMMH {
		r.YMMH[i].Freeze(e)
	}
	e.Uint32(r.MXCSR)
	r.FPU.Freeze(e)
}

// Thaw reads r.
func (r *Regs) Thaw(d *wire.Decoder) {
	d.Enter("regs")
	defer d.Leave()
	for i := range r.GPR {
		r.GPR[i] = d.Uint64()
	}
	r.RIP = d.Uint64()
	r.RFLAGS = Flags(d.Uint64())
	r.FSBase = d.Uint64()
	r.GSBase = d.Uint64()
	for i := range r.XMM {
		r.XMM[i].Thaw(d)
	}
	for i := range r.YMMH {
		r.YMMH[i].Thaw(d)
	}
	r.MXCSR = d.Uint32()
	r.FPU.Thaw(d)
}

// Freeze writes x.
func (x *XMM) Freeze(e *wire.Encoder) {
	e.Uint64(x.Lo)
	e.Uint64(x.Hi)
}

// Thaw reads x.
func (x *XMM) Thaw(d *wire.Decoder) {
	x.Lo = d.Uint64()
	x.Hi = d.Uint64()
}

// Freeze writes f.
func (f *F80) Freeze(e *wire.Encoder) {
	e.Uint64(f.Mant)
	e.Uint16(f.SE)
}

// Thaw reads f.
func (f *F80) Thaw(d *wire.Decoder) {
	f.Mant = d.Uint64()
	f.SE = d.Uint16()
}

// Freeze writes f.
func (f *FPU) Freeze(e *wire.Encoder) {
	for i := range f.ST {
		f.ST[i].Freeze(e)
	}
	e.Uint16(f.CW)
	e.Uint16(f.SW)
	e.Uint8(f.Tag)
	e.Uint16(f.FOP)
	e.Uint64(f.FIP)
	e.Uint64(f.FDP)
}

// Thaw reads f.
func (f *FPU) Thaw(d *wire.Decoder) {
	d.Enter("fpu")
	defer d.Leave()
	for i := range f.ST {
		f.ST[i].Thaw(d)
	}
	f.CW = d.Uint16()
	f.SW = d.Uint16()
	f.Tag = d.Uint8()
	f.FOP = d.Uint16()
	f.FIP = d.Uint64()
	f.FDP = d.Uint64()
}
