// Package trace writes down what a run did, compactly and so that it can be compared.
//
// A trace is a sequence of Records: instructions with the registers and memory that they
// changed, system calls, faults, signals, inputs, hashes of the state. Records lie in frames
// that are compressed and chained by hashes:
//
//	header ── frame ── frame ── … ── frame with the record End
//	  hash ──> chain ──> chain ──> … ──> chain
//
// so that a flipped bit is found and named, and a file that was cut off is readable up to the
// cut. Each frame stands alone: it begins with the registers of the threads in it, and reader and
// writer forget what they learned from the one before. So memory is bounded by a frame.
//
// There are two modes. In Full every instruction is a record. In Hash there is one record every
// so many steps, with a hash of all registers so far; a difference between two runs is found to
// be in one block, and a Full trace of that block says where.
//
// A Recorder makes a trace of a machine, a Writer makes the file, a Reader reads it, Compare finds
// where two differ and Text says it in words. The bytes are described in docs/trace-format.md.
//
// A trace is a function of the run alone: engines and hosts that agree give the same records.
package trace
