package tty

import (
	"testing"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/syscalls/kernel"
)

// testKinds are this package's kinds; every graph gets terminals of its own.
func testKinds() *wire.Kinds {
	k := new(wire.Kinds)
	Kinds(k, NewSystem(nil, 0))
	wire.Add(k, "kernel.Session", func() *kernel.Session { return new(kernel.Session) })
	return k
}

// used returns a terminal in the middle of its life: a line is being edited, input and
// output wait.
func used(t *testing.T) *Master {
	s := NewSystem(kernel.New(kernel.Config{}), 22)
	p := newPty()
	x := &TTY{term: p, pty: p}
	p.tty = x
	s.add(&TTY{term: newPty()}, 1, 2)
	s.ttys[0] = nil // the first one is gone
	s.ttys = append(s.ttys, nil)
	s.add(x, 1000, 5)
	s.ttys[0], s.ttys[1] = nil, x
	x.index = 1
	p.locked = false
	if _, err := x.open(); err != nil {
		t.Fatal(err)
	}
	m := &Master{pty: p}
	if _, err := m.Write([]byte("one\rtwo\x16"), 0); err != nil {
		t.Fatal(err)
	}
	p.size = abi.Winsize{Row: 25, Col: 80}
	return m
}

func TestTerminalThaws(t *testing.T) {
	m := used(t)
	g, err := wire.FreezeGraph(testKinds(), m)
	if err != nil {
		t.Fatal(err)
	}
	o, err := wire.ThawGraph(g.Encoding, testKinds(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := o.(*Master)
	for _, x := range []*Master{m, got} {
		if _, err := x.Write([]byte("\x03 three\r"), 0); err != nil { // ^C is literal
			t.Fatal(err)
		}
		b := make([]byte, 100)
		for _, want := range []string{"one\n", "two\x03 three\n"} {
			n, err := x.pty.Read(b)
			if err != nil || string(b[:n]) != want {
				t.Errorf("read %q, %v, want %q", b[:n], err, want)
			}
		}
		n, err := x.Read(b, 0)
		if want := "one\r\ntwo^\b^C three\r\n"; err != nil || string(b[:n]) != want {
			t.Errorf("shown %q, %v, want %q", b[:n], err, want)
		}
	}
	a, b := mustFreeze(t, m), mustFreeze(t, got)
	if a != b {
		t.Errorf("the two terminals differ after the same input:\n%q\n%q", a, b)
	}
}

func mustFreeze(t *testing.T, m *Master) string {
	t.Helper()
	g, err := wire.FreezeGraph(testKinds(), m)
	if err != nil {
		t.Fatal(err)
	}
	return string(g.Encoding)
}

// Every field of a pseudoterminal freezes.
func TestFreeze(t *testing.T) {
	p := new(pty)
	s := NewSystem(nil, 0)
	x := &TTY{sys: s, pty: p, term: p}
	x.node = &ttyNode{tty: x}
	s.ttys = []*TTY{x}
	wiretest.RoundTripGraph(t, testKinds(), p, wiretest.Make("tty", func() any { return x }),
		wiretest.Make("queue.waiters", func() any { return nil }), wiretest.Skip("queue.waiters", "queue.events", "mqueue.waiters", "mqueue.events", "tty.sys.k"))

	y := new(TTY)
	wiretest.RoundTripGraph(t, testKinds(), y, wiretest.Make("pty", func() any { return &pty{tty: y} }), wiretest.Make("sys", func() any { return s }),
		wiretest.Make("node", func() any { return &ttyNode{tty: y} }), wiretest.Skip("term", "session"),
		wiretest.Adjust(func(t *TTY) { t.term, t.index, s.ttys = t.pty, 0, []*TTY{t} }))
}

// FuzzThaw: whatever thaws can be used and frozen again.
func FuzzThaw(f *testing.F) {
	g, err := wire.FreezeGraph(testKinds(), used(new(testing.T)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(g.Encoding)
	f.Fuzz(func(t *testing.T, p []byte) {
		o, err := wire.ThawGraph(p, testKinds(), nil)
		if err != nil {
			return
		}
		if m, ok := o.(*Master); ok && m.pty.tty.session == nil {
			_, _ = m.Write([]byte("a\x7f\r"), 0)
			_, _ = m.pty.Read(make([]byte, 10))
		}
		if _, err := wire.FreezeGraph(testKinds(), o); err != nil {
			t.Errorf("it thaws, but does not freeze: %v", err)
		}
	})
}
