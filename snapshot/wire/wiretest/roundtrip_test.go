package wiretest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"emurun/snapshot/wire"
)

type inner struct{ x, y uint16 }

// outer has a field of each kind that is filled; forget names one that Thaw leaves out.
type outer struct {
	A      uint64
	b      uint8
	Name   string
	In     inner
	Array  [2]inner
	Slice  []uint32
	Ptr    *inner
	Next   *outer
	M      map[uint8]uint8
	Cache  func()
	forget string
}

func (o *outer) Freeze(e *wire.Encoder) {
	e.Uint64(o.A)
	e.Uint8(o.b)
	e.String(o.Name)
	for _, i := range []inner{o.In, o.Array[0], o.Array[1], *o.Ptr} {
		e.Uint16(i.x)
		e.Uint16(i.y)
	}
	e.Count(len(o.Slice))
	for _, v := range o.Slice {
		e.Uint32(v)
	}
	var keys []uint8
	for k := range o.M {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.Count(len(keys))
	for _, k := range keys {
		e.Uint8(k)
		e.Uint8(o.M[k])
	}
}

func (o *outer) Thaw(d *wire.Decoder) {
	o.A = d.Uint64()
	if o.forget == "A" {
		o.A = 0
	}
	o.b = d.Uint8()
	o.Name = d.String(100)
	o.Ptr = new(inner)
	for _, i := range []*inner{&o.In, &o.Array[0], &o.Array[1], o.Ptr} {
		i.x, i.y = d.Uint16(), d.Uint16()
	}
	if o.forget == "Array.y" {
		o.Array[1].y = 0
	}
	for range d.Count(10, 4) {
		o.Slice = append(o.Slice, d.Uint32())
	}
	o.M = map[uint8]uint8{}
	for range d.Count(10, 2) {
		k := d.Uint8()
		o.M[k] = d.Uint8()
	}
}

func TestRoundTrip(t *testing.T) {
	RoundTrip(t, new(outer), new(outer), Skip("Cache", "forget"))
}

// recorder is a test that remembers why it failed.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.text += fmt.Sprintf(format, args...)
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

// failure returns what f reports.
func failure(f func(testing.TB)) (text string) {
	r := &recorder{}
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
		text = r.text
	}()
	f(r)
	return
}

func TestForgottenField(t *testing.T) {
	for forgotten, want := range map[string]string{"A": "A:", "Array.y": "y:"} {
		text := failure(func(t testing.TB) {
			RoundTrip(t, &outer{forget: forgotten}, new(outer), Skip("Cache", "forget"))
		})
		text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\u00a0", " ")), " ")
		if !strings.Contains(text, "- "+want) || !strings.Contains(text, "+ "+want) {
			t.Errorf("forgetting %s reports %q", forgotten, text)
		}
	}
}

func TestCannotFill(t *testing.T) {
	text := failure(func(t testing.TB) { RoundTrip(t, new(outer), new(outer), Skip("forget")) })
	if !strings.Contains(text, "Cache is a func") {
		t.Errorf("got %q", text)
	}
}

func TestAdjust(t *testing.T) {
	RoundTrip(t, new(outer), new(outer), Skip("Cache", "forget"), Adjust(func(o *outer) { o.A = 7 }))
}
