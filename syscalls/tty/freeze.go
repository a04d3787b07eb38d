package tty

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Kinds adds the objects of this package to k. sys is the terminals of the machine that
// thaws. What is behind a terminal that is no pseudoterminal is added by who has it.
func Kinds(k *wire.Kinds, sys *System) {
	wire.Add(k, "tty.System", func() *System { return sys })
	wire.Add(k, "tty.TTY", func() *TTY { return new(TTY) })
	wire.Add(k, "tty.pty", func() *pty { return new(pty) })
	wire.Add(k, "tty.File", func() *File { return new(File) })
	wire.Add(k, "tty.Master", func() *Master { return new(Master) })
	wire.Add(k, "tty.dirNode", func() *dirNode { return new(dirNode) })
	wire.Add(k, "tty.ptmxNode", func() *ptmxNode { return new(ptmxNode) })
	wire.Add(k, "tty.ttyNode", func() *ttyNode { return new(ttyNode) })
}

// Freeze implements wire.Object.
func (s *System) Freeze(e *wire.Encoder) {
	e.Uint64(s.dev)
	e.Count(len(s.ttys))
	for _, t := range s.ttys {
		e.Ref(t)
	}
	e.Ref(s.dir)
	e.Ref(s.ptmx)
}

// Thaw implements wire.Object.
func (s *System) Thaw(d *wire.Decoder) {
	s.dev = d.Uint64()
	s.ttys = nil
	for range d.Count(maxPty+1, 4) {
		s.ttys = append(s.ttys, wire.Ref[*TTY](d))
	}
	s.dir, s.ptmx = wire.Ref[*dirNode](d), wire.Ref[*ptmxNode](d)
	if s.dir == nil || s.ptmx == nil {
		d.Fail("no /dev/pts")
	}
}

// Link implements wire.Linker: every terminal has the number of its place.
func (s *System) Link() error {
	for i, t := range s.ttys {
		if t != nil && (t.index != i || t.sys != s) {
			return wire.Corrupt("terminal %d stands at %d", t.index, i)
		}
	}
	if s.dir.sys != s || s.ptmx.sys != s {
		return wire.Corrupt("/dev/pts is another machine's")
	}
	return nil
}

// Freeze implements wire.Object.
func (t *TTY) Freeze(e *wire.Encoder) {
	e.Ref(t.sys)
	e.Ref(t.term)
	e.Uint32(uint32(t.index))
	e.Ref(t.session)
	t.attr.Freeze(e)
	e.Bool(t.hung)
	e.Ref(t.pty)
	e.Ref(t.node)
}

// Thaw implements wire.Object.
func (t *TTY) Thaw(d *wire.Decoder) {
	t.sys = wire.Ref[*System](d)
	t.term = wire.Ref[Terminal](d)
	t.index = int(d.Uint32())
	t.session = wire.Ref[*kernel.Session](d)
	t.attr.Thaw(d)
	t.hung = d.Bool()
	t.pty = wire.Ref[*pty](d)
	t.node = wire.Ref[*ttyNode](d)
	if t.sys == nil || t.term == nil || t.node == nil || t.pty != nil && t.term != Terminal(t.pty) {
		d.Fail("terminal %d has nothing behind it", t.index)
	}
}

// Link implements wire.Linker: a terminal that has not hung up stands in /dev/pts.
func (t *TTY) Link() error {
	switch {
	case !t.hung && (t.index >= len(t.sys.ttys) || t.sys.ttys[t.index] != t):
		return wire.Corrupt("terminal %d is not in /dev/pts", t.index)
	case t.pty != nil && t.pty.tty != t, t.node.tty != t:
		return wire.Corrupt("terminal %d is another's", t.index)
	case t.session != nil && t.session.TTY != kernel.Terminal(t):
		return wire.Corrupt("terminal %d does not control its session", t.index)
	}
	return nil
}

// Freeze implements wire.Object.
func (p *pty) Freeze(e *wire.Encoder) {
	e.Ref(p.tty)
	freezeModes(e, &p.modes, &p.size)
	p.queue.Freeze(e)
	p.mqueue.Freeze(e)
	e.Bool(p.locked)
	e.Int64(int64(p.slaves))
	e.Bool(p.opened)
	e.Bool(p.stopped)
	e.Bytes(p.line)
	e.Count(len(p.ready))
	for _, c := range p.ready {
		e.Bytes(c.data)
		e.Bool(c.line)
	}
	e.Bytes(p.output)
	e.Int64(int64(p.column))
	e.Bool(p.literal)
}

// maxBuffer bounds a buffer of a pseudoterminal: echo may exceed maxOutput.
const maxBuffer = 1 << 24

// Thaw implements wire.Object.
func (p *pty) Thaw(d *wire.Decoder) {
	p.tty = wire.Ref[*TTY](d)
	thawModes(d, &p.modes, &p.size)
	p.queue.Thaw(d)
	p.mqueue.Thaw(d)
	p.locked = d.Bool()
	p.slaves = int(d.Int64())
	p.opened = d.Bool()
	p.stopped = d.Bool()
	p.line = d.Bytes(maxBuffer)
	for range d.Count(maxBuffer, 5) {
		p.ready = append(p.ready, chunk{d.Bytes(maxBuffer), d.Bool()})
	}
	p.output = d.Bytes(maxBuffer)
	p.column = int(d.Int64())
	p.literal = d.Bool()
	if p.tty == nil || p.slaves < 0 || p.column < 0 {
		d.Fail("a pseudoterminal with %d slaves in column %d", p.slaves, p.column)
	}
}

// freezeModes writes the modes and the size of a terminal.
func freezeModes(e *wire.Encoder, m *abi.Termios, w *abi.Winsize) {
	var b [abi.TermiosSize]byte
	m.Put(b[:])
	e.Fixed(b[:])
	var z [abi.WinsizeSize]byte
	w.Put(z[:])
	e.Fixed(z[:])
}

// thawModes reads what freezeModes wrote.
func thawModes(d *wire.Decoder, m *abi.Termios, w *abi.Winsize) {
	var b [abi.TermiosSize]byte
	d.Fixed(b[:])
	m.Decode(b[:])
	var z [abi.WinsizeSize]byte
	d.Fixed(z[:])
	w.Decode(z[:])
}

// Freeze implements wire.Object.
func (f *File) Freeze(e *wire.Encoder) { e.Ref(f.TTY) }

// Thaw implements wire.Object.
func (f *File) Thaw(d *wire.Decoder) { f.TTY = thawNeeded[*TTY](d) }

// Freeze implements wire.Object.
func (m *Master) Freeze(e *wire.Encoder) { e.Ref(m.pty) }

// Thaw implements wire.Object.
func (m *Master) Thaw(d *wire.Decoder) { m.pty = thawNeeded[*pty](d) }

// Freeze implements wire.Object.
func (n *dirNode) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Ref(n.sys)
}

// Thaw implements wire.Object.
func (n *dirNode) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.sys = thawNeeded[*System](d)
}

// Freeze implements wire.Object.
func (n *ptmxNode) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Ref(n.sys)
}

// Thaw implements wire.Object.
func (n *ptmxNode) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.sys = thawNeeded[*System](d)
}

// Freeze implements wire.Object.
func (n *ttyNode) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	e.Ref(n.tty)
}

// Thaw implements wire.Object.
func (n *ttyNode) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.tty = thawNeeded[*TTY](d)
}

// thawNeeded reads a reference that cannot be nil.
func thawNeeded[T comparable](d *wire.Decoder) T {
	x := wire.Ref[T](d)
	if none := *new(T); x == none {
		d.Fail("a reference to nothing")
	}
	return x
}

var (
	_ vfs.Node = (*ttyNode)(nil)
	_ vfs.File = (*File)(nil)
)
