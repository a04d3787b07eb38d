// Package hostcpu executes single instructions on the real CPU, as the oracle
// of the interpreter's tests.
//
// A Host is a child process of a few hundred bytes of machine code. It shares
// one memory file with us: we write records (registers, memory windows,
// instruction bytes), it loads each by returning from a signal, lets the
// instruction run into an INT3 or a fault, and writes the state that the signal
// handler finds back into the record. Both directions use the kernel's signal
// frame, which holds everything: general registers, flags, x87, MXCSR, XMM, YMM,
// exception vector, error code and CR2. A case costs one signal, some 2 µs.
//
// The child's address space, the same for every case:
//
//	CodeAddr  one page r-x, all INT3 but for the code, which begins at EntryAddr
//	DataAddr  two pages rw-, of which State.Mem covers the Windows; zero elsewhere, whatever was written there before
//	ROAddr    one page r--, filled with ROByte
//
// with nothing mapped beside each. The child may only read, write and return
// from signals (seccomp's strict mode): code under test that makes a system call
// kills it, which is an error naming the case.
//
// Only tests import this package. It works on linux/amd64; Start returns
// ErrUnavailable elsewhere.
package hostcpu
