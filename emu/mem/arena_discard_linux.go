package mem

import "syscall"

// discardArena gives the pages of b back to the host and reports whether they are zero
// afterwards. The addresses stay reserved, so that no stale pointer can meet Go memory.
func discardArena(b []byte) bool { return syscall.Madvise(b, syscall.MADV_DONTNEED) == nil }
