// Package isa is the opcode table: the only list of instructions.
//
// A row is one encoding form in the notation of the SDM's instruction pages and
// opcode maps (Vol. 2, 3.1.1 and appendix A). The rows are text, one file per
// group of SDM Vol. 1 chapter 5. A row has seven columns, separated by two or
// more blanks:
//
//	# mnemonic  operands  opcode       roles  flags                 feature  attributes
//	ADD         Ev,Gv     01           rw,r   w=oszapc              -        lock
//	SHL         Ev,CL     D3 /4        rw,r   w=oszpc? u=a:0? u1=o:c -       -
//	PUSH        Zv        50+r         r      -                     -        d64 rsp:rw [rsp]:w
//	ADDSD       Vq,Wq     F2 0F 58     rw,r   -                     SSE2     fp
//
// From the rows come the decoder's tables, the interpreter's op enum and switch,
// the flag facts, the test vectors and docs/isa.md. Only generators and tests
// import this package; the emulator links what they generate.
//
// # Operands
//
// A letter says where (see Kind), the rest how wide (see Size); or a fixed
// register: AL CL AX DX EAX EDX RAX RDX, rAX (accumulator of operand size), eAX
// (never 64 bits), FS GS, XMM0, ST0, STi; or the constant 1. In Go terms b w d q
// are uint8…uint64, x is x86.XMM, t is x86.F80, v and y are the handler's type
// parameter. An XMM operand of size d or q is its low 32 or 64 bits.
//
// # Opcode
//
// [prefix] [map] byte [modrm] [/digit] {constraint}. The prefix is NP (none of
// 66 F3 F2), 66, F3, F2, NFx (neither F3 nor F2) or REP (F3 or F2); without one
// the row ignores F3 and F2, and 66 is the operand size. The map is 0F, 0F38 or
// 0F3A. For VEX the two are one word, VEX.length.prefix.map.W as in VEX.128.66.0F38.W0;
// the length may be 128, 256, LIG, L0 or L1, W may be W0, W1 or WIG. +r is a register, +c a condition in the opcode byte. A second byte is
// the whole ModR/M byte; with +i its low bits are i of ST(i). Constraints: mod3,
// anymod (mod is not looked at), W0 W1 (REX.W), B0 (no REX.B), o16 o32 o64
// (effective operand size). Operand letters imply a demand on mod: M is memory
// only, R N U and STi are registers only. If several rows match, the one that
// demands more wins (see Better); a test proves that there is always one.
//
// # Roles
//
// One per operand: r, w, rw, - (not accessed), or a (the handler gets the
// effective address, a uint64, and accesses memory itself).
//
// # Flags
//
// r= read, w= written, u= undefined; letters oszapc, d (DF), x (all others);
// r=cc is the condition's. u1= is undefined unless the count is 1, us= undefined
// when the count reaches the operand size. After a colon stands the value that
// the undefined flags get: 0, 1, k (kept), c (computed: the handler says how).
// A ? means "only if the masked count is not 0".
//
// # Attributes
//
// Names (see Attr), handler=name, name=suffix for the row's name, alias=suffix
// (the same, and the attribute), and implicit operands such as rsp:rw and
// [rsp]:w. Implicit operands are facts for analysis, never parameters or results.
//
// # Handlers
//
// The handler is the Go function named after the lower-case mnemonic, or by
// handler=; package interp says how the operand codes may extend the name, and
// how the signature follows from operands and roles. Implicit operands, and ST0,
// are not passed; STi is passed as its number, whatever its role.
//
// An XMM operand of size d or q is written without changing the rest of the
// register (ADDSD); with zx the rest becomes zero (MOVQ). x87 stores have role a,
// because an unmasked exception suppresses them. With wait, a pending #MF is
// raised before anything else; with fip, the instruction records itself.
package isa
