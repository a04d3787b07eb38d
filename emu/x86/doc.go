// Package x86 is the architectural state of one x86-64 logical processor, named
// as the Intel SDM names it: registers, flags, exception vectors, and the fixed
// CPU model that CPUID reports.
//
// It has data and their canonical form, no execution. The table of instructions
// is in x86/isa, decoding in emu/decode, semantics in emu/interp.
package x86
