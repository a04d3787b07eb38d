// Package hostfp executes single floating-point instructions on an amd64 host. It
// is the oracle of the tests of package fp and nothing else may import it.
//
// Each instruction is a small assembly function on an Args. It loads the control
// word and the operands, executes, stores result and flags, and puts the host's
// control words back.
package hostfp

// Args is the operands and results of one instruction. Assembly knows its layout.
type Args struct {
	X, Y, Z [2]uint64 // offsets 0, 16, 32: XMM0, XMM1, XMM2 or 80-bit values
	R       [2]uint64 // 48: result
	MXCSR   uint32    // 64: in and out
	Imm     uint32    // 68: RFLAGS of comparisons
	CW, SW  uint16    // 72, 74: x87 control word in, status word out
	_       uint32
	R2      [2]uint64 // 80: second result
}

// Func executes one instruction.
type Func func(*Args)
