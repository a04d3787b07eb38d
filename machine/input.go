package machine

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// InputKind says what came from outside.
type InputKind uint8

const (
	// InputSignal: Number is the signal that was sent to the emulator.
	InputSignal InputKind = iota + 1
	// InputTime: the machine waited in real time; Number is CLOCK_MONOTONIC afterwards.
	InputTime
)

// Input is one thing that entered the machine from outside, and when.
type Input struct {
	Step   uint64
	Kind   InputKind
	Number int64
}

// accept is the one door: it records an input and lets it in.
func (m *Machine) accept(in Input) {
	in.Step = m.Kernel.Steps()
	m.inputs = append(m.inputs, in)
	if tr, ok := m.watch.Trace.(InputTracer); ok {
		tr.Input(in)
	}
	switch in.Kind {
	case InputSignal:
		m.signal(abi.Signal(in.Number))
	case InputTime:
		m.Kernel.Jump(in.Number)
	}
}

// signal hands a signal that came to the emulator to whom the terminal or the
// shell meant: the foreground process group where the machine has a terminal,
// else the first process.
func (m *Machine) signal(sig abi.Signal) {
	k := m.Kernel
	root := k.Process(kernel.FirstPID)
	if root == nil {
		return
	}
	switch sig {
	case abi.SIGINT, abi.SIGQUIT, abi.SIGTSTP, abi.SIGWINCH, abi.SIGHUP, abi.SIGCONT:
		if s := root.Session; s != nil && s.TTY != nil && s.Foreground != 0 {
			k.SendGroup(s.Foreground, kernel.KernelInfo(sig))
			return
		}
	}
	root.Send(abi.KillInfo(sig, abi.SI_USER, 0, 0))
}
