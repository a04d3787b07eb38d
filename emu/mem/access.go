package mem

import (
	"unsafe"

	"emurun/emu/x86"
)

// Slow paths of the engines, taken when the TLB does not hit. Each either
// returns a pointer to n contiguous bytes, or records the exception and returns nil.

// anyProt is the permission of which one bit is enough to read.
const anyProt = Read | Write | Exec

// ReadSlow returns n readable bytes at a. Where they cross a page they are
// gathered into bounce.
func (s *Space) ReadSlow(a uint64, n int, bounce *[64]byte, exc *x86.Exception) unsafe.Pointer {
	off := a & PageMask
	if off+uint64(n) <= PageSize {
		p, cause := s.readPage(a, anyProt)
		if cause != CauseNone {
			s.raise(exc, a, 0, cause)
			return nil
		}
		return unsafe.Add(p, off)
	}
	first := int(PageSize - off)
	if !s.gather(a, bounce[:first], exc) || !s.gather(a+uint64(first), bounce[first:n], exc) {
		return nil
	}
	return unsafe.Pointer(bounce)
}

// gather reads the bytes at a, which lie in one page, into p.
func (s *Space) gather(a uint64, p []byte, exc *x86.Exception) bool {
	page, cause := s.readPage(a, anyProt)
	if cause != CauseNone {
		s.raise(exc, a, 0, cause)
		return false
	}
	copy(p, bytesAt(page, a, len(p)))
	return true
}

// bytesAt returns the n bytes of page that a names.
func bytesAt(page unsafe.Pointer, a uint64, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(page, a&PageMask)), n)
}

// WriteSlow returns n writable bytes at a; both pages of a crossing access are
// checked before anything is returned. For a crossing it returns bounce, holding the
// old bytes, and the caller writes it back with Flush. If the bytes overlap
// watched code it returns nil with exc.Vector 0: the caller retries the
// instruction alone after the watcher dropped the code (see Watcher).
func (s *Space) WriteSlow(a uint64, n int, bounce *[64]byte, exc *x86.Exception) unsafe.Pointer {
	off := a & PageMask
	if off+uint64(n) <= PageSize {
		p := s.writeSlow(a, n, exc)
		if p == nil {
			return nil
		}
		return unsafe.Add(p, off)
	}
	first := int(PageSize - off)
	next := a + uint64(first)
	p := s.writeSlow(a, first, exc)
	if p == nil {
		return nil
	}
	copy(bounce[:first], bytesAt(p, a, first))
	if p = s.writeSlow(next, n-first, exc); p == nil {
		return nil
	}
	copy(bounce[first:n], bytesAt(p, next, n-first))
	return unsafe.Pointer(bounce)
}

// writeSlow returns the page of a for writing n bytes there.
func (s *Space) writeSlow(a uint64, n int, exc *x86.Exception) unsafe.Pointer {
	p, m, cause := s.writePage(a)
	if cause != CauseNone {
		s.raise(exc, a, x86.PFWrite, cause)
		return nil
	}
	if s.codeWritten(a, n, m) {
		*exc = x86.Exception{}
		return nil
	}
	s.observe(a, n, p)
	return p
}

// Flush writes the first n bytes of bounce to a, after a successful WriteSlow
// that returned bounce.
func (s *Space) Flush(a uint64, n int, bounce *[64]byte) {
	first := int(PageSize - a&PageMask)
	s.flushPart(a, bounce[:first])
	s.flushPart(a+uint64(first), bounce[first:n])
}

func (s *Space) flushPart(a uint64, p []byte) {
	page, _, cause := s.writePage(a)
	if cause != CauseNone {
		panic("mem: Flush without WriteSlow")
	}
	copy(bytesAt(page, a, len(p)), p)
}

// Fetch returns the bytes from a to the end of its page for instruction
// fetch, or records a page fault with PFFetch.
func (s *Space) Fetch(a uint64, exc *x86.Exception) []byte {
	p, cause := s.readPage(a, Exec)
	if cause != CauseNone {
		s.raise(exc, a, x86.PFFetch, cause)
		return nil
	}
	return bytesAt(p, a, int(PageSize-a&PageMask))
}
