package machine

import (
	"crypto/sha256"
	"encoding/binary"

	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// stateHash collects the registers and private memory of every process at its
// end. Files and shared memory are not in it: they are compared by what they hold.
type stateHash struct{ chain [32]byte }

// exiting takes in the last thread and the memory of a process that ends.
func (h *stateHash) exiting(t *kernel.Thread, status int32) {
	d := sha256.New()
	put := func(values ...uint64) {
		var b [8]byte
		for _, v := range values {
			binary.LittleEndian.PutUint64(b[:], v)
			d.Write(b[:])
		}
	}
	d.Write(h.chain[:])
	put(uint64(t.Proc.PID), uint64(t.TID), uint64(uint32(status)), t.Kernel().Steps(), uint64(t.Kernel().Now()))
	r := t.CPU.Regs()
	put(r.GPR[:]...)
	put(r.RIP, uint64(r.RFLAGS), r.FSBase, r.GSBase, uint64(r.MXCSR))
	for _, x := range r.XMM {
		put(x.Lo, x.Hi)
	}
	for _, s := range r.FPU.ST {
		put(s.Mant, uint64(s.SE))
	}
	put(uint64(r.FPU.CW), uint64(r.FPU.SW), uint64(r.FPU.Tag))
	t.Proc.Mem.EachPage(func(addr uint64, page *[mem.PageSize]byte) {
		put(addr)
		d.Write(page[:])
	})
	d.Sum(h.chain[:0])
}

// sum returns the hash of the machine's state now, with the processes that are
// still there.
func (h *stateHash) sum(k *kernel.Kernel) (sum [32]byte) {
	for _, p := range k.Processes() {
		for _, t := range p.Threads() {
			h.exiting(t, -1)
		}
	}
	d := sha256.New()
	d.Write(h.chain[:])
	var b [24]byte
	binary.LittleEndian.PutUint64(b[0:], k.Steps())
	binary.LittleEndian.PutUint64(b[8:], uint64(k.Now()))
	status, _ := k.RootStatus()
	binary.LittleEndian.PutUint64(b[16:], uint64(uint32(status)))
	d.Write(b[:])
	d.Sum(sum[:0])
	return sum
}
