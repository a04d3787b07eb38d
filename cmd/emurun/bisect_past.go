package main

import (
	"crypto/sha256"
	"encoding/binary"

	"emurun/abi"
	"emurun/emu"
	"emurun/machine"
	"emurun/syscalls/kernel"
)

// past is a hash of what a run has done so far that its state may have forgotten: the
// registers after each system call, what came from outside, what was written to it, signals and
// exits. It watches a machine.
type past struct{ sum [sha256.Size]byte }

// add adds numbers and bytes.
func (p *past) add(data []byte, numbers ...uint64) {
	b := append(make([]byte, 0, 256), p.sum[:]...)
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	p.sum = sha256.Sum256(append(b, data...))
}

// Before implements machine.Tracer.
func (p *past) Before(_ *kernel.Thread, budget uint64) uint64 { return budget }

// After implements machine.Tracer.
func (p *past) After(*kernel.Thread, emu.Exit) {}

// Input implements machine.InputTracer.
func (p *past) Input(in machine.Input) {
	p.add(in.Data, in.Step, uint64(in.Kind), uint64(in.Port), uint64(in.Errno), uint64(in.Number), uint64(in.Set))
}

// Enter implements machine.CallTracer.
func (p *past) Enter(*kernel.Thread) {}

// Leave implements machine.CallTracer.
func (p *past) Leave(t *kernel.Thread) {
	p.add(nil, append(t.CPU.R[:], t.Kernel().Steps(), uint64(t.TID))...)
}

// Signal implements machine.CallTracer.
func (p *past) Signal(t *kernel.Thread, info *abi.Siginfo) {
	p.add(nil, t.Kernel().Steps(), uint64(t.TID), uint64(info.Signo), uint64(info.Code))
}

// Exited implements machine.CallTracer.
func (p *past) Exited(t *kernel.Thread, status int32) {
	p.add(nil, t.Kernel().Steps(), uint64(t.TID), uint64(status))
}
