package x86

import "fmt"

// Vector is an exception vector (SDM Vol. 3A, table 6-1).
type Vector uint8

// The vectors a user-mode instruction can raise.
const (
	VecDE Vector = 0  // divide error
	VecDB Vector = 1  // debug: single step
	VecBP Vector = 3  // breakpoint: INT3
	VecOF Vector = 4  // overflow: INT 4
	VecUD Vector = 6  // invalid opcode
	VecNM Vector = 7  // device not available
	VecSS Vector = 12 // stack fault: non-canonical stack address
	VecGP Vector = 13 // general protection
	VecPF Vector = 14 // page fault
	VecMF Vector = 16 // x87 floating-point error
	VecAC Vector = 17 // alignment check
	VecXM Vector = 19 // SIMD floating-point exception
)

// Bits of a page fault's error code (SDM Vol. 3A, 4.7).
const (
	PFPresent = 1 << 0 // the page was present: a protection violation
	PFWrite   = 1 << 1 // the access was a write
	PFUser    = 1 << 2 // the access came from user mode: always set here
	PFFetch   = 1 << 4 // the access was an instruction fetch
)

// Exception is an exception that an instruction raised.
type Exception struct {
	Vector Vector
	Code   uint32 // error code; 0 where the vector has none
	Addr   uint64 // CR2 for VecPF: the lowest faulting byte address
}

// String returns the SDM's name, such as "#PF(code 0x6, address 0x10)".
func (e Exception) String() string {
	name := vectorName[e.Vector]
	switch e.Vector {
	case VecPF:
		return fmt.Sprintf("#%s(code %#x, address %#x)", name, e.Code, e.Addr)
	case VecGP, VecSS:
		return fmt.Sprintf("#%s(code %#x)", name, e.Code)
	default:
		return "#" + name
	}
}

var vectorName = map[Vector]string{
	VecDE: "DE", VecDB: "DB", VecBP: "BP", VecOF: "OF", VecUD: "UD", VecNM: "NM", VecSS: "SS",
	VecGP: "GP", VecPF: "PF", VecMF: "MF", VecAC: "AC", VecXM: "XM",
}
