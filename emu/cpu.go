package emu

import (
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// Indices into CPU.R beyond the sixteen general-purpose registers. They let one
// address form, base + index<<scale + disp, serve every addressing mode.
const (
	RegZero = 16 // always 0: "no base", "no index"
	RegFS   = 17 // FS base
	RegGS   = 18 // GS base
	RegTmp  = 19 // address computed by a preparatory op
)

// CPU is the working state of one thread, laid out for engines. Between runs
// it is exact: Regs and SetRegs convert from and to the canonical x86.Regs.
type CPU struct {
	R   [32]uint64 // general-purpose registers by number, then RegZero…; indexed with &31
	RIP uint64

	// The status flags are lazy: FlagKind says how the last flag-writing
	// instruction set them, FlagRes and FlagSrc are its result and one operand.
	FlagRes, FlagSrc uint64
	FlagKind         uint32
	RFLAGS           x86.Flags // the other bits, and the status flags where FlagKind says so

	MXCSR uint32
	X     [16]x86.XMM
	YMMH  [16]x86.XMM
	FPU   x86.FPU

	// Budget is how many instructions may still retire in this run. Blocks
	// subtract their length on entry; an exit inside a block gives the rest back.
	Budget int64
	// StepLimit is the machine's step count at which Budget reaches 0, so that
	// StepLimit - Budget is the machine's step count now (RDTSC).
	StepLimit uint64

	Exc x86.Exception // valid after ExitFault
	Mem *mem.Space

	// Bounce holds the bytes of an access that crosses a page (mem.Space.WriteSlow).
	Bounce [64]byte
}
