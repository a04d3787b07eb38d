package trace

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu/mem"
)

// newTouched returns a space with writable memory at base whose writes are observed.
func newTouched(t *testing.T, size uint64) (*mem.Space, *touched) {
	t.Helper()
	pool := mem.NewPool(16 << 20)
	s := mem.NewSpace(pool)
	if err := s.Map(mem.Mapping{Start: base, End: base + size, Prot: mem.Read | mem.Write}); err != nil {
		t.Fatal(err)
	}
	w := new(touched)
	pool.Observe(w)
	return s, w
}

const base = 0x10000

func self(*mem.Space) int32 { return 7 }

// TestTouched shows which words are listed: those that have another value in the end, in
// order, once.
func TestTouched(t *testing.T) {
	s, w := newTouched(t, 1<<16)
	put := func(a, v uint64) {
		if err := s.PutUint64(a, v); err != nil {
			t.Fatal(err)
		}
	}
	put(base+64, 1)
	put(base+8, 2)
	put(base+12, 3)     // over two words, one of them again
	put(base+64, 0)     // as it was
	put(base+4092, 1)   // over two pages
	put(base+8192, 0)   // no change
	put(base+2*4096, 9) // behind a hole
	want := []Write{
		{7, base + 8, []uint64{3<<32 | 2, 0}},
		{7, base + 4088, []uint64{1 << 32}},
		{7, base + 8192, []uint64{9}},
	}
	want[0].Words = want[0].Words[:1]
	if diff := cmp.Diff(want, w.take(nil, self)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.take(nil, self); got != nil {
		t.Errorf("again: %v", got)
	}
	put(base+8, 2)
	if got := w.take(nil, func(*mem.Space) int32 { return 0 }); got != nil {
		t.Errorf("of nobody: %v", got)
	}
}

// TestTouchedMany writes more than a record can hold: it is handed over in parts.
func TestTouchedMany(t *testing.T) {
	const size = 1 << 20
	s, w := newTouched(t, size)
	got := make([]byte, size)
	parts := 0
	collect := func() {
		parts++
		n := 0
		for _, r := range w.take(nil, self) {
			for i, v := range r.Words {
				binary.LittleEndian.PutUint64(got[r.Addr-base+8*uint64(i):], v)
			}
			n += len(r.Words)
		}
		if n > maxWords+mem.PageSize/8 {
			t.Errorf("%d words at once", n)
		}
	}
	w.full = collect
	want := bytes.Repeat([]byte("a sentence"), size/10+1)[:size]
	if _, err := s.WriteAt(want, base); err != nil {
		t.Fatal(err)
	}
	collect()
	if !bytes.Equal(got, want) || parts != size/8/maxWords {
		t.Errorf("in %d parts; equal: %v", parts, bytes.Equal(got, want))
	}
}
