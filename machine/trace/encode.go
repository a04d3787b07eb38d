package trace

import (
	"encoding/binary"
)

// The first byte of a record is its kind with the bit tagOther, or the bits of an
// instruction.
const (
	tagCode   = 1 << 0 // the instruction's bytes follow
	tagJump   = 1 << 1 // Next is not the address behind
	tagRegs   = 1 << 2 // the set of changed registers follows: it is not the last time's
	tagMemory = 1 << 3 // memory follows
	tagGap    = 1 << 4 // steps were retired without a record
	tagBits   = 1<<5 - 1
	tagOther  = 1 << 7
	// tagThread is no record: which thread the following is of, with the
	// registers that the reader does not know.
	tagThread = tagOther | 0x7f
)

// encoder appends records to a frame.
type encoder struct {
	learned
	p []byte
}

func (e *encoder) byte(b byte)     { e.p = append(e.p, b) }
func (e *encoder) uint(v uint64)   { e.p = binary.AppendUvarint(e.p, v) }
func (e *encoder) fixed(v uint64)  { e.p = binary.LittleEndian.AppendUint64(e.p, v) }
func (e *encoder) bytes(b []byte)  { e.uint(uint64(len(b))); e.p = append(e.p, b...) }
func (e *encoder) signed(v uint64) { e.uint(v<<1 ^ uint64(int64(v)>>63)) }
func (e *encoder) id(v int32)      { e.uint(uint64(uint32(v))) }

// gap tells the steps since the last record.
func (e *encoder) gap(step uint64) {
	e.uint(step - e.step)
	e.step = step
}

// thread makes t the thread of what follows.
func (e *encoder) thread(tid int32, t *ThreadState) {
	known := e.threads[tid]
	if known != nil && known == e.current && t.PID == e.pid {
		return
	}
	if known == nil {
		known = &ThreadState{}
		e.threads[tid] = known
	}
	e.byte(tagThread)
	e.id(t.PID)
	e.id(tid)
	e.signed(t.RIP - known.RIP)
	if e.full {
		e.values(e.changes(known, t), nil)
	}
	*known = *t
	e.pid, e.tid, e.current = t.PID, tid, known
}

// changes lists what differs between two states.
func (e *encoder) changes(a, b *ThreadState) []Change {
	var list []Change
	for i, v := range b.Regs {
		if v != a.Regs[i] {
			list = append(list, Change{uint8(i), a.Regs[i], v})
		}
	}
	return list
}

// values writes changed registers: their set, unless s is already it, and by how much they
// changed.
func (e *encoder) values(list []Change, s *regSet) {
	if s == nil {
		e.uint(uint64(len(list)))
		last := -1
		for _, c := range list {
			e.uint(uint64(int(c.Reg) - last - 1))
			last = int(c.Reg)
		}
	}
	for _, c := range list {
		e.signed(c.New - c.Old)
	}
}

// memory writes runs of words.
func (e *encoder) memory(runs []Write) {
	e.uint(uint64(len(runs)))
	for _, w := range runs {
		e.signed(uint64(int64(w.PID) - int64(e.pid)))
		e.signed(uint64(int64(w.Addr-e.addr) >> 3))
		e.uint(uint64(len(w.Words)))
		for _, v := range w.Words {
			e.fixed(v)
		}
		e.addr = w.Addr + 8*uint64(len(w.Words))
	}
}

// effects writes where the thread goes on, and what changed.
func (e *encoder) effects(r *Record) {
	e.signed(r.Next - e.current.RIP)
	if e.full {
		e.values(r.Regs, nil)
		e.memory(r.Memory)
		return
	}
	e.fixed(r.Chain)
}

// instruction writes a record of kind Instruction.
func (e *encoder) instruction(r *Record) {
	s := e.slot(r.RIP)
	var set regSet
	for _, c := range r.Regs {
		set.add(c.Reg)
	}
	tag := byte(0)
	if s.addr != r.RIP || string(s.code[:s.len]) != string(r.Code) || s.len == 0 {
		tag |= tagCode
		*s = codeSlot{addr: r.RIP, len: uint8(len(r.Code))}
		copy(s.code[:], r.Code)
	}
	if r.Next != r.RIP+uint64(len(r.Code)) {
		tag |= tagJump
	}
	if set != s.set {
		tag |= tagRegs
	}
	if len(r.Memory) > 0 {
		tag |= tagMemory
	}
	if r.Step != e.step {
		tag |= tagGap
	}
	e.byte(tag)
	if tag&tagGap != 0 {
		e.gap(r.Step)
	}
	if tag&tagCode != 0 {
		e.bytes(r.Code)
	}
	if tag&tagJump != 0 {
		e.signed(r.Next - r.RIP - uint64(len(r.Code)))
	}
	if tag&tagRegs != 0 {
		s.set = set
		e.values(r.Regs, nil)
	} else {
		e.values(r.Regs, &set)
	}
	if tag&tagMemory != 0 {
		e.memory(r.Memory)
	}
}

// record writes r, whose thread is the current one if it has effects.
func (e *encoder) record(r *Record) {
	if r.Kind == Instruction {
		e.instruction(r)
		return
	}
	e.byte(tagOther | byte(r.Kind))
	e.gap(r.Step)
	switch r.Kind {
	case Call:
		e.call(&r.Syscall)
	case Fault:
		e.bytes(r.Code)
		e.byte(uint8(r.Fault.Vector))
		e.uint(uint64(r.Fault.Code))
		e.uint(r.Fault.Addr)
	case Signal:
		e.id(r.PID)
		e.id(r.TID)
		e.signed(uint64(int64(r.Signal.Signo)))
		e.signed(uint64(int64(r.Signal.Code)))
		for _, v := range r.Signal.Data {
			e.uint(v)
		}
	case Exit:
		e.id(r.PID)
		e.id(r.TID)
		e.bool(r.Ended.Process)
		e.signed(uint64(int64(r.Ended.Status)))
	case Input:
		e.input(&r.Input)
	case State:
		e.p = append(e.p, r.Sum[:]...)
	case Memory:
		e.memory(r.Memory)
	case End:
		e.byte(byte(r.Reason))
	}
	if r.Kind.hasEffects() {
		e.effects(r)
	}
}

func (e *encoder) bool(v bool) {
	if v {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

func (e *encoder) input(in *Outside) {
	e.byte(in.Kind)
	e.byte(in.Port)
	e.byte(in.Set)
	e.uint(uint64(in.Errno))
	e.uint(in.Tick)
	e.signed(uint64(in.Number))
	e.uint(in.Size)
	e.p = append(e.p, in.Data...)
}

func (e *encoder) call(c *Syscall) {
	e.uint(c.Number)
	for _, a := range c.Args {
		e.uint(a)
	}
	e.byte(byte(c.State))
	if c.State == Returned {
		e.signed(uint64(c.Result))
	}
}
