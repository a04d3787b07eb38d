// Package emu joins registers and memory into a CPU and says what an engine is.
//
// An Engine executes the instructions of one CPU and stops exactly: at a system
// call, at a fault with the state before the faulting instruction, or when the
// budget is used up. Blocks, fusing and translation never show. Every engine
// passes emu/enginetest.
package emu
