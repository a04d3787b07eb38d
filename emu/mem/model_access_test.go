package mem

import (
	"bytes"
	"fmt"
	"unsafe"

	"emurun/emu/x86"
)

// load reads through the TLB.
func (m *modelSpace) load(a uint64, n int) ([]byte, x86.Exception) {
	var exc x86.Exception
	var bounce [64]byte
	e := &m.s.TLB.Read[slot(a)]
	if e.Tag == (a+uint64(n)-1)&^PageMask {
		return bytesAt(e.Page, a, n), exc
	}
	p := m.s.ReadSlow(a, n, &bounce, &exc)
	if p == nil {
		return nil, exc
	}
	return bytes.Clone(unsafe.Slice((*byte)(p), n)), exc
}

// store writes through the TLB.
func (m *modelSpace) store(a uint64, b []byte) x86.Exception {
	var exc x86.Exception
	var bounce [64]byte
	e := &m.s.TLB.Write[slot(a)]
	if e.Tag == (a+uint64(len(b))-1)&^PageMask {
		copy(bytesAt(e.Page, a, len(b)), b)
		return exc
	}
	for range 3 {
		p := m.s.WriteSlow(a, len(b), &bounce, &exc)
		switch {
		case p == nil && exc.Vector == 0:
			continue
		case p == nil:
			return exc
		}
		copy(unsafe.Slice((*byte)(p), len(b)), b)
		if p == unsafe.Pointer(&bounce) {
			m.s.Flush(a, len(b), &bounce)
		}
		return x86.Exception{}
	}
	panic("code does not go")
}

// translate reads code and watches it.
func (w *world) translate(m *modelSpace) {
	a := w.anyAddr()
	var exc x86.Exception
	b := m.s.Fetch(a, &exc)
	if b == nil {
		return
	}
	m.s.Watch(a)
	m.code[a] = bytes.Clone(b[:min(len(b), 1+w.r.IntN(200))])
}

// cause returns why an access to a fails.
func (m *modelSpace) cause(a uint64, need Prot) Cause {
	p := m.pages[a>>PageShift]
	switch {
	case p == nil:
		return CauseMapErr
	case p.prot&need == 0:
		return CauseAccErr
	}
	_, c := p.view()
	return c
}

// expect checks the exception of an access to [a, a+n).
func (m *modelSpace) expect(a uint64, n int, need Prot, exc x86.Exception) (bool, error) {
	for _, at := range []uint64{a, (a + uint64(n) - 1) &^ PageMask} {
		at = max(at, a)
		if c := m.cause(at, need); c != CauseNone {
			if exc.Vector != x86.VecPF || exc.Addr != at || m.s.Cause != c {
				return false, fmt.Errorf("access %#x+%d: got %v cause %d, want #PF at %#x cause %d", a, n, exc, m.s.Cause, at, c)
			}
			return false, nil
		}
	}
	if exc.Vector != 0 {
		return false, fmt.Errorf("access %#x+%d: unexpected %v", a, n, exc)
	}
	return true, nil
}

func (w *world) read(m *modelSpace) error {
	a, n := w.anyAddr(), 1<<w.r.IntN(7)
	b, exc := m.load(a, n)
	if ok, err := m.expect(a, n, anyProt, exc); !ok {
		return err
	}
	want := make([]byte, n)
	for i := range want {
		page, _ := m.pages[(a+uint64(i))>>PageShift].view()
		want[i] = page[(a+uint64(i))&PageMask]
	}
	if !bytes.Equal(b, want) {
		return fmt.Errorf("load %#x+%d: got %x, want %x", a, n, b, want)
	}
	return nil
}

func (w *world) write(m *modelSpace) error {
	a, n := w.anyAddr(), 1<<w.r.IntN(7)
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.r.Uint32())
	}
	exc := m.store(a, b)
	if ok, err := m.expect(a, n, Write, exc); !ok {
		return err
	}
	for i := range b {
		m.poke(a+uint64(i), b[i])
	}
	return nil
}

func (m *modelSpace) poke(a uint64, v byte) {
	p := m.pages[a>>PageShift]
	if p.shared {
		if at := p.index<<PageShift + a&PageMask; at < uint64(len(p.obj.data)) {
			p.obj.data[at] = v
			return
		}
		// Behind the end of the file, in its last page: kept, but not modelled.
		p.obj.obj.updatePage(p.index<<PageShift+a&PageMask, []byte{0})
		return
	}
	if p.own == nil {
		b, _ := p.view()
		p.own = bytes.Clone(b)
	}
	p.own[a&PageMask] = v
}

// copyIn writes as the kernel does.
func (w *world) copyIn(m *modelSpace) error {
	a := w.anyAddr()
	b := make([]byte, 1+w.r.IntN(3*PageSize))
	for i := range b {
		b[i] = byte(w.r.Uint32())
	}
	n, err := m.s.WriteAt(b, a)
	for i := range n {
		m.poke(a+uint64(i), b[i])
	}
	if (n < len(b)) != (err != nil) {
		return fmt.Errorf("WriteAt: %d of %d, %v", n, len(b), err)
	}
	if n < len(b) && m.cause(a+uint64(n), Write) == CauseNone {
		return fmt.Errorf("WriteAt %#x stopped at %d for nothing", a, n)
	}
	return nil
}
