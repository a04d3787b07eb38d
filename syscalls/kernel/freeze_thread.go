package kernel

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/vfs"
	"emurun/vfs/anon"
)

// Freeze writes t: registers in canonical form, the call in progress, and where it waits.
func (t *Thread) Freeze(e *wire.Encoder) {
	e.Int32(t.TID)
	e.Ref(t.Proc)
	r := t.CPU.Regs()
	r.Freeze(e)
	e.Uint8(uint8(t.state))
	t.call.freeze(e)
	e.Bool(t.restart.valid)
	if t.restart.valid {
		t.restart.call.freeze(e)
	}
	t.wait.freeze(e)
	e.Uint64(t.quantum)
	e.Uint64(t.steps)
	t.freezeSignals(e)
	t.freezeAttributes(e)
	t.futex.freeze(e)
}

// Thaw reads t.
func (t *Thread) Thaw(d *wire.Decoder) {
	t.TID = d.Int32()
	t.Proc = wire.Ref[*Process](d)
	r := t.CPU.Regs()
	r.Thaw(d)
	t.CPU.SetRegs(&r)
	t.state = threadState(d.Uint8())
	t.call.thaw(d)
	if t.restart.valid = d.Bool(); t.restart.valid {
		t.restart.call.thaw(d)
	}
	t.wait.thaw(d, t)
	t.quantum = d.Uint64()
	t.steps = d.Uint64()
	t.thawSignals(d)
	t.thawAttributes(d)
	t.futex.thaw(d, t)
	switch {
	case t.Proc == nil:
		d.Fail("thread %d has no process", t.TID)
	case t.state > dead:
		d.Fail("thread %d is in state %d", t.TID, t.state)
	case t.quantum > maxQuantum || t.steps > maxSteps:
		d.Fail("thread %d has %d steps left of its turn, %d behind it", t.TID, t.quantum, t.steps)
	}
}

// Link gives t its memory. Kernel.Link has marked the threads that processes have.
func (t *Thread) Link() error {
	if t.listed != (t.state != dead) {
		return wire.Corrupt("thread %d is in no process, or dead in one", t.TID)
	}
	if t.state == dead && len(t.futex.entries) > 0 {
		return wire.Corrupt("thread %d is dead and waits", t.TID)
	}
	t.listed = false
	t.CPU.Mem = t.Proc.mm.space
	return nil
}

// freeze writes c.
func (c *call) freeze(e *wire.Encoder) {
	e.Bool(c.active)
	e.Bool(c.waiting)
	e.Bool(c.again)
	e.Uint64(c.nr)
	for _, a := range c.args {
		e.Uint64(a)
	}
	e.Int32(int32(c.errno))
	e.Bool(c.timed)
	e.Bool(c.realtime)
	e.Int64(c.deadline)
	e.Uint64(c.done)
	e.Uint64(c.items)
	e.Bool(c.files.refs)
	e.Count(c.files.n)
	for i := range c.files.n {
		e.Ref(c.files.file[i])
		e.Int32(c.files.fd[i])
	}
	freezeRefs(e, c.polled)
	e.Ref(c.fifo)
}

func (c *call) thaw(d *wire.Decoder) {
	c.active = d.Bool()
	c.waiting = d.Bool()
	c.again = d.Bool()
	c.nr = d.Uint64()
	for i := range c.args {
		c.args[i] = d.Uint64()
	}
	c.errno = abi.Errno(d.Int32())
	c.timed = d.Bool()
	c.realtime = d.Bool()
	c.deadline = thawNs(d)
	c.done = d.Uint64()
	c.items = d.Uint64()
	c.files.refs = d.Bool()
	c.files.n = d.Count(len(c.files.file), 8)
	for i := range c.files.n {
		c.files.file[i] = wire.Ref[*vfs.OpenFile](d)
		c.files.fd[i] = d.Int32()
		if c.files.file[i] == nil {
			d.Fail("the call's file %d is none", i)
		}
	}
	c.polled = thawRefs[*vfs.OpenFile](d)
	c.fifo = wire.Ref[*anon.Pipe](d)
}

// freeze writes w. The queues lie in what the thread waits for.
func (w *waitState) freeze(e *wire.Encoder) {
	freezeRefs(e, w.queues)
	w.timer.freeze(e)
	e.Uint64(w.seq)
}

func (w *waitState) thaw(d *wire.Decoder, t *Thread) {
	n := d.Count(wire.MaxLen, 4)
	for range n {
		wire.Later(d, func(q *vfs.Queue) { w.queues = append(w.queues, q) })
	}
	w.timer.thaw(d, t)
	w.seq = d.Uint64()
}

// freezeSignals writes what t has of signals.
func (t *Thread) freezeSignals(e *wire.Encoder) {
	e.Uint64(t.SigMask)
	e.Uint64(t.savedMask)
	e.Bool(t.restoreMask)
	e.Uint64(t.sigWait)
	t.pending.freeze(e)
	e.Uint64(t.altStack.SP)
	e.Uint32(t.altStack.Flags)
	e.Uint64(t.altStack.Size)
	e.Uint64(t.trap.vector)
	e.Uint64(t.trap.code)
	e.Uint64(t.trap.addr)
	e.Int32(int32(t.PdeathSignal))
}

func (t *Thread) thawSignals(d *wire.Decoder) {
	t.SigMask = d.Uint64()
	t.savedMask = d.Uint64()
	t.restoreMask = d.Bool()
	t.sigWait = d.Uint64()
	t.pending.thaw(d)
	t.altStack = abi.StackT{SP: d.Uint64(), Flags: d.Uint32(), Size: d.Uint64()}
	t.trap = trapInfo{d.Uint64(), d.Uint64(), d.Uint64()}
	t.PdeathSignal = thawSignal(d)
}

// freezeAttributes writes other properties of t.
func (t *Thread) freezeAttributes(e *wire.Encoder) {
	e.String(t.comm)
	e.Uint64(t.clearTID)
	e.Uint64(t.robustHead)
	e.Uint64(t.robustLen)
	e.Uint64(t.rseq.addr)
	e.Uint32(t.rseq.size)
	e.Uint32(t.rseq.sig)
	e.Bool(t.rseq.check)
	e.Int32(t.Policy)
	e.Int32(t.Priority)
	e.Uint64(t.switches)
	e.Uint64(t.preemptions)
}

func (t *Thread) thawAttributes(d *wire.Decoder) {
	t.comm = d.String(nameMax)
	t.clearTID = d.Uint64()
	t.robustHead = d.Uint64()
	t.robustLen = d.Uint64()
	t.rseq = rseqArea{d.Uint64(), d.Uint32(), d.Uint32(), d.Bool()}
	t.Policy = d.Int32()
	t.Priority = d.Int32()
	t.switches = d.Uint64()
	t.preemptions = d.Uint64()
}

// freeze writes w. The futexes' queues follow from the entries of all threads.
func (w *futexWait) freeze(e *wire.Encoder) {
	e.Bool(w.woken)
	e.Int32(w.index)
	e.Count(len(w.entries))
	for _, x := range w.entries {
		e.Ref(x.key.mm)
		e.Ref(x.key.object)
		e.Uint64(x.key.off)
		e.Bool(x.key.shared)
		e.Uint64(x.addr)
		e.Uint32(x.bitset)
		e.Int32(x.index)
		e.Bool(x.pi)
		e.Uint64(x.seq)
	}
}

func (w *futexWait) thaw(d *wire.Decoder, t *Thread) {
	w.woken = d.Bool()
	w.index = d.Int32()
	for range d.Count(wire.MaxLen, 42) {
		w.entries = append(w.entries, &futexEntry{
			thread: t,
			key: futexKey{
				mm: wire.Ref[*addressSpace](d), object: wire.Ref[*mem.Object](d), off: d.Uint64(), shared: d.Bool(),
			},
			addr: d.Uint64(), bitset: d.Uint32(), index: d.Int32(), pi: d.Bool(), seq: d.Uint64(),
		})
	}
}
