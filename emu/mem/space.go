package mem

import (
	"unsafe"

	"emurun/emu/x86"
)

// Prot is a set of access permissions.
type Prot uint8

// The permissions of a mapping.
const (
	Read Prot = 1 << iota
	Write
	Exec
)

// Space is the address space of one process.
type Space struct {
	TLB TLB // first, so that engines reach it at offset 0
}

// Slow paths of the engines, taken when the TLB does not hit. Each either
// returns a pointer to n contiguous bytes, or records the exception and returns nil.

// ReadSlow returns n readable bytes at a. Where they cross a page they are
// gathered into bounce.
func (s *Space) ReadSlow(a uint64, n int, bounce *[64]byte, exc *x86.Exception) unsafe.Pointer {
	panic("mem: to be written")
}

// WriteSlow returns n writable bytes at a; both pages of a crossing access are
// checked before anything is returned. For a crossing it returns bounce, holding the
// old bytes, and the caller writes it back with Flush. If the bytes overlap
// watched code it returns nil with exc.Vector 0: the caller retries the
// instruction alone after the watcher dropped the code (see Watcher).
func (s *Space) WriteSlow(a uint64, n int, bounce *[64]byte, exc *x86.Exception) unsafe.Pointer {
	panic("mem: to be written")
}

// Flush writes the first n bytes of bounce to a, after a successful WriteSlow
// that returned bounce.
func (s *Space) Flush(a uint64, n int, bounce *[64]byte) { panic("mem: to be written") }

// Fetch returns the bytes from a to the end of its page for instruction
// fetch, or records a page fault with PFFetch.
func (s *Space) Fetch(a uint64, exc *x86.Exception) []byte { panic("mem: to be written") }

// ReadAt copies guest memory at a into p. It returns abi.EFAULT if a byte is not
// readable; the number of bytes copied before that is returned too.
func (s *Space) ReadAt(p []byte, a uint64) (int, error) { panic("mem: to be written") }

// WriteAt copies p into guest memory at a, as ReadAt.
func (s *Space) WriteAt(p []byte, a uint64) (int, error) { panic("mem: to be written") }
