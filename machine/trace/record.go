package trace

import (
	"emurun/emu/x86"
)

// Kind is a kind of record. The numbers are part of the format.
type Kind uint8

const (
	// Instruction: an instruction of the thread retired.
	Instruction Kind = iota
	// Turn: the thread goes on, after another one or after the kernel changed its
	// registers or its memory: a new thread, a signal's frame, a call that is repeated.
	Turn
	// Block: so many steps are over. Only in traces of Hash.
	Block
	// Call: a system call has returned, or waits.
	Call
	// Fault: an instruction raised an exception.
	Fault
	// Signal: the thread takes a signal.
	Signal
	// Exit: the thread, or the whole process, has ended.
	Exit
	// Input: something came from outside.
	Input
	// State: the hash of the machine's state.
	State
	// Memory: words that do not fit into the record that follows.
	Memory
	// End: the trace is complete.
	End

	numKinds
)

var kindNames = [numKinds]string{"instruction", "turn", "block", "call", "fault", "signal", "exit", "input", "state", "memory", "end"}

// String returns the name of k.
func (k Kind) String() string {
	if k < numKinds {
		return kindNames[k]
	}
	return "unknown"
}

// Change is a register that has another value after a record than before.
type Change struct {
	Reg      uint8
	Old, New uint64
}

// Write is a run of words of memory of which each has changed, with their values after.
type Write struct {
	PID   int32  // whose memory it is
	Addr  uint64 // a multiple of 8
	Words []uint64
}

// SyscallState says how a run of a system call's handler ended.
type SyscallState uint8

const (
	// Waits: the call is not over; its thread waits, and it will run again.
	Waits SyscallState = iota
	// Returned: the call has a result.
	Returned
	// NoReturn: the thread ended in the call.
	NoReturn

	numSyscallStates
)

// Syscall is what a record of kind Call has.
type Syscall struct {
	Number uint64
	Args   [6]uint64
	State  SyscallState
	Result int64 // of Returned: RAX
}

// Siginfo is what a record of kind Signal has, sigaction(2).
type Siginfo struct {
	Signo, Code int32
	Data        [4]uint64
}

// Ended is what a record of kind Exit has.
type Ended struct {
	Process bool // not the thread alone
	Status  int32
}

// Outside is what a record of kind Input has: a machine.Input. Of more than maxData bytes
// Data is their SHA-256.
type Outside struct {
	Kind, Port, Set uint8
	Errno           uint16
	Tick            uint64
	Number          int64
	Size            uint64 // of the data
	Data            []byte
}

// EndReason says why a trace ends.
type EndReason uint8

const (
	// Ran: the program ended.
	Ran EndReason = iota
	// Reached: the step was reached up to which the trace was to go.
	Reached
	// Stopped: the emulator ended the run.
	Stopped

	numEndReasons
)

// Record is one thing that happened. The fields behind Code are of its kind only.
type Record struct {
	Kind Kind
	// Step counts the instructions that the machine had retired before: the
	// instruction with step n is the one that leads from step n to step n+1.
	Step      uint64
	PID, TID  int32
	RIP, Next uint64 // where the thread was, and where it goes on
	Regs      []Change
	Memory    []Write
	Code      []byte // of Instruction and Fault: the bytes of the instruction
	Chain     uint64 // of traces of Hash: hash of the registers here and before

	Syscall Syscall
	Fault   x86.Exception
	Signal  Siginfo
	Ended   Ended
	Input   Outside
	Sum     [32]byte // of State
	Reason  EndReason
}

// hasEffects reports whether records of kind k have Next and, by mode, Regs and
// Memory or Chain.
func (k Kind) hasEffects() bool {
	switch k {
	case Instruction, Turn, Block, Call, Fault:
		return true
	}
	return false
}
