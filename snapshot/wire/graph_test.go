package wire_test

import (
	"errors"
	"strings"
	"testing"

	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

// shape is a polymorphic part of the test's graph.
type shape interface{ area() uint64 }

// square points back to who has it, and to a counter inside another object.
type square struct {
	side  uint64
	owner *drawing
	count *counter
}

func (s *square) area() uint64 { return s.side * s.side }
func (s *square) Freeze(e *wire.Encoder) {
	e.Uint64(s.side)
	e.Ref(s.owner)
	e.Ref(s.count)
}
func (s *square) Thaw(d *wire.Decoder) {
	s.side = d.Uint64()
	s.owner = wire.Ref[*drawing](d)
	wire.Later(d, func(c *counter) { s.count = c })
}

// counter lies inside a drawing.
type counter struct{ n uint32 }

// drawing is the root.
type drawing struct {
	name   string
	shapes []shape
	next   *drawing
	inside counter
	linked bool
}

func (g *drawing) Freeze(e *wire.Encoder) {
	e.String(g.name)
	e.Count(len(g.shapes))
	for _, s := range g.shapes {
		e.Ref(s)
	}
	e.Ref(g.next)
	e.Own(&g.inside)
	e.Uint32(g.inside.n)
}

func (g *drawing) Thaw(d *wire.Decoder) {
	g.name = d.String(100)
	for range d.Count(100, 4) {
		g.shapes = append(g.shapes, wire.Ref[shape](d))
	}
	g.next = wire.Ref[*drawing](d)
	d.Own(&g.inside)
	g.inside.n = d.Uint32()
}

func (g *drawing) Link() error {
	g.linked = true
	if g.name == "bad" {
		return errors.New("bad name")
	}
	return nil
}

func testKinds() *wire.Kinds {
	k := new(wire.Kinds)
	wire.Add(k, "square", func() *square { return new(square) })
	wire.Add(k, "drawing", func() *drawing { return new(drawing) })
	return k
}

func noContents(string) (wire.Source, error) { return nil, errors.New("no contents") }

// ring is two drawings that lead to each other, with a square that both have.
func ring() *drawing {
	a, b := &drawing{name: "a"}, &drawing{name: "b", inside: counter{7}}
	s := &square{3, b, &b.inside}
	a.shapes, b.shapes = []shape{s, nil, s}, []shape{s}
	a.next, b.next = b, a
	return a
}

func mustFreeze(t *testing.T, k *wire.Kinds, root wire.Object) []byte {
	t.Helper()
	g, err := wire.FreezeGraph(k, root)
	if err != nil {
		t.Fatal(err)
	}
	return g.Encoding
}

func TestGraph(t *testing.T) {
	k := testKinds()
	p := mustFreeze(t, k, ring())
	o, err := wire.ThawGraph(p, k, noContents)
	if err != nil {
		t.Fatal(err)
	}
	a := o.(*drawing)
	b := a.next
	s := a.shapes[0].(*square)
	switch {
	case a.name != "a" || b.name != "b" || b.next != a || !a.linked || !b.linked:
		t.Error("the ring is broken")
	case a.shapes[1] != nil || a.shapes[2] != a.shapes[0] || b.shapes[0] != a.shapes[0]:
		t.Error("the square is not shared")
	case s.side != 3 || s.owner != b || s.count != &b.inside || b.inside.n != 7:
		t.Error("the square has other parts")
	}
	if string(mustFreeze(t, k, a)) != string(p) {
		t.Error("it freezes to other bytes")
	}
}

func TestRoundTripGraph(t *testing.T) {
	want := new(drawing)
	wiretest.RoundTripGraph(t, testKinds(), want, wiretest.Skip("linked", "next.linked", "shapes.owner.linked"),
		wiretest.Make("shapes", func() any { return &square{5, want, &want.inside} }))
}

func TestGraphErrors(t *testing.T) {
	k := testKinds()
	lost := ring()
	lost.shapes[0].(*square).count = new(counter)
	_, err := wire.FreezeGraph(k, lost)
	if err == nil || !strings.Contains(err.Error(), "lies in no object") {
		t.Errorf("a counter nobody has: %v", err)
	}
	bad := ring()
	bad.next.name = "bad"
	if _, err = wire.ThawGraph(mustFreeze(t, k, bad), k, noContents); err == nil || err.Error() != "drawing 3: bad name" {
		t.Errorf("Link's error is %v", err)
	}
	p := string(mustFreeze(t, k, ring()))
	for name, q := range map[string]string{
		"an unknown kind": strings.Replace(p, "square", "sphere", 1),
		"a wrong kind":    strings.Replace(p, "\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00", "\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00", 1),
		"bytes behind":    p + "x",
	} {
		if q == p {
			t.Errorf("%s: nothing replaced", name)
		}
		if _, err := wire.ThawGraph([]byte(q), k, noContents); !errors.Is(err, wire.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzGraph: whatever thaws freezes again; nothing panics.
func FuzzGraph(f *testing.F) {
	k := testKinds()
	g, _ := wire.FreezeGraph(k, ring())
	f.Add(g.Encoding)
	f.Fuzz(func(t *testing.T, p []byte) {
		o, err := wire.ThawGraph(p, k, noContents)
		if err != nil {
			return
		}
		if _, err := wire.FreezeGraph(k, o); err != nil {
			t.Errorf("it thaws, but does not freeze: %v", err)
		}
	})
}
