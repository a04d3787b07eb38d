package mem

import (
	"errors"
	"testing"

	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

// freezableFile is a testFile that freezes.
type freezableFile struct{ testFile }

func (f *freezableFile) Freeze(e *wire.Encoder) { e.Bytes(f.data) }
func (f *freezableFile) Thaw(d *wire.Decoder)   { f.data = d.Bytes(1 << 24) }

// testKinds is the kinds of the tests, thawing into p.
func testKinds(p *Pool) *wire.Kinds {
	k := new(wire.Kinds)
	Kinds(k, p)
	wire.Add(k, "test.file", func() *freezableFile { return new(freezableFile) })
	wire.Add(k, "test.machine", func() *machine { return new(machine) })
	return k
}

// machine is what the tests freeze: some Spaces and Objects.
type machine struct {
	spaces []*Space
	objs   []*Object
}

func (m *machine) Freeze(e *wire.Encoder) {
	e.Count(len(m.spaces))
	for _, s := range m.spaces {
		e.Ref(s)
	}
	e.Count(len(m.objs))
	for _, o := range m.objs {
		e.Ref(o)
	}
}

func (m *machine) Thaw(d *wire.Decoder) {
	for range d.Count(100, 4) {
		m.spaces = append(m.spaces, wire.Ref[*Space](d))
	}
	for range d.Count(100, 4) {
		m.objs = append(m.objs, wire.Ref[*Object](d))
	}
}

// derived is what does not freeze, below a Space and its Object.
var derived = []string{
	"TLB", "Cause", "pool", "tree", "recent", "watcher", "watched", "viewed", "released", "maps.place", "maps.space",
	"maps.Object.pool", "maps.Object.tree", "maps.Object.maps", "maps.Object.watched", "maps.Object.code", "maps.Object.dirty",
}

func TestSpaceFreezes(t *testing.T) {
	p := NewPool(1 << 20)
	at := uint64(PageSize)
	wiretest.RoundTripGraph(t, testKinds(p), &Space{pool: p, tree: tree{pool: p}}, wiretest.Skip(derived...),
		wiretest.Make("maps.Object.src", func() any { return &freezableFile{} }),
		wiretest.Adjust(func(s *Space) {
			s.Layout.MmapBase &^= PageMask
			for _, m := range s.maps {
				m.Start, m.End, at = at, at+PageSize, at+2*PageSize
				m.Offset <<= PageShift
				m.Prot, m.MaxProt, m.Flags = m.Prot&7, m.MaxProt&7, m.Flags&(endFlags-1)
				m.Object.pool, m.Object.tree.pool = p, p
			}
		}))
}

func TestPageSetFreezes(t *testing.T) {
	var s pageSet
	for _, i := range []uint64{0, 1, 63, 64, 1000, 999, 1 << 30} {
		s.add(i)
		s.add(i)
	}
	s.remove(1)
	s.remove(2)
	e := new(wire.Encoder)
	s.freeze(e)
	var got pageSet
	d := wire.NewDecoder(e.Encoding())
	got.thaw(d, 1<<30+1)
	if err := d.End(); err != nil || got.n != 6 || s.n != 6 || !got.has(1000) || got.has(1) || len(got.in(1, 1000)) != 3 {
		t.Errorf("got %v, error %v", got, err)
	}
	d = wire.NewDecoder(e.Encoding())
	if got.thaw(d, 1<<30); !errors.Is(d.Err(), wire.ErrCorrupt) {
		t.Errorf("a page behind the end: %v", d.Err())
	}
}
