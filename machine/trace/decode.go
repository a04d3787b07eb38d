package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"

	"emurun/emu/x86"
)

// decoder takes records off a frame. After the first error every value is zero.
type decoder struct {
	learned
	p   []byte
	off int
	err error
	mem []uint64 // what the words of a record are cut from
}

// fail makes the first error.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("record at byte %#x of the frame: %s: %w", d.off, fmt.Sprintf(format, args...), ErrCorrupt)
	}
}

// take returns the next n bytes, or nil.
func (d *decoder) take(n uint64) []byte {
	if d.err == nil && n > uint64(len(d.p)-d.off) {
		d.fail("%d bytes wanted, %d left", n, len(d.p)-d.off)
	}
	if d.err != nil {
		return nil
	}
	b := d.p[d.off : d.off+int(n) : d.off+int(n)]
	d.off += int(n)
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// limited reads a byte of at most limit values.
func (d *decoder) limited(limit uint8, what string) byte {
	b := d.byte()
	if b >= limit {
		d.fail("%s %d", what, b)
		return 0
	}
	return b
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.p[d.off:])
	if n <= 0 {
		d.fail("a number that does not end")
		return 0
	}
	d.off += n
	return v
}

func (d *decoder) signed() uint64 {
	v := d.uint()
	return v>>1 ^ -(v & 1)
}

// int32 reads a signed number of 32 bits.
func (d *decoder) int32() int32 {
	v := int64(d.signed())
	if v != int64(int32(v)) {
		d.fail("the number %d has more than 32 bits", v)
		return 0
	}
	return int32(v)
}

// id reads the number of a process or thread.
func (d *decoder) id() int32 {
	v := d.uint()
	if v != uint64(uint32(v)) {
		d.fail("process or thread %d", v)
	}
	return int32(v)
}

func (d *decoder) fixed() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) gap() {
	if n := d.uint(); n <= ^d.step {
		d.step += n
	} else {
		d.fail("the step overflows")
	}
}

// code reads the bytes of an instruction.
func (d *decoder) code() []byte {
	n := d.uint()
	if n > 15 {
		d.fail("an instruction of %d bytes", n)
	}
	return d.take(n)
}

// thread reads which thread follows.
func (d *decoder) thread() {
	pid, tid := d.id(), d.id()
	t := d.threads[tid]
	if t == nil {
		if len(d.threads) >= maxThreads || tid == 0 {
			d.fail("thread %d after %d others", tid, len(d.threads))
			return
		}
		t = &ThreadState{}
		d.threads[tid] = t
	}
	t.PID = pid
	t.RIP += d.signed()
	d.pid, d.tid, d.current = pid, tid, t
	if d.full {
		for _, c := range d.values(nil, d.set()) {
			t.Regs[c.Reg] = c.New
		}
	}
}

// set reads a set of registers.
func (d *decoder) set() (s regSet) {
	n := d.uint()
	at := uint64(0)
	for range min(n, NumRegs+1) {
		at += d.uint()
		if at >= NumRegs || d.err != nil {
			d.fail("register %d", at)
			return regSet{}
		}
		s.add(uint8(at))
		at++
	}
	return s
}

// values reads the values of the registers in s.
func (d *decoder) values(list []Change, s regSet) []Change {
	for half, set := range s {
		for ; set != 0; set &= set - 1 {
			n := uint8(half<<6 + bits.TrailingZeros64(set))
			old := d.current.Regs[n]
			list = append(list, Change{n, old, old + d.signed()})
		}
	}
	return list
}

// memory reads runs of words.
func (d *decoder) memory(list []Write) []Write {
	d.mem = d.mem[:0]
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		pid := int64(d.pid) + int64(d.signed())
		addr := d.addr + d.signed()<<3
		words := d.uint()
		if pid != int64(int32(pid)) {
			d.fail("%d words of memory of process %d", words, pid)
			break
		}
		b := d.take(8 * words)
		start := len(d.mem)
		for ; len(b) > 0; b = b[8:] {
			d.mem = append(d.mem, binary.LittleEndian.Uint64(b))
		}
		list = append(list, Write{int32(pid), addr, d.mem[start:len(d.mem):len(d.mem)]})
		d.addr = addr + 8*words
	}
	return list
}

// effects reads where the thread goes on, and what changed.
func (d *decoder) effects(r *Record) {
	if d.current == nil {
		d.fail("no thread for a %v", r.Kind)
		return
	}
	r.PID, r.TID, r.RIP = d.pid, d.tid, d.current.RIP
	r.Next = r.RIP + d.signed()
	if d.full {
		r.Regs = d.values(r.Regs, d.set())
		r.Memory = d.memory(r.Memory)
		return
	}
	r.Chain = d.fixed()
}

// instruction reads a record of kind Instruction.
func (d *decoder) instruction(r *Record, tag byte) {
	if d.current == nil || !d.full || tag&^tagBits != 0 {
		d.fail("an instruction with tag %#x", tag)
		return
	}
	if tag&tagGap != 0 {
		d.gap()
	}
	r.Step, r.PID, r.TID, r.RIP = d.step, d.pid, d.tid, d.current.RIP
	s := d.slot(r.RIP)
	if tag&tagCode != 0 {
		*s = codeSlot{addr: r.RIP}
		s.len = uint8(copy(s.code[:], d.code()))
	}
	if s.addr != r.RIP || s.len == 0 {
		d.fail("the instruction at %#x is not known", r.RIP)
		return
	}
	r.Code = s.code[:s.len]
	r.Next = r.RIP + uint64(s.len)
	if tag&tagJump != 0 {
		r.Next += d.signed()
	}
	if tag&tagRegs != 0 {
		s.set = d.set()
	}
	r.Regs = d.values(r.Regs, s.set)
	if tag&tagMemory != 0 {
		r.Memory = d.memory(r.Memory)
	}
}

// record reads the next record into r, or only a thread, and then returns false.
func (d *decoder) record(r *Record) bool {
	*r = Record{Regs: r.Regs[:0], Memory: r.Memory[:0]}
	tag := d.byte()
	if tag == tagThread {
		d.thread()
		return false
	}
	if tag&tagOther == 0 {
		d.instruction(r, tag)
		return d.err == nil
	}
	r.Kind = Kind(tag &^ tagOther)
	if r.Kind >= numKinds || r.Kind == Instruction {
		d.fail("a record of kind %d", r.Kind)
	}
	d.gap()
	r.Step = d.step
	d.body(r)
	if r.Kind.hasEffects() {
		d.effects(r)
	}
	return d.err == nil
}

// body reads what records of a kind have of their own.
func (d *decoder) body(r *Record) {
	switch r.Kind {
	case Call:
		d.call(&r.Syscall)
	case Fault:
		r.Code = d.code()
		r.Fault.Vector = x86.Vector(d.byte())
		r.Fault.Code = uint32(d.uint())
		r.Fault.Addr = d.uint()
	case Signal:
		r.PID, r.TID = d.id(), d.id()
		r.Signal.Signo, r.Signal.Code = d.int32(), d.int32()
		for i := range r.Signal.Data {
			r.Signal.Data[i] = d.uint()
		}
	case Exit:
		r.PID, r.TID = d.id(), d.id()
		r.Ended = Ended{d.limited(2, "bool") == 1, d.int32()}
	case Input:
		d.input(&r.Input)
	case State:
		copy(r.Sum[:], d.take(uint64(len(r.Sum))))
	case Memory:
		r.Memory = d.memory(r.Memory)
	case End:
		r.Reason = EndReason(d.limited(uint8(numEndReasons), "reason"))
	}
}

func (d *decoder) input(in *Outside) {
	in.Kind, in.Port, in.Set = d.byte(), d.byte(), d.byte()
	errno := d.uint()
	if in.Errno = uint16(errno); errno > 0xffff {
		d.fail("error %d", errno)
	}
	in.Tick, in.Number, in.Size = d.uint(), int64(d.signed()), d.uint()
	n := in.Size
	if n > maxData {
		n = sha256.Size
	}
	in.Data = d.take(n)
}

func (d *decoder) call(c *Syscall) {
	c.Number = d.uint()
	for i := range c.Args {
		c.Args[i] = d.uint()
	}
	c.State = SyscallState(d.limited(uint8(numSyscallStates), "state of a call"))
	if c.State == Returned {
		c.Result = int64(d.signed())
	}
}
