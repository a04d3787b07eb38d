//go:build unix

package mem

import (
	"fmt"
	"syscall"
)

// newArena returns n zeroed bytes outside the Go heap, which the host backs as
// they are touched.
func newArena(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("mem: host refuses %d bytes: %v", n, err))
	}
	return b
}

// freeArena ends the use of b.
func freeArena(b []byte) {
	if err := syscall.Munmap(b); err != nil {
		panic(fmt.Sprintf("mem: munmap: %v", err))
	}
}
