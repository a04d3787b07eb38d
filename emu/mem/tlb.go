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

// noTag is the Tag of an invalid entry.
const noTag = 1

// TLB holds separate tags for reading and writing, indexed by the low bits of
// the page number. Read entries exist only for readable pages; write entries only
// for pages that are writable, owned by the current epoch, marked dirty, and hold
// no watched code.
type TLB struct {
	Read, Write [TLBSize]Entry
}

// slot returns the index of a's entry.
func slot(a uint64) uint64 { return a >> PageShift & (TLBSize - 1) }

// Flushing changes tags only: writing the pointers would cost barriers of the collector,
// and what they point at is never Go memory on hosts with an arena.

func (t *TLB) flushAll() {
	for i := range t.Read {
		t.Read[i].Tag = noTag
	}
	t.flushWriteAll()
}

func (t *TLB) flushWriteAll() {
	for i := range t.Write {
		t.Write[i].Tag = noTag
	}
}

// flush removes the entries of [lo, hi).
func (t *TLB) flush(lo, hi uint64) {
	flushSide(&t.Read, lo, hi)
	flushSide(&t.Write, lo, hi)
}

// flushWrite removes the write entries of [lo, hi).
func (t *TLB) flushWrite(lo, hi uint64) { flushSide(&t.Write, lo, hi) }

func flushSide(side *[TLBSize]Entry, lo, hi uint64) {
	if hi-lo < TLBSize<<PageShift {
		for a := lo; a < hi; a += PageSize {
			if e := &side[slot(a)]; e.Tag == a {
				e.Tag = noTag
			}
		}
		return
	}
	for i := range side {
		if e := &side[i]; e.Tag >= lo && e.Tag < hi {
			e.Tag = noTag
		}
	}
}
