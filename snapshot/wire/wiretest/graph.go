package wiretest

import (
	"bytes"
	"testing"

	"emurun/snapshot/wire"
)

// Roots is an object that leads to those of a test, none of them nil. Its kind is added with AddRoots.
type Roots struct{ Objects []wire.Object }

// AddRoots adds the kind of Roots.
func AddRoots(k *wire.Kinds) { wire.Add(k, "wiretest.Roots", func() *Roots { return new(Roots) }) }

// Freeze implements wire.Object.
func (r *Roots) Freeze(e *wire.Encoder) {
	e.Count(len(r.Objects))
	for _, o := range r.Objects {
		e.Ref(o)
	}
}

// Thaw implements wire.Object.
func (r *Roots) Thaw(d *wire.Decoder) {
	for range d.Count(wire.MaxLen, 4) {
		o := wire.Ref[wire.Object](d)
		if o == nil {
			d.Fail("a root is missing")
		}
		r.Objects = append(r.Objects, o)
	}
}

// Copy freezes root and returns what thaws from that with kinds, which must freeze to the same bytes.
func Copy[T wire.Object](t testing.TB, kinds *wire.Kinds, root T) T {
	t.Helper()
	frozen := freezeGraph(t, kinds, root)
	got, err := wire.ThawGraph(frozen, kinds, noSource)
	if err != nil {
		t.Fatalf("thaw %T: %v", root, err)
	}
	if again := freezeGraph(t, kinds, got); !bytes.Equal(frozen, again) {
		t.Fatalf("%T froze to other bytes after thawing:\n%x\n%x", root, frozen, again)
	}
	return got.(T)
}

// maxCorrupt bounds how many encodings Corrupt tries.
const maxCorrupt = 4096

// Corrupt changes single bytes all over what root freezes to, and thaws that with the kinds of
// a fresh machine. What thaws must freeze, and use must come to an end with it.
func Corrupt(t testing.TB, kinds func() *wire.Kinds, root wire.Object, use func(wire.Object)) {
	t.Helper()
	frozen := freezeGraph(t, kinds(), root)
	deltas := []byte{1, 2, 0x80, 0xff}
	step := 1 + len(frozen)*len(deltas)/maxCorrupt
	for first, delta := range deltas {
		for i := first % step; i < len(frozen); i += step {
			p := bytes.Clone(frozen)
			p[i] += delta
			TryThaw(t, kinds(), p, use)
		}
	}
}

// TryThaw thaws p, whatever it is: an error is fine, but what thaws must freeze and be of use.
func TryThaw(t testing.TB, kinds *wire.Kinds, p []byte, use func(wire.Object)) {
	t.Helper()
	o, err := wire.ThawGraph(p, kinds, noSource)
	if err != nil {
		return
	}
	freezeGraph(t, kinds, o)
	use(o)
}

// Frozen returns the encoding of root, for the corpus of a fuzz test.
func Frozen(t testing.TB, kinds *wire.Kinds, root wire.Object) []byte {
	t.Helper()
	return freezeGraph(t, kinds, root)
}
