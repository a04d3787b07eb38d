package syscalls

import "emurun/syscalls/kernel"

// Args are the six argument registers of a system call: RDI, RSI, RDX, R10, R8, R9.
type Args [6]uint64

// Int returns argument i as a C int.
func (a Args) Int(i int) int32 { return int32(a[i]) }

// Uint returns argument i as a C unsigned int.
func (a Args) Uint(i int) uint32 { return uint32(a[i]) }

// Handler implements one system call. A returned abi.Errno is the program's
// error; any other error is the emulator's and stops the machine.
type Handler func(t *kernel.Thread, a Args) (uint64, error)

// Row is one system call.
type Row struct {
	Name    string
	Args    []Kind
	Handler Handler // nil: ENOSYS, with the reason in Note
	Note    string
}

// Ptr returns argument i as an address.
func (a Args) Ptr(i int) uint64 { return a[i] }

// Off returns argument i as an off_t.
func (a Args) Off(i int) int64 { return int64(a[i]) }
