// Package decode turns instruction bytes into Inst, a fixed-size description
// with every field the execution engines need, without allocating.
//
// Its tables are generated from the rows of emu/x86/isa. It accepts exactly the
// encodings that have a row, never reads past 15 bytes and never panics; anything
// else is ErrInvalid (#UD), ErrTruncated (more bytes are needed) or ErrTooLong
// (#GP: over 15 bytes).
package decode
