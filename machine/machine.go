package machine

import (
	"errors"
	"fmt"

	"emurun/abi"
	"emurun/emu"
	"emurun/syscalls"
	"emurun/syscalls/kernel"
)

// Between is called between the machine's turns, where it can be frozen. Nothing that it
// does changes the run.
type Between interface {
	// Until returns the step at which a turn must have ended at the latest.
	Until() uint64
	// Between may end the run with an error.
	Between(m *Machine) error
}

// Errors that end a run before its program has.
var (
	ErrMaxSteps = errors.New("the limit of steps is reached")
	ErrTimeout  = errors.New("the limit of time is reached")
	ErrDeadlock = errors.New("every thread waits for something that can never happen")
)

// Machine is a kernel with what watches it.
type Machine struct {
	Kernel   *kernel.Kernel
	state    state
	system   *system
	door     *door
	maxSteps uint64
	between  Between // nil for none
	watch    Watch
	hash     stateHash
}

// Watch is what observes a run. Nothing in it changes the run.
type Watch struct {
	Calls  CallTracer // each system call, signal and exit; nil for none
	Trace  Tracer     // what instructions do; nil for none
	Hashed bool       // compute the state hash
}

// CallTracer sees system calls as they begin and end, the signals that threads
// take, and the ends of processes: a syscalls.Strace.
type CallTracer interface {
	Enter(t *kernel.Thread)
	Leave(t *kernel.Thread)
	Signal(t *kernel.Thread, info *abi.Siginfo)
	Exited(t *kernel.Thread, status int32)
}

// Tracer sees what the instructions do.
type Tracer interface {
	// Before is called when t is about to run for at most budget steps, and returns
	// how many it may run until After; 1 shows every instruction.
	Before(t *kernel.Thread, budget uint64) uint64
	// After is called when t has run, before a system call or fault is served.
	After(t *kernel.Thread, exit emu.Exit)
}

// Attacher is a Tracer that wants to know the machine, before its first program is there.
type Attacher interface{ Attach(m *Machine) }

// TurnTracer is a Tracer that looks at the machine between its turns.
type TurnTracer interface{ Between(m *Machine) }

// InputTracer is a Tracer that sees what enters from outside.
type InputTracer interface{ Input(in Input) }

// Result is how a run ended.
type Result struct {
	Status int32 // wait status of the first process, wait(2)
	Steps  uint64
	Hash   [32]byte // of the final state; zero unless Watch.Hashed
	Inputs int      // that came from outside
}

// lingerSteps bounds what other processes may still do when the first has ended.
const lingerSteps = 1e9

// Run runs the machine until its first process has ended and the others with it:
// they go on as orphans do, until each has ended too, or all of them wait, or
// lingerSteps have passed. What is left then is gone with the machine.
func (m *Machine) Run() (Result, error) {
	err := m.loop()
	if err == nil {
		err = m.Kernel.FlushCaches() // of processes that outlive the first
	}
	m.door.finish(err != nil)
	if err == nil {
		err = m.door.err
	}
	status, _ := m.Kernel.RootStatus()
	r := Result{Status: status, Steps: m.Kernel.Steps(), Inputs: m.door.inputs}
	if m.watch.Hashed {
		r.Hash = m.hash.sum(m.Kernel)
	}
	return r, err
}

func (m *Machine) loop() error {
	k := m.Kernel
	for {
		if err := k.Config().Pool.Err(); err != nil {
			return fmt.Errorf("load thawed memory: %w", err)
		}
		if _, ended := k.RootStatus(); ended {
			m.state.last = min(m.state.last, k.Steps()+lingerSteps)
		}
		if k.Steps() > m.state.last {
			return nil
		}
		if err := m.poll(); err != nil {
			return err
		}
		if m.between != nil {
			if err := m.between.Between(m); err != nil {
				return err
			}
		}
		if m.maxSteps != 0 && k.Steps() >= m.maxSteps {
			return ErrMaxSteps
		}
		if tr, ok := m.watch.Trace.(TurnTracer); ok {
			tr.Between(m)
		}
		turn := k.Next()
		switch turn.Kind {
		case kernel.TurnRun:
			if err := m.run(turn.Thread, m.limit(turn.Budget)); err != nil {
				return err
			}
		case kernel.TurnCall:
			if err := m.call(turn.Thread); err != nil {
				return err
			}
		case kernel.TurnOutside:
			m.wait(turn.Until)
		case kernel.TurnStopped:
			m.stopped()
		case kernel.TurnIdle:
			m.door.happened()
		case kernel.TurnDone:
			return nil
		case kernel.TurnDeadlock:
			return ErrDeadlock
		}
	}
}

// limit cuts a budget at the user's limit of steps, at the next input of a replay, and
// where Between wants to see the machine.
func (m *Machine) limit(budget uint64) uint64 {
	budget = m.door.limit(budget)
	if m.maxSteps != 0 {
		budget = min(budget, m.maxSteps-m.Kernel.Steps())
	}
	if m.between != nil {
		if until := m.between.Until(); until > m.Kernel.Steps() {
			budget = min(budget, until-m.Kernel.Steps())
		}
	}
	return budget
}

// run lets a thread run and serves what stopped it.
func (m *Machine) run(t *kernel.Thread, budget uint64) error {
	exit := m.execute(t, budget)
	switch exit {
	case emu.ExitSyscall:
		return m.call(t)
	case emu.ExitFault:
		m.door.happened()
		t.Fault()
	}
	return nil
}

// execute retires up to budget instructions of t.
func (m *Machine) execute(t *kernel.Thread, budget uint64) emu.Exit {
	trace := m.watch.Trace
	if trace != nil {
		budget = max(1, trace.Before(t, budget))
	}
	t.CPU.StepLimit = m.Kernel.TSC() + budget
	retired, exit := t.Proc.Engine.Run(t.CPU, budget)
	m.Kernel.Advance(t, retired)
	if trace != nil {
		trace.After(t, exit)
	}
	return exit
}

// call runs, or runs again, the system call of t.
func (m *Machine) call(t *kernel.Thread) error {
	m.door.happened()
	if m.watch.Calls != nil {
		m.watch.Calls.Enter(t)
		defer m.watch.Calls.Leave(t)
	}
	if err := syscalls.Dispatch(t); err != nil {
		return fmt.Errorf("process %d, thread %d, step %d: %w", t.Proc.PID, t.TID, m.Kernel.Steps(), err)
	}
	return nil
}
