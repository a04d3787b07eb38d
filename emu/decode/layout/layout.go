// Package layout is what the decoder and the generator of its tables agree on:
// how a decision tree and the facts of a row are written as integers.
//
// An entry is 0 (no instruction), the number of a row, or Node plus the index of
// a node. A node is its kind followed by one entry for each value of what the
// kind asks. The entry of an opcode byte also has ModRM if a ModR/M byte follows.
package layout

// Parts of an entry.
const (
	Index uint16 = 1<<14 - 1
	ModRM uint16 = 1 << 14 // in the entry of an opcode byte only
	Node  uint16 = 1 << 15
)

// Maps is the number of opcode maps: four legacy ones, then, from VEX, four of VEX.
const (
	Maps = 8
	VEX  = 4
)

// Kinds of nodes: what the decoder asks.
const (
	Prefix = iota // mandatory prefix: none, 66, F3, F2
	L             // VEX.L
	Mod           // memory, register
	Reg           // ModR/M.reg without its extension
	RM            // ModR/M.rm without its extension
	OpSize        // 16, 32, 64
	W             // REX.W, VEX.W
	B             // REX.B
)

// Size is the number of entries in a node of each kind.
var Size = [...]int{Prefix: 4, L: 2, Mod: 2, Reg: 8, RM: 8, OpSize: 3, W: 2, B: 2}

// Facts of a row.
const (
	ImmMask  = 0xf
	Lock     = 1 << 4  // LOCK is allowed when r/m is memory
	D64      = 1 << 5  // default operand size 64
	F64      = 1 << 6  // operand size 64 always
	Rep      = 1 << 7  // Inst.Rep is set
	RegMod8  = 1 << 8  // ModR/M.reg has no extension: MMX
	RMMod8   = 1 << 9  // ModR/M.rm has no extension: MMX, ST(i)
	SegReg   = 1 << 10 // ModR/M.reg is a segment register
	SegWrite = 1 << 11 // and is written: not CS
	NoVVVV   = 1 << 12 // VEX.vvvv must be 1111
	PlusReg  = 1 << 13 // register in the opcode
	PlusCond = 1 << 14 // condition in the opcode
	AnyMod   = 1 << 15 // ModR/M.mod is taken as 11

	CtlReg   = 1 << 16 // ModR/M.reg is a control register: 0, 2, 3, 4 or 8
	DebugReg = 1 << 17 // ModR/M.reg is a debug register: 0 to 7

	// Special are the facts that need work after the common part of decoding.
	Special = RegMod8 | RMMod8 | SegReg | SegWrite | NoVVVV | CtlReg | DebugReg
)

// Kinds of immediates, in the low bits of a row's facts.
const (
	ImmNone   = iota
	Imm8      // unsigned byte
	Imm8S     // sign-extended byte
	Imm16     // unsigned 16 bits
	ImmZ      // 16 or 32 bits by operand size, sign-extended
	ImmV      // 16, 32 or 64 bits by operand size, sign-extended
	Imm16And8 // ENTER
	ImmJZ     // 32-bit displacement of a branch
	ImmOffset // moffs: 64 or 32 bits by address size
	ImmIs4    // register in bits 7:4
)
