package x86

// General-purpose registers by their encoding number (SDM Vol. 2A, table 3-1).
const (
	RAX = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
)

// Flags is the RFLAGS register (SDM Vol. 1, 3.4.3).
type Flags uint64

// The bits of RFLAGS.
const (
	CF Flags = 1 << 0  // carry
	PF Flags = 1 << 2  // parity of the low byte
	AF Flags = 1 << 4  // auxiliary carry
	ZF Flags = 1 << 6  // zero
	SF Flags = 1 << 7  // sign
	TF Flags = 1 << 8  // trap: single step
	IF Flags = 1 << 9  // interrupt enable, always 1 in user mode
	DF Flags = 1 << 10 // direction of string instructions
	OF Flags = 1 << 11 // overflow
	NT Flags = 1 << 14 // nested task
	RF Flags = 1 << 16 // resume
	AC Flags = 1 << 18 // alignment check
	ID Flags = 1 << 21 // CPUID available

	// StatusFlags are the six flags that arithmetic writes.
	StatusFlags = CF | PF | AF | ZF | SF | OF
	// FixedFlags are 1 in every user-mode RFLAGS: bit 1 and IF.
	FixedFlags Flags = 1<<1 | IF
	// UserFlags are the bits that POPF and SYSRET may change in user mode.
	UserFlags = StatusFlags | TF | DF | NT | RF | AC | ID
)

// XMM is one 128-bit register as two halves; lane 0 is the low bits of Lo.
type XMM struct{ Lo, Hi uint64 }

// F80 is the 80-bit extended format: the 64-bit significand with its explicit
// integer bit, and sign plus 15-bit exponent (SDM Vol. 1, 4.2.2).
type F80 struct {
	Mant uint64
	SE   uint16
}

// FPU is the x87 state (SDM Vol. 1, 8.1). ST(i) is ST[(TOP+i)&7], so ST is
// indexed by physical register; MMX register i is the significand of ST[i].
type FPU struct {
	ST  [8]F80
	CW  uint16 // control word
	SW  uint16 // status word; TOP is bits 11-13
	Tag uint8  // abridged tag word as FXSAVE has it: bit i set if ST[i] is not empty
	FOP uint16 // last opcode, 11 bits
	FIP uint64 // last instruction pointer
	FDP uint64 // last data pointer
}

// Initial values of the control registers as Linux gives them to a new program.
const (
	InitCW    = 0x37f
	InitMXCSR = 0x1f80
)

// Regs is the full register file of a thread in canonical form: what a debugger
// shows, a signal frame stores and a snapshot freezes.
type Regs struct {
	GPR    [16]uint64
	RIP    uint64
	RFLAGS Flags
	FSBase uint64
	GSBase uint64
	XMM    [16]XMM
	YMMH   [16]XMM // upper halves of YMM0-15; zero until AVX exists
	MXCSR  uint32
	FPU    FPU
}
