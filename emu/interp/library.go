package interp

import (
	"bytes"

	"emurun/emu"
	"emurun/emu/mem"
)

// Library is what the engines of one machine share: blocks that one of them has
// translated. Programs of a shell session run the same loader and libraries at the same
// addresses again and again; copying a block costs a tenth of translating it.
//
// A block depends on nothing but its address and its bytes, so that it is right
// wherever both are the same. It is compared before it is used.
type Library struct {
	blocks  map[uint64]*template // by address
	cells   int                  // in all of them
	engines int                  // made so far: a single one has nobody to share with
	idle    []*Engine            // of address spaces that are gone, for the next ones
}

// template is a translated block that belongs to no engine.
type template struct {
	code  []byte
	cells []Op // not chained
	n     int
}

// maxLibrary bounds the cells of a Library, 64 bytes each; with more it begins anew.
const maxLibrary = 1 << 17

// maxIdle bounds the idle engines, of X. A shell's
// commands come one after the other, or as a pipeline of a few.
const maxIdle = 4

// NewLibrary returns an empty library.
func NewLibrary() *Library { return &Library{blocks: map[uint64]*template{}} }

// New returns the engine of space and makes it the watcher of its code.
func (l *Library) New(space *mem.Space) emu.Engine {
	l.engines++
	var e *Engine
	if last := len(l.idle) - 1; last >= 0 {
		e, l.idle[last] = l.idle[last], nil
		l.idle = l.idle[:last]
	} else {
		e = &Engine{library: l}
		e.reset()
	}
	e.space = space
	space.SetWatcher(e)
	return e
}

// Released implements mem.Watcher: it keeps the engine for another address space.
// Allocating its tables and cells anew costs a short-lived process more than its work.
func (e *Engine) Released() {
	e.space = nil
	if l := e.library; len(l.idle) < maxIdle {
		e.recycle()
		l.idle = append(l.idle, e)
	}
}

// find returns the block at pc if its code is what c's memory has there.
func (l *Library) find(c *CPU, pc uint64) *template {
	t := l.blocks[pc]
	if t == nil {
		return nil
	}
	want := t.code
	for len(want) > 0 {
		have := c.Mem.Fetch(pc, &c.Exc)
		n := min(len(have), len(want))
		if n == 0 || !bytes.Equal(have[:n], want[:n]) {
			return nil
		}
		want, pc = want[n:], pc+uint64(n)
	}
	return t
}

// keep adds the block of n instructions at pc to end, as translated to cells.
func (l *Library) keep(c *CPU, pc, end uint64, cells []Op, n int) {
	if l.engines < 2 {
		return
	}
	t := &template{code: make([]byte, 0, end-pc), cells: append([]Op(nil), cells...), n: n}
	for at := pc; at < end; {
		b := c.Mem.Fetch(at, &c.Exc)
		k := min(uint64(len(b)), end-at)
		if k == 0 {
			return
		}
		t.code, at = append(t.code, b[:k]...), at+k
	}
	if l.cells += len(cells); l.cells > maxLibrary {
		l.blocks, l.cells = map[uint64]*template{}, len(cells)
	}
	l.blocks[pc] = t
}
