package hostcpu

import (
	"errors"

	"emurun/emu/x86"
)

// ErrUnavailable says that this host cannot execute x86-64 instructions for us.
var ErrUnavailable = errors.New("host CPU oracle unavailable")

// The address space of a case.
const (
	CodeAddr  = 0x10000000
	EntryAddr = CodeAddr + 0x800 // where the code under test begins
	DataAddr  = 0x20000000
	DataSize  = 0x2000
	ROAddr    = 0x30000000
	PageSize  = 0x1000

	// CodeSize is how many bytes of code a case may have.
	CodeSize = 64
)

// Window is a range of guest memory that State.Mem covers.
type Window struct {
	Addr uint64
	Size int
}

// Windows are the ranges in State.Mem, concatenated: both ends of the data
// pages, for accesses that run into what is not mapped, and their middle, for
// accesses that cross a page.
var Windows = [3]Window{
	{DataAddr, 128},
	{MidAddr, MidSize},
	{DataAddr + DataSize - 128, 128},
}

const (
	// MidAddr and MidSize are the middle window, half of it in each page.
	MidAddr = DataAddr + PageSize - MidSize/2
	MidSize = 1024
	// MemSize is the size of all windows.
	MemSize = 128 + MidSize + 128
)

// ROByte is the content of byte i of the read-only page.
func ROByte(i int) byte { return byte(i*37 + i>>8) }

// State is what an instruction can see and change.
type State struct {
	x86.Regs
	Mem [MemSize]byte
}

// Case is one execution. RIP of In is ignored: code begins at EntryAddr.
type Case struct {
	Code []byte
	In   State

	Out State
	Exc *x86.Exception // nil: the code ran to its end, or branched to Out.RIP
}

// NewState returns the state of a new program: FCW and MXCSR as Linux sets them.
func NewState() State {
	var s State
	s.RIP = EntryAddr
	s.RFLAGS = x86.FixedFlags
	s.MXCSR = x86.InitMXCSR
	s.FPU.CW = x86.InitCW
	return s
}
