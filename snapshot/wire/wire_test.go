package wire_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire"
)

// sample has one field of each kind.
type sample struct {
	A bool
	B uint8
	C uint16
	D uint32
	E uint64
	F int32
	G int64
	H []byte
	I string
	J [4]byte
	K []uint16
}

func (s *sample) Freeze(e *wire.Encoder) {
	e.Bool(s.A)
	e.Uint8(s.B)
	e.Uint16(s.C)
	e.Uint32(s.D)
	e.Uint64(s.E)
	e.Int32(s.F)
	e.Int64(s.G)
	e.Bytes(s.H)
	e.String(s.I)
	e.Fixed(s.J[:])
	e.Count(len(s.K))
	for _, v := range s.K {
		e.Uint16(v)
	}
}

func (s *sample) Thaw(d *wire.Decoder) {
	s.A = d.Bool()
	s.B = d.Uint8()
	s.C = d.Uint16()
	s.D = d.Uint32()
	s.E = d.Uint64()
	s.F = d.Int32()
	s.G = d.Int64()
	s.H = d.Bytes(16)
	s.I = d.String(16)
	d.Fixed(s.J[:])
	s.K = nil
	for i := range d.Count(8, 2) {
		d.EnterElement("k", i)
		s.K = append(s.K, d.Uint16())
		d.Leave()
	}
}

var full = sample{true, 1, 0x203, 0x4050607, 0x8090a0b0c0d0e0f, -2, math.MinInt64, []byte("hi"), "there", [4]byte{1, 2, 3, 4}, []uint16{5, 6}}

// encoding is full, as package wire promises it.
const encoding = "\x01" + "\x01" + "\x03\x02" + "\x07\x06\x05\x04" + "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08" +
	"\xfe\xff\xff\xff" + "\x00\x00\x00\x00\x00\x00\x00\x80" + "\x02\x00\x00\x00hi" + "\x05\x00\x00\x00there" +
	"\x01\x02\x03\x04" + "\x02\x00\x00\x00\x05\x00\x06\x00"

func TestEncoding(t *testing.T) {
	got, err := wire.Marshal(&full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoding, string(got)); diff != "" {
		t.Errorf("encoding (-want +got):\n%s", diff)
	}
	var back sample
	if err := wire.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full, back); diff != "" {
		t.Errorf("thawed (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name string
		in   string
		read func(d *wire.Decoder)
		want string
	}{
		{"cut short", "\x01\x02\x03", func(d *wire.Decoder) { d.Uint8(); d.Uint64() }, "offset 0x1: corrupt: cut short: 8 bytes wanted, 2 left"},
		{"bool", "\x02", func(d *wire.Decoder) { d.Bool() }, "offset 0x1: corrupt: bool is 0x2"},
		{"limit", "\x05\x00\x00\x00hello", func(d *wire.Decoder) { d.String(4) }, "offset 0x4: corrupt: 5 elements or bytes, at most 4 are allowed"},
		{"count", "\xff\xff\xff\x0f", func(d *wire.Decoder) { d.Count(1<<30, 8) }, "offset 0x4: corrupt: cut short: 268435455 elements of at least 8 bytes, 0 bytes left"},
		{"left over", "\x01\x02", func(d *wire.Decoder) { d.Uint8() }, "offset 0x1: corrupt: 1 bytes left over"},
		{"place", "", func(d *wire.Decoder) {
			d.EnterElement("threads", 3)
			d.Enter("regs")
			d.Uint8()
			d.Leave()
			d.Leave()
		}, "threads[3].regs: offset 0x0: corrupt: cut short: 1 bytes wanted, 0 left"},
		{"first error stays", "", func(d *wire.Decoder) { d.Fail("a"); d.Fail("b") }, "offset 0x0: corrupt: a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := wire.NewDecoder([]byte(tt.in))
			tt.read(d)
			err := d.End()
			if !errors.Is(err, wire.ErrCorrupt) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestTooLong(t *testing.T) {
	var e wire.Encoder
	e.Count(wire.MaxLen + 1)
	if !errors.Is(e.Err(), wire.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", e.Err())
	}
}

// FuzzDecoder: whatever thaws freezes to the same bytes; nothing panics.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(encoding))
	for i := range len(encoding) {
		f.Add([]byte(encoding[:i]))
	}
	f.Add([]byte("\x02"))
	f.Fuzz(func(t *testing.T, p []byte) {
		var s sample
		if err := wire.Unmarshal(p, &s); err != nil {
			if !errors.Is(err, wire.ErrCorrupt) {
				t.Errorf("error %v is not ErrCorrupt", err)
			}
			return
		}
		if got, _ := wire.Marshal(&s); string(got) != string(p) {
			t.Errorf("%x thaws, and freezes as %x", p, got)
		}
	})
}
