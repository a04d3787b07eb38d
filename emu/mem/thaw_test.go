package mem

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"emurun/emu/x86"
	"emurun/snapshot/wire"
)

// frozenWorld returns a world and a committed checkpoint of it.
func frozenWorld(t testing.TB, seed uint64) (*world, *save) {
	t.Helper()
	w := newWorld(seed)
	w.busy = true
	for range 300 {
		if err := w.step(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.begin()
	if err == nil {
		err = w.end(s, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

// badSource fails at the chunk n, or flips a byte of it.
type badSource struct {
	wire.Source
	n    *int
	flip int
}

var errDisk = errors.New("disk error")

func (s badSource) Chunk(h Sum) ([]byte, error) {
	p, err := s.Source.Chunk(h)
	if *s.n--; *s.n != 0 || err != nil {
		return p, err
	}
	if s.flip < 0 {
		return nil, errDisk
	}
	p = bytes.Clone(p)
	p[s.flip%len(p)] ^= byte(1 + s.flip>>8)
	return p[:len(p)-s.flip>>4%2], nil
}

// thawBad thaws s, of which chunk n is bad.
func (w *world) thawBad(s *save, p []byte, n, flip int) (*Pool, *machine, error) {
	pool := NewPool(1 << 20)
	left := n
	o, err := wire.ThawGraph(p, testKinds(pool), func(name string) (wire.Source, error) {
		root, ok := s.roots[name]
		if !ok {
			return nil, errDisk
		}
		return badSource{&source{w, root}, &left, flip}, nil
	})
	if err != nil {
		return pool, nil, err
	}
	m, ok := o.(*machine)
	if !ok {
		return pool, nil, errors.New("another root")
	}
	return pool, m, nil
}

// use does what a guest may do to m, and ends it.
func (m *machine) use() {
	var exc x86.Exception
	var bounce [64]byte
	for _, s := range m.spaces {
		if s == nil || s.released {
			continue
		}
		s.Resident()
		for _, x := range append([]*Mapping(nil), s.maps...) {
			for a := x.Start; a < min(x.End, x.Start+20*PageSize); a += PageSize {
				s.ReadSlow(a, 8, &bounce, &exc)
				s.WriteSlow(a+PageMask, 8, &bounce, &exc)
				s.InMemory(a)
			}
			_ = s.Protect(x.Start, x.End, Read|Write)
			_ = s.Unmap(x.Start+PageSize, x.Start+2*PageSize)
		}
		c := s.Fork()
		s.EachPage(func(uint64, *[PageSize]byte) {})
		c.Release()
	}
	for _, o := range m.objs {
		if o != nil {
			_ = o.Clean(0, Infinity>>1, func([]byte, uint64) error { return nil })
			o.Truncate(3*PageSize + 5)
		}
	}
}

// TestLostPages: whichever chunk cannot be read, an access gives CauseLost, the Pool has
// the error, and views still know what was frozen.
func TestLostPages(t *testing.T) {
	w, s := frozenWorld(t, 11)
	for n := 1; ; n++ {
		pool, m, err := w.thawBad(s, s.graph.Encoding, n, -1)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range m.spaces {
			x.EachPage(func(uint64, *[PageSize]byte) {})
		}
		if pool.Err() == nil {
			if n < 10 {
				t.Fatalf("%d chunks are read", n)
			}
			break
		}
		if !errors.Is(pool.Err(), errDisk) {
			t.Fatalf("the error is %v", pool.Err())
		}
		checkLost(t, m)
		g, err := wire.FreezeGraph(testKinds(pool), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Contents {
			if sum, err := c.Store(s); sum != s.roots[c.Name] || err != nil {
				t.Fatalf("%s: root %x, error %v", c.Name, sum, err)
			}
			c.Release(false)
		}
		m.use()
	}
}

// checkLost: nothing that was not loaded can be read as zeroes.
func checkLost(t *testing.T, m *machine) {
	t.Helper()
	var exc x86.Exception
	var bounce [64]byte
	for _, s := range m.spaces {
		for x := range s.Mappings() {
			if x.Prot == 0 || x.Flags&Shared != 0 {
				continue
			}
			for a := x.Start; a < x.End; a += PageSize {
				if e := s.tree.get(a >> PageShift); e == 0 && s.ReadSlow(a, 1, &bounce, &exc) != nil {
					t.Fatalf("%#x can be read", a)
				}
			}
		}
	}
}

// TestCorruptChunks: a chunk that is not what it shall be is an error or other content, no panic.
func TestCorruptChunks(t *testing.T) {
	w, s := frozenWorld(t, 6)
	for n := 1; n < 60; n++ {
		_, m, err := w.thawBad(s, s.graph.Encoding, n, n*7)
		if err != nil {
			t.Fatal(err)
		}
		m.use()
	}
}

// FuzzThaw: whatever bytes thaw can be used, whatever the chunks are.
func FuzzThaw(f *testing.F) {
	w, s := frozenWorld(f, 7)
	f.Add(s.graph.Encoding, 3, -1)
	f.Add(s.graph.Encoding, 1, 1000)
	f.Fuzz(func(t *testing.T, p []byte, n, flip int) {
		pool, m, err := w.thawBad(s, p, n, max(flip, -1))
		if err == nil {
			m.use()
		}
		pool.Close()
	})
}

// TestSameLimit: with the same memory in use, a guest meets the limit at the same page, whether views
// are held, and whether it was thawed.
func TestSameLimit(t *testing.T) {
	var got []string
	for _, how := range []string{"alone", "with a view", "thawed"} {
		w := &world{pool: NewPool(2 << 20), store: map[Sum][]byte{}}
		s := NewSpace(w.pool)
		mustMap(t, s, Mapping{Start: 1 << 20, End: 9 << 20, Prot: Read | Write})
		for a := uint64(1 << 20); a < 2<<20; a += PageSize {
			_ = s.PutUint64(a, a*(a>>PageShift&1)) // every other page is of zeroes
		}
		c := s.Fork()
		_ = c.Unmap(1<<20, 2<<20-100*PageSize)
		w.spaces = []*modelSpace{{s: s}, {s: c}}
		if how != "alone" {
			k, err := w.begin()
			if err != nil {
				t.Fatal(err)
			}
			if how == "thawed" {
				if err := w.end(k, true); err != nil {
					t.Fatal(err)
				}
				_, m, err := w.thawBad(k, k.graph.Encoding, -1, -1)
				if err != nil {
					t.Fatal(err)
				}
				s = m.spaces[0]
			}
		}
		for a := uint64(1 << 20); a < 2<<20; a += 3 * PageSize {
			_ = s.PutUint64(a, 1) // copies
		}
		text := fmt.Sprint(s.pool.Available(), s.pool.Used())
		a := uint64(2 << 20)
		for s.PutUint64(a, 1) == nil {
			a += PageSize
		}
		got = append(got, fmt.Sprintf("%s %#x", text, a))
	}
	if got[0] != got[1] || got[0] != got[2] {
		t.Errorf("alone, with a view, thawed:\n%s", strings.Join(got, "\n"))
	}
}
