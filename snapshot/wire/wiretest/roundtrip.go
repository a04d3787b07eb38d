package wiretest

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire"
)

// State is what freezes and thaws.
type State interface {
	wire.Freezer
	wire.Thawer
}

// RoundTrip fills every field of want, exported or not, with a distinct value that is
// not zero, freezes want, thaws got from that, and reports the fields that differ. Both
// are pointers to structs of the same type. It also tests that the bytes are the same
// each time, that Thaw takes all of them, and that it refuses each part of them.
func RoundTrip(t testing.TB, got, want State, options ...Option) {
	t.Helper()
	f := newFiller(options)
	if err := f.fill(want); err != nil {
		t.Fatalf("%T: %v", want, err)
	}
	frozen := freeze(t, want)
	if again := freeze(t, want); !bytes.Equal(frozen, again) {
		t.Errorf("%T froze to other bytes the second time", want)
	}
	if err := wire.Unmarshal(frozen, got); err != nil {
		t.Fatalf("thaw %T: %v", got, err)
	}
	if diff := cmp.Diff(want, got, f.compare()); diff != "" {
		t.Fatalf("%T thawed differently (-want +got):\n%s", got, diff)
	}
	if again := freeze(t, got); !bytes.Equal(frozen, again) {
		t.Errorf("%T froze to other bytes after thawing", got)
	}
	refusesParts(t, got, frozen)
}

func freeze(t testing.TB, s State) []byte {
	t.Helper()
	p, err := wire.Marshal(s)
	if err != nil {
		t.Fatalf("freeze %T: %v", s, err)
	}
	return p
}

// maxParts bounds how many cut-off encodings are tried.
const maxParts = 512

// refusesParts tests that s does not thaw from frozen cut short.
func refusesParts(t testing.TB, s State, frozen []byte) {
	t.Helper()
	for n := 0; n < len(frozen); n += 1 + len(frozen)/maxParts {
		fresh := reflect.New(reflect.TypeOf(s).Elem()).Interface().(State)
		if err := wire.Unmarshal(frozen[:n], fresh); !errors.Is(err, wire.ErrCorrupt) {
			t.Errorf("%T thaws from %d of %d bytes: error %v", s, n, len(frozen), err)
			return
		}
	}
}

// RoundTripGraph is RoundTrip for an object that refers to others: want and all that is
// filled into it freeze as a graph with these kinds. want must be an object of a kind
// whose maker returns a new one. Contents are stored nowhere: their sources are nil.
func RoundTripGraph(t testing.TB, kinds *wire.Kinds, want State, options ...Option) {
	t.Helper()
	f := newFiller(options)
	if err := f.fill(want); err != nil {
		t.Fatalf("%T: %v", want, err)
	}
	frozen := freezeGraph(t, kinds, want)
	if again := freezeGraph(t, kinds, want); !bytes.Equal(frozen, again) {
		t.Errorf("%T froze to other bytes the second time", want)
	}
	got, err := wire.ThawGraph(frozen, kinds, noSource)
	if err != nil {
		t.Fatalf("thaw %T: %v", want, err)
	}
	if diff := cmp.Diff(want, got, f.compare()); diff != "" {
		t.Fatalf("%T thawed differently (-want +got):\n%s", got, diff)
	}
	if again := freezeGraph(t, kinds, got); !bytes.Equal(frozen, again) {
		t.Errorf("%T froze to other bytes after thawing", got)
	}
	for n := 0; n < len(frozen); n += 1 + len(frozen)/maxParts {
		if _, err := wire.ThawGraph(frozen[:n], kinds, noSource); err == nil {
			t.Errorf("%T thaws from %d of %d bytes", want, n, len(frozen))
			return
		}
	}
}

func noSource(string) (wire.Source, error) { return nil, nil }

func freezeGraph(t testing.TB, kinds *wire.Kinds, root wire.Object) []byte {
	t.Helper()
	g, err := wire.FreezeGraph(kinds, root)
	for _, c := range g.Contents {
		c.Release(false)
	}
	if err != nil {
		t.Fatalf("freeze %T: %v", root, err)
	}
	return g.Encoding
}
