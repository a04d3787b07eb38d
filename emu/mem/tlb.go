package mem

import "unsafe"

// Page geometry.
const (
	PageShift = 12
	PageSize  = 1 << PageShift
	PageMask  = PageSize - 1
	// Limit is the end of the user half of the canonical address space
	// (47 bits less the guard page Linux keeps).
	Limit = 1<<47 - PageSize
)

// TLBSize is the number of entries of each side of the software TLB.
const TLBSize = 1024

// Entry maps one page. A hit for an access of n bytes at a is
// (a+n-1)&^PageMask == Tag, which also fails for accesses that cross a page; an
// invalid entry has Tag 1. Page points at the first byte of the frame.
type Entry struct {
	Tag  uint64
	Page unsafe.Pointer
}

// TLB holds separate tags for reading and writing, indexed by the low bits of
// the page number. Read entries exist only for readable pages; write entries only
// for pages that are writable, owned by the current epoch, marked dirty, and hold
// no watched code.
type TLB struct {
	Read, Write [TLBSize]Entry
}
