package kernel

import "emurun/emu"

// Turn says what the machine's loop does next.
type Turn struct {
	Kind   TurnKind
	Thread *Thread
	Budget uint64 // TurnRun: how many steps at most
	Until  int64  // TurnOutside: when the next timer expires, or Forever
}

// TurnKind is a kind of turn.
type TurnKind uint8

const (
	// TurnRun: run Thread's CPU for at most Budget steps, then call Advance.
	TurnRun TurnKind = iota
	// TurnCall: Thread's system call, parked before, runs again: Dispatch it.
	TurnCall
	// TurnOutside: every thread waits, at least one for something outside: wait
	// for an input in real time, at most until Until, and Jump there.
	TurnOutside
	// TurnIdle: the clock jumped many times and nothing woke up: ask again.
	TurnIdle
	// TurnDone: no thread is left, or the first process has ended and the others
	// all wait.
	TurnDone
	// TurnStopped: job control has stopped what could run, and nothing else goes on.
	TurnStopped
	// TurnDeadlock: every thread waits, for nothing that can ever happen.
	TurnDeadlock
)

// Next decides whose turn it is. Threads take turns of Quantum steps in the
// order in which they became runnable; nice values and scheduling policies do
// not matter. Timers that are due expire first; where every thread waits, the
// clock jumps to the next timer. Signals are delivered here, before a thread
// returns to its own code.
func (k *Kernel) Next() Turn {
	const maxLoops = 10_000 // a periodic timer that nobody hears never ends
	for range maxLoops {
		k.expire()
		t := k.pick()
		if t == nil {
			if turn, idle := k.idle(); idle {
				return turn
			}
			continue
		}
		if t.call.waiting {
			return Turn{Kind: TurnCall, Thread: t}
		}
		if !t.ReturnToUser() {
			continue // it died or stopped
		}
		budget := k.budget(t)
		return Turn{Kind: TurnRun, Thread: t, Budget: budget}
	}
	return Turn{Kind: TurnIdle}
}

// pick returns the current thread while its quantum lasts, else the next one.
func (k *Kernel) pick() *Thread {
	t := k.current
	if t != nil && t.state == runnable {
		if t.quantum > 0 {
			return t
		}
		if len(k.runq) == 0 {
			t.quantum = k.cfg.Quantum
			return t
		}
		t.preemptions++
		t.rseq.check = true
		k.enqueue(t)
	}
	k.current = nil
	if len(k.runq) == 0 {
		return nil
	}
	t = k.runq[0]
	copy(k.runq, k.runq[1:])
	k.runq[len(k.runq)-1] = nil
	k.runq = k.runq[:len(k.runq)-1]
	t.queued = false
	t.quantum = k.cfg.Quantum
	k.current = t
	return t
}

// idle handles the moment when no thread can run: it jumps to the next timer
// and returns false, or says why the machine cannot go on by itself.
func (k *Kernel) idle() (Turn, bool) {
	threads, outside, isStopped := 0, false, false
	for _, p := range k.procs {
		threads += len(p.threads)
		isStopped = isStopped || p.stopped
		for _, t := range p.threads {
			outside = outside || t.outside()
		}
	}
	until := Forever
	if len(k.timers) > 0 {
		until = k.timers[0].at
	}
	switch {
	case threads == 0 || k.rootDone:
		// Without the first process nobody waits for what only time would bring.
		return Turn{Kind: TurnDone}, true
	case outside:
		return Turn{Kind: TurnOutside, Until: until}, true
	case until == Forever && isStopped:
		return Turn{Kind: TurnStopped}, true
	case until == Forever:
		return Turn{Kind: TurnDeadlock}, true
	}
	k.Jump(until)
	return Turn{}, false
}

// budget is how many steps t may run: to the end of its quantum, but not past
// the next timer.
func (k *Kernel) budget(t *Thread) uint64 {
	n := t.quantum
	if len(k.timers) > 0 {
		n = min(n, k.stepsFor(k.timers[0].at-k.Now()))
	}
	if t.Proc.cpuTimersArmed() {
		n = min(n, t.Proc.cpuBudget())
	}
	return max(n, 1)
}

// cpuBudget is the number of steps to the next CPU timer of p.
func (p *Process) cpuBudget() uint64 {
	left := Forever
	for i := range p.cpuTimers {
		if c := &p.cpuTimers[i]; c.at != 0 {
			left = min(left, c.at-p.k.cpuNs(p.steps))
		}
	}
	for _, x := range p.posixTimers {
		if l, armed := x.cpuLeft(); armed {
			left = min(left, l)
		}
	}
	return p.k.stepsFor(left)
}

// stepsFor is the number of steps that take at least ns.
func (k *Kernel) stepsFor(ns int64) uint64 {
	if ns <= 0 {
		return 0
	}
	return uint64((ns-1)/k.cfg.NsPerStep) + 1
}

// Advance accounts the steps that t retired in its turn.
func (k *Kernel) Advance(t *Thread, retired uint64) {
	k.steps += retired
	t.steps += retired
	p := t.Proc
	p.steps += retired
	t.quantum -= min(t.quantum, retired)
	if p.cpuTimersArmed() {
		p.expireCPUTimers()
	}
}

// enqueue appends t to the run queue.
func (k *Kernel) enqueue(t *Thread) {
	if t.queued || t == k.current && t.state == runnable && t.quantum > 0 {
		return
	}
	t.queued = true
	k.runq = append(k.runq, t)
}

// dequeue takes t out of the run queue.
func (k *Kernel) dequeue(t *Thread) {
	if !t.queued {
		return
	}
	t.queued = false
	for i, x := range k.runq {
		if x == t {
			copy(k.runq[i:], k.runq[i+1:])
			k.runq[len(k.runq)-1] = nil
			k.runq = k.runq[:len(k.runq)-1]
			return
		}
	}
}

// Yield ends the turn of t, sched_yield(2).
func (t *Thread) Yield() { t.quantum = 0 }

// newCPU returns a CPU on the thread's address space.
func newCPU(mm *addressSpace) *emu.CPU { return &emu.CPU{Mem: mm.space} }
