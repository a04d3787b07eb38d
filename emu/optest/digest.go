package optest

import (
	"encoding/binary"

	"emurun/emu/x86"
	"emurun/internal/hostcpu"
)

// Digest is a running hash of masked results.
type Digest uint64

// add mixes in a word.
func (d *Digest) add(v uint64) {
	x := (uint64(*d) ^ v) * 0x9e3779b97f4a7c15
	*d = Digest(x ^ x>>29)
}

// Add mixes in the state after a case, masked, and its exception.
func (d *Digest) Add(c *Case, s *hostcpu.State, exc *x86.Exception) {
	m, exc := *s, clone(exc)
	c.Mask(&m, exc)
	for _, v := range m.GPR {
		d.add(v)
	}
	for _, v := range []uint64{m.RIP, uint64(m.RFLAGS), m.FSBase, m.GSBase, uint64(m.MXCSR)} {
		d.add(v)
	}
	for i := range m.XMM {
		d.add(m.XMM[i].Lo)
		d.add(m.XMM[i].Hi)
	}
	for _, st := range m.FPU.ST {
		d.add(st.Mant)
		d.add(uint64(st.SE))
	}
	d.add(uint64(m.FPU.CW) | uint64(m.FPU.SW)<<16 | uint64(m.FPU.Tag)<<32)
	for i := 0; i < len(m.Mem); i += 8 {
		d.add(binary.LittleEndian.Uint64(m.Mem[i:]))
	}
	if exc != nil {
		d.add(1<<63 | uint64(exc.Vector)<<32 | uint64(exc.Code))
		d.add(exc.Addr)
	}
}
