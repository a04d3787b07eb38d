package machine

import (
	"crypto/sha256"

	"emurun/snapshot/wire"
)

// StateSumKind names what StateSum is the hash of; it changes when that does.
const StateSumKind = "registers and private memory, 2"

// StateSum returns a hash of the machine's state as it is now: time, and of each process
// the registers of its threads and its private memory. Only pages that were written since the
// last call are hashed again.
func (m *Machine) StateSum() [32]byte {
	k := m.Kernel
	e := new(wire.Encoder)
	e.Uint64(k.Steps())
	e.Int64(k.Now())
	for _, p := range k.Processes() {
		e.Int32(p.PID)
		e.Count(len(p.Threads()))
		for _, t := range p.Threads() {
			e.Int32(t.TID)
			r := t.CPU.Regs()
			r.Freeze(e)
		}
		if p.Mem == nil {
			continue // a zombie
		}
		v := p.Mem.View()
		s := v.Sum()
		v.Release(false)
		e.Fixed(s[:])
	}
	return sha256.Sum256(e.Encoding())
}
