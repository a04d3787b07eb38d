package mem

import (
	"unsafe"

	"emurun/abi"
	"emurun/emu/x86"
)

// Cause says why memory cannot be accessed; the kernel makes a signal of it.
type Cause uint8

// The causes of a fault, named as sigaction(2) has them.
const (
	CauseNone   Cause = iota
	CauseMapErr       // SIGSEGV, SEGV_MAPERR: nothing is mapped there
	CauseAccErr       // SIGSEGV, SEGV_ACCERR: the mapping does not permit it
	CauseBus          // SIGBUS, BUS_ADRERR: behind the end of the file, or it cannot be read
	CauseOOM          // no page is left: the process is killed
	CauseLost         // what was thawed cannot be loaded, see Pool.Err: the run is over
)

// errno returns what a system call gives that meets the cause.
func (c Cause) errno() abi.Errno {
	if c == CauseOOM {
		return abi.ENOMEM
	}
	return abi.EFAULT
}

// raise records the exception of an access of kind (0, x86.PFWrite or x86.PFFetch) to a.
func (s *Space) raise(exc *x86.Exception, a uint64, kind uint32, cause Cause) {
	s.Cause = cause
	if top := int64(a) >> 47; top != 0 && top != -1 {
		*exc = x86.Exception{Vector: x86.VecGP, Addr: a} // the engine may have to make it #SS
		return
	}
	code := kind | x86.PFUser
	if cause == CauseAccErr && s.present(a) || a >= Limit { // Linux does not tell what the kernel half has
		code |= x86.PFPresent
	}
	*exc = x86.Exception{Vector: x86.VecPF, Code: code, Addr: a}
}

// present reports whether a page table of Linux would have the page of a: it is
// accessible in some way and in memory.
func (s *Space) present(a uint64) bool {
	m := s.find(a)
	if m == nil || m.Prot == 0 {
		return false
	}
	return s.tree.get(a>>PageShift) != 0 || m.Object != nil && m.Object.HasPage(m.index(a))
}

// mapping returns the mapping for an access to a that needs one of the permissions
// need. A stack grows to a.
func (s *Space) mapping(a uint64, need Prot) (*Mapping, Cause) {
	m := s.find(a)
	if m == nil {
		if m = s.growStack(a); m == nil {
			return nil, CauseMapErr
		}
	}
	if m.Prot&need == 0 {
		return nil, CauseAccErr
	}
	return m, CauseNone
}

// readPage returns the page of a for reading, or for fetching if need is Exec, and
// enters it in the read TLB.
func (s *Space) readPage(a uint64, need Prot) (unsafe.Pointer, Cause) {
	m, cause := s.mapping(a, need)
	if cause != CauseNone {
		return nil, cause
	}
	e := pte(0)
	if m.Flags&Shared == 0 {
		e = s.tree.get(a >> PageShift)
	}
	f := zeroFrame
	switch {
	case e != 0:
		f, cause = s.pool.frame(e)
	case s.pool.err != nil:
		cause = CauseLost // there may have been a page
	case m.Object != nil:
		f, cause = m.Object.frame(m.index(a))
	}
	if cause != CauseNone {
		return nil, cause
	}
	p := s.pool.addr(f)
	s.TLB.Read[slot(a)] = Entry{a &^ PageMask, p}
	return p, CauseNone
}

// writePage returns the page of a for writing. It enters it in both TLBs, but in the
// write TLB only if it holds no watched code and nobody observes writes.
func (s *Space) writePage(a uint64) (unsafe.Pointer, *Mapping, Cause) {
	m, cause := s.mapping(a, Write)
	if cause != CauseNone {
		return nil, nil, cause
	}
	var f Frame
	if m.Flags&Shared != 0 {
		f, cause = m.Object.writable(m.index(a))
	} else {
		f, cause = s.private(a, m)
	}
	if cause != CauseNone {
		return nil, nil, cause
	}
	p := s.pool.addr(f)
	e := Entry{a &^ PageMask, p}
	s.TLB.Read[slot(a)] = e
	if s.pool.observer == nil && !s.isCode(a, m) {
		s.TLB.Write[slot(a)] = e
	}
	return p, m, CauseNone
}

// private returns the frame of a in the private mapping m for writing: the one in the
// tree if nobody shares it, else a copy, which takes its place.
func (s *Space) private(a uint64, m *Mapping) (Frame, Cause) {
	n := a >> PageShift
	e := s.tree.get(n)
	if e == 0 {
		return s.firstWrite(n, a, m)
	}
	f, cause := s.pool.frame(e)
	if cause != CauseNone {
		return 0, cause
	}
	return s.pool.unshared(s.tree.slot(n), f), CauseNone
}

// unshared returns f, the frame of the entry at e, which is owned, for writing; if it is
// shared the copy that takes its place.
func (p *Pool) unshared(e *pte, f Frame) Frame {
	meta := p.meta(f)
	if meta.refs == 1 {
		meta.epoch = p.epoch
		*e = pte(f)
		return f
	}
	g := p.copyFrame(f)
	*e = pte(g)
	p.drop(f)
	return g
}

// firstWrite gives page number n its own frame, with the content of the Object or zero.
func (s *Space) firstWrite(n, a uint64, m *Mapping) (Frame, Cause) {
	from, cause := zeroFrame, CauseNone
	if s.pool.err != nil {
		return 0, CauseLost
	}
	if m.Object != nil {
		if from, cause = m.Object.frame(m.index(a)); cause != CauseNone {
			return 0, cause
		}
	}
	s.pool.hold(from) // admit may reclaim it
	g := Frame(0)
	switch {
	case !s.pool.admit():
		cause = CauseOOM
	case from == zeroFrame:
		g = s.pool.alloc(true)
	default:
		g = s.pool.copyFrame(from)
	}
	s.pool.drop(from)
	if cause == CauseNone {
		s.tree.set(n, pte(g))
	}
	return g, cause
}
