package isa

import (
	"fmt"
	"strings"
)

// Operand is one explicit operand.
type Operand struct {
	Code string // as the table writes it: "Ev"
	Kind Kind
	Size Size
	Role Role
	Reg  uint8 // number of a fixed register; for KindOne the constant 1
}

// Kind says where an operand is: the letter of SDM Vol. 2, appendix A.2.1.
type Kind uint8

// The kinds, with their letters.
const (
	KindE    Kind = iota // general register or memory, ModR/M.rm
	KindG                // general register, ModR/M.reg
	KindR                // general register, ModR/M.rm
	KindM                // memory, ModR/M.rm
	KindZ                // general register in the opcode's low three bits
	KindB                // general register, VEX.vvvv
	KindI                // immediate
	KindJ                // branch displacement
	KindO                // memory at a direct 64-bit offset
	KindX                // memory at [seg:rSI]
	KindY                // memory at [rDI]
	KindP                // MMX register, ModR/M.reg
	KindQ                // MMX register or memory, ModR/M.rm
	KindN                // MMX register, ModR/M.rm
	KindV                // XMM register, ModR/M.reg
	KindW                // XMM register or memory, ModR/M.rm
	KindU                // XMM register, ModR/M.rm
	KindH                // XMM register, VEX.vvvv
	KindL                // XMM register in bits 7:4 of an immediate
	KindS                // segment register, ModR/M.reg
	KindC                // control register, ModR/M.reg
	KindD                // debug register, ModR/M.reg
	KindReg              // a fixed general register: Reg
	KindXMM0             // XMM0, fixed
	KindSeg              // a fixed segment register: Reg
	KindST0              // the top of the x87 stack
	KindST               // ST(i), i = ModR/M.rm
	KindOne              // the constant 1
)

const kindLetters = "EGRMZBIJOXYPQNVWUHLSCD"

// IsMemory reports whether the operand is, or may be, in memory.
func (k Kind) IsMemory() bool {
	switch k {
	case KindE, KindM, KindO, KindX, KindY, KindQ, KindW:
		return true
	}
	return false
}

// InRM reports whether ModR/M.rm holds the operand.
func (k Kind) InRM() bool {
	switch k {
	case KindE, KindR, KindM, KindQ, KindN, KindW, KindU, KindST:
		return true
	}
	return false
}

// InReg reports whether ModR/M.reg holds the operand.
func (k Kind) InReg() bool {
	switch k {
	case KindG, KindP, KindV, KindS, KindC, KindD:
		return true
	}
	return false
}

// IsXMM reports whether the operand is, or may be, an XMM register.
func (k Kind) IsXMM() bool {
	switch k {
	case KindV, KindW, KindU, KindH, KindL, KindXMM0:
		return true
	}
	return false
}

// IsGPR reports whether the operand is, or may be, a general register.
func (k Kind) IsGPR() bool {
	switch k {
	case KindE, KindG, KindR, KindZ, KindB, KindReg:
		return true
	}
	return false
}

// Size is the size of an operand: the second part of its code.
type Size uint8

// The sizes, with their letters.
const (
	SizeNone Size = iota // "": no value (LEA), or a layout that the handler knows (FXSAVE)
	SizeB                // b: 8 bits
	SizeBS               // bs: 8-bit immediate, sign-extended to the operand size
	SizeW                // w: 16 bits
	SizeD                // d: 32 bits
	SizeQ                // q: 64 bits
	SizeX                // x: 128 bits, x86.XMM
	SizeV                // v: 16, 32 or 64 bits, the operand size; 16 or 64 with D64
	SizeY                // y: 32 bits, 64 with REX.W
	SizeZ                // z: immediate of 16 or 32 bits, sign-extended to the operand size
	SizeT                // t: 80-bit extended real, x86.F80
	SizeP                // p: far pointer
	SizeS                // s: pseudo-descriptor of 10 bytes
)

var sizeName = [...]string{"", "b", "bs", "w", "d", "q", "x", "v", "y", "z", "t", "p", "s"}

// String returns the letter of the size.
func (s Size) String() string { return sizeName[s] }

// fixedOperand are the operands that are no letter and size.
var fixedOperand = map[string]Operand{
	"AL": {Kind: KindReg, Size: SizeB, Reg: 0}, "CL": {Kind: KindReg, Size: SizeB, Reg: 1},
	"AX": {Kind: KindReg, Size: SizeW, Reg: 0}, "DX": {Kind: KindReg, Size: SizeW, Reg: 2},
	"EAX": {Kind: KindReg, Size: SizeD, Reg: 0}, "EDX": {Kind: KindReg, Size: SizeD, Reg: 2},
	"RAX": {Kind: KindReg, Size: SizeQ, Reg: 0}, "RDX": {Kind: KindReg, Size: SizeQ, Reg: 2},
	"rAX": {Kind: KindReg, Size: SizeV, Reg: 0}, "eAX": {Kind: KindReg, Size: SizeZ, Reg: 0},
	"FS": {Kind: KindSeg, Size: SizeW, Reg: 4}, "GS": {Kind: KindSeg, Size: SizeW, Reg: 5},
	"XMM0": {Kind: KindXMM0, Size: SizeX}, "ST0": {Kind: KindST0, Size: SizeT},
	"STi": {Kind: KindST, Size: SizeT}, "1": {Kind: KindOne, Size: SizeB, Reg: 1},
}

// parseOperand reads an operand's code, such as "Ev" or "rAX".
func parseOperand(code string) (Operand, error) {
	if o, ok := fixedOperand[code]; ok {
		o.Code = code
		return o, nil
	}
	kind := strings.IndexByte(kindLetters, code[0])
	if kind < 0 {
		return Operand{}, fmt.Errorf("operand %q: letter", code)
	}
	for size, name := range sizeName {
		if name == code[1:] {
			return Operand{Code: code, Kind: Kind(kind), Size: Size(size)}, nil
		}
	}
	return Operand{}, fmt.Errorf("operand %q: size", code)
}

// parseOperands reads the operands and roles columns.
func parseOperands(codes, roles string) ([]Operand, error) {
	if codes == "-" && roles == "-" {
		return nil, nil
	}
	cs, rs := strings.Split(codes, ","), strings.Split(roles, ",")
	if len(cs) != len(rs) {
		return nil, fmt.Errorf("operands %q, roles %q: not one role for each", codes, roles)
	}
	var list []Operand
	for i, code := range cs {
		if code == "" {
			return nil, fmt.Errorf("operands %q: an empty one", codes)
		}
		o, err := parseOperand(code)
		if err != nil {
			return nil, err
		}
		if o.Role, err = parseRole(rs[i]); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// parseRole reads one role.
func parseRole(s string) (Role, error) {
	for r, name := range roleName {
		if name == s {
			return Role(r), nil
		}
	}
	return 0, fmt.Errorf("role %q", s)
}
