package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// Lookup returns the row of a system call number, or nil where Linux has none.
func Lookup(nr uint64) *Row {
	if nr >= uint64(len(Table)) || Table[nr].Name == "" {
		return nil
	}
	return &Table[nr]
}

// Run runs the handler of system call nr. A number without a row or handler is
// ENOSYS.
func Run(t *kernel.Thread, nr uint64, a Args) (uint64, error) {
	r := Lookup(nr)
	if r == nil || r.Handler == nil {
		return 0, abi.ENOSYS
	}
	return r.Handler(t, a)
}
