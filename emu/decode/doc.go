// Package decode turns instruction bytes into Inst, a fixed-size description
// with every field the execution engines need, without allocating.
//
// Its tables are generated from the rows of emu/x86/isa. It accepts exactly the
// encodings that have a row, never reads past 15 bytes and never panics; anything
// else is ErrInvalid (#UD), ErrTruncated (more bytes are needed) or ErrTooLong
// (#GP: over 15 bytes).
//
// How it finds the row: the opcode byte selects an entry of its map, which is a
// row or the root of a small decision tree over mandatory prefix, ModR/M fields,
// operand size and REX bits (package layout). The row's facts then say which
// immediate follows and which rules remain to be checked.
package decode

//go:generate go run emurun/tools/isagen ../..
