package wire

import (
	"encoding/binary"
	"fmt"
)

// Decoder takes values off an encoding in the order in which they were written. After
// the first error every value is zero.
type Decoder struct {
	p     []byte
	off   int
	place []step
	err   error
	graph *graphDecoder // of the body of an object
}

// NewDecoder returns a Decoder of p. Byte strings that it returns are copies.
func NewDecoder(p []byte) *Decoder { return &Decoder{p: p} }

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// Left returns how many bytes have not been read.
func (d *Decoder) Left() int { return len(d.p) - d.off }

// End returns the first error, or one if bytes are left over.
func (d *Decoder) End() error {
	if n := d.Left(); n > 0 {
		d.Fail("%d bytes left over", n)
	}
	return d.err
}

// Fail makes the first error, for a value that its reader finds impossible.
func (d *Decoder) Fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%soffset %#x: %w: %s", d.where(), d.off, ErrCorrupt, fmt.Sprintf(format, args...))
	}
}

// take returns the next n bytes, or nil after an error.
func (d *Decoder) take(n int) []byte {
	if d.err == nil && n > d.Left() {
		d.Fail("cut short: %d bytes wanted, %d left", n, d.Left())
	}
	if d.err != nil {
		return nil
	}
	p := d.p[d.off : d.off+n : d.off+n]
	d.off += n
	return p
}

// Bool reads one byte, which is 0 or 1.
func (d *Decoder) Bool() bool {
	v := d.Uint8()
	if v > 1 {
		d.Fail("bool is %#x", v)
		return false
	}
	return v == 1
}

// Uint8 reads one byte.
func (d *Decoder) Uint8() uint8 {
	if p := d.take(1); p != nil {
		return p[0]
	}
	return 0
}

// Uint16 reads two bytes.
func (d *Decoder) Uint16() uint16 {
	if p := d.take(2); p != nil {
		return binary.LittleEndian.Uint16(p)
	}
	return 0
}

// Uint32 reads four bytes.
func (d *Decoder) Uint32() uint32 {
	if p := d.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

// Uint64 reads eight bytes.
func (d *Decoder) Uint64() uint64 {
	if p := d.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

// Int32 reads four bytes.
func (d *Decoder) Int32() int32 { return int32(d.Uint32()) }

// Int64 reads eight bytes.
func (d *Decoder) Int64() int64 { return int64(d.Uint64()) }

// Count reads the length of a list of at most limit elements, each of which takes at
// least size bytes. A count that what is left cannot hold is an error, so the caller may
// allocate as many elements.
func (d *Decoder) Count(limit, size int) int {
	n := uint64(d.Uint32())
	switch {
	case n > uint64(min(limit, MaxLen)):
		d.Fail("%d elements or bytes, at most %d are allowed", n, limit)
	case n*uint64(size) > uint64(d.Left()):
		d.Fail("cut short: %d elements of at least %d bytes, %d bytes left", n, size, d.Left())
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

// Bytes reads a byte string of at most limit bytes; nil if it is empty.
func (d *Decoder) Bytes(limit int) []byte {
	return append([]byte(nil), d.take(d.Count(limit, 1))...)
}

// String reads a string of at most limit bytes.
func (d *Decoder) String(limit int) string { return string(d.take(d.Count(limit, 1))) }

// Fixed fills p.
func (d *Decoder) Fixed(p []byte) {
	if q := d.take(len(p)); q != nil {
		copy(p, q)
		return
	}
	clear(p)
}
