package mem

import "unsafe"

// WriteObserver hears of every write to the memory of a Space, by an engine or by the
// kernel, before it happens. It must not write itself.
type WriteObserver interface {
	// Writing says that n bytes at a, which lie in page, may be about to change.
	Writing(s *Space, a uint64, n int, page *[PageSize]byte)
}

// Observe makes o the observer of all Spaces of p, or ends that if it is nil. While
// there is one no page enters a write TLB, so that every write takes the slow path;
// the caller empties those of the Spaces that there are with FlushWriteTLB.
func (p *Pool) Observe(o WriteObserver) { p.observer = o }

// FlushWriteTLB makes the next write to each page take the slow path.
func (s *Space) FlushWriteTLB() { s.TLB.flushWriteAll() }

// observe tells the observer of a write to n bytes at a, in page.
func (s *Space) observe(a uint64, n int, page unsafe.Pointer) {
	if o := s.pool.observer; o != nil {
		o.Writing(s, a, n, (*[PageSize]byte)(page))
	}
}
