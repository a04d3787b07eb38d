package tracetest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"emurun/emu"
	"emurun/machine"
	"emurun/machine/trace"
	"emurun/syscalls/kernel"
)

// follower compares a run in blocks with a golden trace of single steps.
type follower struct {
	golden *trace.Reader
	next   *trace.Record // not taken yet; nil behind the end
	states map[int32]trace.ThreadState
	most   uint64 // steps of a block
	random uint64
	start  uint64 // step of the last stop
	hashed uint64 // step of the last hash
	from   uint64
	began  bool // the golden trace has begun
	err    error
}

// Follow runs g in blocks of one to most steps and compares it with the golden trace at
// each stop.
func Follow(guests string, g Golden, engine Engine, golden []byte, most uint64) error {
	r, err := trace.NewReader(bytes.NewReader(golden))
	if err != nil {
		return err
	}
	f := &follower{golden: r, states: map[int32]trace.ThreadState{}, most: most, random: most, hashed: ^uint64(0), from: g.From}
	if g.From == 0 {
		f.hashed = 0 // that has no hash
	}
	f.advance()
	m, err := Boot(guests, g.Guest, engine, g.Until, machine.Watch{Trace: f})
	if err == nil {
		err = finish(m)
	}
	if f.err != nil {
		return f.err
	}
	if err == nil && f.next != nil && f.next.Kind != trace.End && f.next.Kind != trace.State && f.next.Step < m.Kernel.Steps() {
		err = fmt.Errorf("the run is over at step %d, golden goes on: %v", m.Kernel.Steps(), f.next)
	}
	return err
}

// advance reads the next record.
func (f *follower) advance() {
	var err error
	if f.next, err = f.golden.Next(); err != nil && err != io.EOF {
		f.fail("golden trace: %v", err)
	}
}

func (f *follower) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// take takes over what the next record says.
func (f *follower) take() {
	if s := f.golden.After(); s != nil {
		f.states[f.next.TID] = *s
	}
	f.advance()
}

// over reports whether nothing is to be compared at this step.
func (f *follower) over(step uint64) bool {
	return f.err != nil || !f.began || f.next == nil || f.next.Kind == trace.End
}

// Between implements machine.TurnTracer: it compares the state.
func (f *follower) Between(m *machine.Machine) {
	step := m.Kernel.Steps()
	f.began = step >= f.from
	if f.over(step) || step%stateEvery != 0 || step == f.hashed {
		return
	}
	for f.next != nil && f.next.Kind != trace.State && f.next.Step <= step && f.next.Kind != trace.Instruction {
		f.take()
	}
	if f.next == nil || f.next.Kind != trace.State || f.next.Step != step {
		return
	}
	f.hashed = step
	if sum := m.StateSum(); sum != f.next.Sum {
		f.fail("step %d: registers are the same, the hash of memory and registers differs: a write in the steps %d to %d is wrong", step, max(step, stateEvery)-stateEvery, step)
	}
	f.take()
}

// Before implements machine.Tracer.
func (f *follower) Before(t *kernel.Thread, budget uint64) uint64 {
	step := t.Kernel().Steps()
	if !f.began {
		return min(budget, f.from-step)
	}
	f.random = f.random*6364136223846793005 + 1442695040888963407
	f.start = step
	for !f.over(step) && f.next.Kind != trace.Instruction && f.next.Kind != trace.Fault && f.next.Step <= step {
		f.take()
	}
	return min(budget, 1+f.random>>33%f.most, stateEvery-step%stateEvery)
}

// After implements machine.Tracer.
func (f *follower) After(t *kernel.Thread, exit emu.Exit) {
	step := t.Kernel().Steps()
	for !f.over(step) && f.next.Step < step {
		if f.next.Kind != trace.Instruction && f.next.Kind != trace.State {
			f.fail("steps %d to %d: golden has %v", f.start, step, f.next)
			return
		}
		f.take()
	}
	if f.over(step) {
		return
	}
	if exit == emu.ExitFault {
		if f.next.Kind != trace.Fault || f.next.Step != step {
			f.fail("step %d, thread %d: it raises %v, golden has %v", step, t.TID, t.CPU.Exc, f.next)
			return
		}
		f.take()
	}
	f.compare(t, step)
}

// compare compares the registers of t with those of the golden trace.
func (f *follower) compare(t *kernel.Thread, step uint64) {
	want, ok := f.states[t.TID]
	if !ok {
		f.fail("step %d: thread %d runs, not in golden", step, t.TID)
		return
	}
	got := trace.StateOf(t)
	if got == want {
		return
	}
	var list []string
	if got.RIP != want.RIP {
		list = append(list, fmt.Sprintf("RIP is %#x, golden has %#x", got.RIP, want.RIP))
	}
	for i, v := range got.Regs {
		if v != want.Regs[i] {
			list = append(list, fmt.Sprintf("%s is %#x, golden has %#x", trace.RegName(uint8(i)), v, want.Regs[i]))
		}
	}
	f.fail("steps %d to %d, thread %d: %s", f.start, step, t.TID, strings.Join(list, "; "))
}
