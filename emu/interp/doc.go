// Package interp is the portable engine and the definition of the semantics.
//
// A person writes handlers; tools/opgen joins them with the rows of emu/x86/isa and
// writes the fast switch and the cold functions (*_gen.go). A handler never sees
// register numbers, addressing or memory: operands that its row reads are its
// parameters, operands that it writes are its results.
//
//	// popcnt implements POPCNT, count of bits set to 1. It sets ZF if …
//	func popcnt[T word](c *CPU, src T) T
//
// # Name
//
// The row's handler= if it has one, else the mnemonic in lower case (popcnt). Before that the
// generator looks for that name followed by the operand codes without punctuation (faddMd,
// pextrwGdNq), so that one handler serves several rows and a row that needs its own has it;
// and for the name followed by Mem where the row's r/m operand is memory (btMem).
// Of several types it takes the one that fits: a name may also end in X (XMM registers), Imm (an
// immediate), R or M (a register or memory); and a handler of 64-bit lanes, func paddb(x, y
// uint64) uint64, serves XMM operands half by half.
//
// After a change of a handler or of a row: go generate ./emu/interp (a test tells if it was
// forgotten).
// A name Go already has gets a suffix by hand (INT: intn). Import go-cmp in tests of
// this package by another name: cmp is the handler of CMP.
//
// # Signature
//
//	func name[T word…]([c *CPU,] [cond bool,] operands with role r or rw …) (operands with role w or rw …[, bool])
//
// c comes first if the handler touches anything but its operands: flags, MXCSR, FPU, an
// implicit register (c.R[x86.RAX]; implicit operands are never passed). The last result
// is bool if the handler can fault: false means c.Exc is set (return 0, fault(c, x86.VecDE, 0))
// and nothing was changed; results are then ignored. An XM exception: set MXCSR's
// flags, then fault(c, x86.VecXM, 0). Types follow from the operand codes of the row:
//
//	Eb Gb Ib Zb AL CL 1        uint8  (an Ib immediate is uint8, Ibs is sign-extended to T)
//	Ew Gw Iw, Ed Gd Id, Eq Gq  uint16, uint32, uint64
//	Ev Gv Zv Iz Ibs rAX, Ey Gy T: uint16, uint32 or uint64 (y: uint32 or uint64)
//	Vx Wx Ux XMM0              XMM, all 128 bits
//	Vq Wq Uq                   uint64: the low half; a write keeps the rest, or zeroes it in a zx row
//	Vd Wd                      uint32: the low lane; likewise
//	Vw Vb …                    uint16, uint8 likewise
//	Hx Lx                      XMM (VEX.vvvv, is4)
//	Pq Qq Nq, Pd Qd            uint64, uint32 (a Pd write zeroes the upper half)
//	Mb Mw Md Mq Mx             uint8 … uint64, XMM
//	Mt                         x86.F80 (read or written with loadF80, storeF80)
//	M (role a)                 uint64: the effective address; nothing is accessed
//	STi                        uint8: i, the register relative to TOP, whatever its role; ST0 is not passed
//	Jb Jz                      uint64: the target
//
// cond is the condition of a row with +c in its opcode. In a keep64 row the destination is
// read and written as the whole register, uint64. A width known only to the row may be a type parameter of its own: movzx[D, S word](v S) D.
//
// Memory operands are read before the handler and written after it, and an align row
// has been checked for 16-byte alignment (#GP). A row with an MMX operand (P, Q, N) has
// passed enterMMX (pending #MF, TOP = 0, all tags valid) before the handler runs.
//
// # Full access
//
// What does not fit is written with the second signature:
//
//	func name(c *CPU, op *Op) bool
//
// It does everything itself: ea(c, op) is the address of its memory operand, op.reg and op.rm
// are ModR/M.reg and ModR/M.rm (or the register in the opcode), op.imm the immediate,
// op.next the address of the next instruction, op.pfx the prefixes, op.size the operand
// size in bytes. load, store, loadXMM, storeXMM, readBytes, writeBytes reach memory and
// return false on a fault, which the handler passes on. Commit last: do everything that
// can fault before changing anything. Such a row is cold.
//
// # What can be in the hot switch
//
// Every handler works as a cold function. A handler spliced into the switch has its
// returns in tail position only (the last statement, or an if that ends in return),
// no loop with a return inside, no switch with returns, no defer and no closures.
// Constants countMask[T](), bitsOf[T]() and sizeOf[T]() are folded.
package interp

//go:generate go run emurun/tools/opgen -pairs ../../tools/opgen/pairs.txt .
