package kernel

import (
	"encoding/binary"

	"emurun/abi"
)

// rseqArea is the thread's registration of rseq(2): restartable sequences.
type rseqArea struct {
	addr  uint64
	size  uint32
	sig   uint32
	check bool // the thread was preempted or got a signal since it last returned
}

// Layout of struct rseq and struct rseq_cs.
const (
	rseqMinSize  = 32
	rseqCPUStart = 0
	rseqCPU      = 4
	rseqCS       = 8
	rseqNode     = 20
	rseqMMCID    = 24
	rseqCSSize   = 32
)

// SetRseq implements rseq(2).
func (t *Thread) SetRseq(addr uint64, size, flags, sig uint32) error {
	a := &t.rseq
	if flags&abi.RSEQ_FLAG_UNREGISTER != 0 {
		switch {
		case flags != abi.RSEQ_FLAG_UNREGISTER, a.addr == 0, a.addr != addr, a.size != size:
			return abi.EINVAL
		case a.sig != sig:
			return abi.EPERM
		}
		t.rseqIDs(0, 0xffffffff) // RSEQ_CPU_ID_UNINITIALIZED
		*a = rseqArea{}
		return nil
	}
	if flags != 0 {
		return abi.EINVAL
	}
	if a.addr != 0 {
		switch {
		case a.addr != addr, a.size != size:
			return abi.EINVAL
		case a.sig != sig:
			return abi.EPERM
		}
		return abi.EBUSY
	}
	if addr%rseqMinSize != 0 || size < rseqMinSize {
		return abi.EINVAL
	}
	*a = rseqArea{addr: addr, size: size, sig: sig}
	if t.WriteU64(addr+rseqCS, 0) != nil || !t.rseqIDs(0, 0) {
		*a = rseqArea{}
		return abi.EFAULT
	}
	return nil
}

// rseqIDs writes the CPU the thread runs on: always CPU 0 of node 0.
func (t *Thread) rseqIDs(start, id uint32) bool {
	a := t.rseq.addr
	return t.WriteU32(a+rseqCPUStart, start) == nil && t.WriteU32(a+rseqCPU, id) == nil &&
		t.WriteU32(a+rseqNode, 0) == nil && t.WriteU32(a+rseqMMCID, 0) == nil
}

// rseqReturn aborts a critical section that the thread was in when it was
// preempted or got a signal: it goes on at the section's abort address.
func (t *Thread) rseqReturn() {
	a := &t.rseq
	a.check = false
	if a.addr == 0 {
		return
	}
	cs, err := t.ReadU64(a.addr + rseqCS)
	if err != nil {
		t.force(KernelInfo(abi.SIGSEGV))
		return
	}
	if cs == 0 {
		return
	}
	var b [rseqCSSize]byte
	if t.Read(b[:], cs) != nil {
		t.force(KernelInfo(abi.SIGSEGV))
		return
	}
	le := binary.LittleEndian
	start, n, abort := le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
	sig, err := t.ReadU32(abort - 4)
	if le.Uint32(b[:]) != 0 || err != nil || sig != a.sig || abort-start < n {
		t.force(KernelInfo(abi.SIGSEGV))
		return
	}
	inside := t.CPU.RIP-start < n
	if t.WriteU64(a.addr+rseqCS, 0) != nil {
		t.force(KernelInfo(abi.SIGSEGV))
		return
	}
	if inside {
		t.CPU.RIP = abort
	}
}
