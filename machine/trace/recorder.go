package trace

import (
	"crypto/sha256"
	"errors"
	"io"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/decode"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/machine"
	"emurun/syscalls/kernel"
)

// Options say what a Recorder records.
type Options struct {
	Mode       Mode
	Every      uint64 // steps of a block in Hash; 0 is DefaultEvery
	StateEvery uint64 // steps between two hashes of the state; 0 for none
	From       uint64 // the step at which the trace begins
	Until      uint64 // and that at which it ends; 0 is the end of the run
	Seed       uint64 // these three are only noted
	EpochNs    int64
	Args       []string
}

// Defaults of Options.
const (
	DefaultEvery      = 1 << 14
	DefaultStateEvery = 1 << 22
)

// Recorder writes the trace of a machine: it is the machine.Tracer and the
// machine.CallTracer of its Watch. Close ends the trace.
type Recorder struct {
	opt     Options
	w       *Writer
	m       *machine.Machine
	active  bool
	done    bool
	last    int32       // the thread that ran last
	at      uint64      // the step of the last hash of the state
	regs    ThreadState // of the thread that was looked at last
	cpu     x86.Regs    // the same as the engine has them
	seen    int32       // that thread, or 0
	rec     Record      // of instructions
	code    [15]byte
	codeLen int
	calls   map[int32]*Syscall // in progress, by thread; only looked up
	touched touched
	chain   regChain
	records uint64
	err     error
}

// NewRecorder begins a trace that is written to w.
func NewRecorder(w io.Writer, o Options) (*Recorder, error) {
	if o.Mode == Hash && o.Every == 0 {
		o.Every = DefaultEvery
	}
	if o.Mode == Full {
		o.Every = 0
	}
	h := Header{
		Mode: o.Mode, Every: o.Every, StateEvery: o.StateEvery, From: o.From,
		Seed: o.Seed, EpochNs: o.EpochNs, Args: o.Args,
	}
	if o.StateEvery != 0 {
		h.StateKind = machine.StateSumKind
	}
	tw, err := NewWriter(w, h)
	if err != nil {
		return nil, err
	}
	r := &Recorder{opt: o, w: tw, at: ^uint64(0), calls: map[int32]*Syscall{}}
	if o.Mode == Full && o.From == 0 {
		r.at = 0 // the memory of the first program is in the first record
	}
	r.touched.full = r.spill
	return r, nil
}

// Watch makes r the observer of a machine.
func (r *Recorder) Watch(w *machine.Watch) { w.Trace, w.Calls = r, r }

// Records returns how many records were written.
func (r *Recorder) Records() uint64 { return r.records }

// Size returns the bytes written.
func (r *Recorder) Size() int64 { return r.w.Size() }

// Chain returns the hash of the trace, once it is closed.
func (r *Recorder) Chain() [32]byte { return r.w.Chain() }

// Close ends the trace where the run is.
func (r *Recorder) Close() error {
	reason := Stopped
	if r.m != nil {
		if _, ended := r.m.Kernel.RootStatus(); ended {
			reason = Ran
		}
	}
	r.end(reason)
	return r.err
}

// end writes the last record.
func (r *Recorder) end(why EndReason) {
	if r.done {
		return
	}
	step := r.opt.From
	if r.m != nil {
		step = r.m.Kernel.Steps()
	}
	if r.opt.Until != 0 && step >= r.opt.Until {
		why = Reached
	}
	r.write(&Record{Kind: End, Step: step, Reason: why})
	r.done, r.active = true, false
	r.observe(nil)
}

// observe makes o hear of all writes to memory.
func (r *Recorder) observe(o mem.WriteObserver) {
	if r.m == nil || r.opt.Mode != Full {
		return
	}
	k := r.m.Kernel
	k.Config().Pool.Observe(o)
	for _, p := range k.Processes() {
		if p.Mem != nil {
			p.Mem.FlushWriteTLB()
		}
	}
}

// Attach implements machine.Attacher.
func (r *Recorder) Attach(m *machine.Machine) {
	r.m = m
	r.begin()
}

// begin starts to record if its step has come.
func (r *Recorder) begin() {
	if !r.done && !r.active && r.m.Kernel.Steps() >= r.opt.From {
		r.active = true
		r.observe(&r.touched)
	}
}

// Between implements machine.TurnTracer: it hashes the state.
func (r *Recorder) Between(m *machine.Machine) {
	r.begin()
	step := m.Kernel.Steps()
	if r.active && r.opt.Until != 0 && step >= r.opt.Until {
		r.end(Reached)
	}
	if e := r.opt.StateEvery; r.active && e != 0 && step%e == 0 && step != r.at {
		r.at = step
		r.write(&Record{Kind: State, Step: step, Sum: m.StateSum()})
	}
}

// Before implements machine.Tracer.
func (r *Recorder) Before(t *kernel.Thread, budget uint64) uint64 {
	step := t.Kernel().Steps()
	if !r.active {
		if r.done {
			return budget
		}
		return min(budget, r.opt.From-step)
	}
	r.turn(t)
	if r.opt.Mode == Full {
		r.fetch(t)
		return 1
	}
	for _, e := range []uint64{r.opt.Every, r.opt.StateEvery} {
		if e != 0 {
			budget = min(budget, e-step%e)
		}
	}
	if r.opt.Until != 0 {
		budget = min(budget, r.opt.Until-step)
	}
	return budget
}

// turn records how t differs from what the trace knows of it.
func (r *Recorder) turn(t *kernel.Thread) {
	if r.opt.Mode == Hash {
		if r.last != t.TID {
			r.effects(t, &Record{Kind: Turn, Step: t.Kernel().Steps()})
		}
		r.last = t.TID
		return
	}
	r.last = t.TID
	rec := &r.rec
	*rec = Record{Kind: Turn, Step: t.Kernel().Steps(), Regs: rec.Regs[:0]}
	r.change(t, rec)
	if known := r.w.Thread(t.TID); known == nil || known.PID != rec.PID || rec.Next != rec.RIP || len(rec.Regs)+len(rec.Memory) > 0 {
		r.write(rec)
	}
}

// fetch reads the instruction that t is about to run.
func (r *Recorder) fetch(t *kernel.Thread) {
	n, _ := t.Proc.Mem.ReadAt(r.code[:], t.CPU.RIP)
	var in decode.Inst
	if decode.Decode(r.code[:n], &in) == nil {
		n = int(in.Len)
	}
	r.codeLen = n
}

// After implements machine.Tracer.
func (r *Recorder) After(t *kernel.Thread, exit emu.Exit) {
	if !r.active {
		return
	}
	rec := &r.rec
	*rec = Record{Kind: Block, Step: t.Kernel().Steps(), Regs: rec.Regs[:0]}
	switch {
	case exit == emu.ExitFault:
		rec.Kind, rec.Fault = Fault, t.CPU.Exc
		if r.opt.Mode == Full {
			rec.Code = r.code[:r.codeLen]
		}
	case r.opt.Mode == Full:
		rec.Kind, rec.Code = Instruction, r.code[:r.codeLen]
		rec.Step--
	case rec.Step%r.opt.Every != 0:
		return // a turn's end, or a system call, which has a record of its own
	}
	r.effects(t, rec)
}

// effects writes rec with what changed in t.
func (r *Recorder) effects(t *kernel.Thread, rec *Record) {
	r.change(t, rec)
	if r.opt.Mode == Hash {
		rec.Chain = r.chain.add(t.Kernel().Steps(), t.TID, &r.regs)
	}
	r.write(rec)
}

// change fills in what differs between t and what the trace knows of it.
func (r *Recorder) change(t *kernel.Thread, rec *Record) {
	rec.PID, rec.TID = t.Proc.PID, t.TID
	cpu := t.CPU.Regs()
	known := r.w.Thread(t.TID)
	if r.seen == t.TID && known != nil && known.PID == rec.PID && cpu == r.cpu && r.opt.Mode == Full {
		rec.RIP, rec.Next, rec.Memory = cpu.RIP, cpu.RIP, r.takeMemory(t)
		return
	}
	r.regs.set(t, &cpu)
	r.cpu, r.seen = cpu, t.TID
	rec.Next, rec.RIP = r.regs.RIP, r.regs.RIP
	if known != nil {
		rec.RIP = known.RIP
	} else {
		known = new(ThreadState)
	}
	if r.opt.Mode == Hash {
		return
	}
	for i, v := range r.regs.Regs {
		if old := known.Regs[i]; v != old {
			rec.Regs = append(rec.Regs, Change{uint8(i), old, v})
		}
	}
	rec.Memory = r.takeMemory(t)
}

// takeMemory returns the words that have changed since it was called last.
func (r *Recorder) takeMemory(t *kernel.Thread) []Write {
	return r.touched.take(nil, func(s *mem.Space) int32 {
		if t != nil && t.Proc.Mem == s {
			return t.Proc.PID
		}
		for _, p := range r.m.Kernel.Processes() {
			if p.Mem == s {
				return p.PID
			}
		}
		return 0
	})
}

// spill records changed words before there are too many for one record. Memory that is
// no process's yet is that of the program that execve(2) loads.
func (r *Recorder) spill() {
	list := r.takeMemory(r.m.Kernel.Current())
	if len(list) > 0 {
		r.write(&Record{Kind: Memory, Step: r.m.Kernel.Steps(), Memory: list})
	}
}

// Enter implements machine.CallTracer.
func (r *Recorder) Enter(t *kernel.Thread) {
	if !r.active || t.InCall() && r.calls[t.TID] != nil {
		return
	}
	v := &t.CPU.R
	c := &Syscall{Number: uint64(uint32(v[x86.RAX])), Args: [6]uint64{v[x86.RDI], v[x86.RSI], v[x86.RDX], v[x86.R10], v[x86.R8], v[x86.R9]}}
	if t.InCall() {
		c.Number, c.Args = t.CallNumber()
	}
	r.calls[t.TID] = c
}

// Leave implements machine.CallTracer.
func (r *Recorder) Leave(t *kernel.Thread) {
	c := r.calls[t.TID]
	if c == nil {
		return
	}
	switch {
	case t.InCall():
		c.State = Waits
	case t.StateLetter() == 'Z':
		c.State = NoReturn
	default:
		c.State, c.Result = Returned, int64(t.CPU.R[x86.RAX])
	}
	r.call(t, c)
	if c.State == NoReturn {
		r.write(&Record{Kind: Exit, Step: t.Kernel().Steps(), PID: t.Proc.PID, TID: t.TID, Ended: Ended{Status: int32(c.Args[0]&0xff) << 8}})
	}
}

// call writes what a system call has done so far.
func (r *Recorder) call(t *kernel.Thread, c *Syscall) {
	if c.State != Waits {
		delete(r.calls, t.TID)
	}
	if r.active {
		r.effects(t, &Record{Kind: Call, Step: t.Kernel().Steps(), Syscall: *c})
	}
}

// Signal implements machine.CallTracer.
func (r *Recorder) Signal(t *kernel.Thread, info *abi.Siginfo) {
	r.write(&Record{
		Kind: Signal, Step: t.Kernel().Steps(), PID: t.Proc.PID, TID: t.TID,
		Signal: Siginfo{int32(info.Signo), info.Code, info.Data},
	})
}

// Exited implements machine.CallTracer: the last thread of a process ends.
func (r *Recorder) Exited(t *kernel.Thread, status int32) {
	if c := r.calls[t.TID]; c != nil {
		c.State = NoReturn
		r.call(t, c)
	}
	r.write(&Record{Kind: Exit, Step: t.Kernel().Steps(), PID: t.Proc.PID, TID: t.TID, Ended: Ended{true, status}})
}

// Input implements machine.InputTracer.
func (r *Recorder) Input(in machine.Input) {
	o := Outside{
		Kind: uint8(in.Kind), Port: uint8(in.Port), Set: in.Set, Errno: uint16(in.Errno), Tick: in.Tick,
		Number: in.Number, Size: uint64(len(in.Data)), Data: in.Data,
	}
	if len(o.Data) > maxData {
		sum := sha256.Sum256(o.Data)
		o.Data = sum[:]
	}
	r.write(&Record{Kind: Input, Step: in.Step, Input: o})
}

// write writes rec if the trace is recording, its memory before it if it does not fit.
func (r *Recorder) write(rec *Record) {
	if r.err != nil || r.done || !r.active && rec.Kind != End {
		return
	}
	n := 0
	for _, w := range rec.Memory {
		n += len(w.Words)
	}
	if n > maxWords/2 && rec.Kind != Memory {
		r.write(&Record{Kind: Memory, Step: rec.Step, Memory: rec.Memory})
		rec.Memory = nil
	}
	r.records++
	if err := r.w.Write(rec); err != nil && !errors.Is(err, errEnded) {
		r.err = err
		r.observe(nil)
	}
}
