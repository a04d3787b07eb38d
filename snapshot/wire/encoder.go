package wire

import (
	"encoding/binary"
	"fmt"
)

// Encoder appends encodings. The zero Encoder is ready for use.
type Encoder struct {
	p     []byte
	err   error
	graph *graphEncoder // of the body of an object
}

// NewEncoder returns an Encoder that appends to p.
func NewEncoder(p []byte) *Encoder { return &Encoder{p: p} }

// Encoding returns what has been written.
func (e *Encoder) Encoding() []byte { return e.p }

// Err returns the first error.
func (e *Encoder) Err() error { return e.err }

// fail makes the first error.
func (e *Encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf("offset %#x: "+format, append([]any{len(e.p)}, args...)...)
	}
}

// Bool writes one byte.
func (e *Encoder) Bool(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	e.p = append(e.p, b)
}

// Uint8 writes one byte.
func (e *Encoder) Uint8(v uint8) { e.p = append(e.p, v) }

// Uint16 writes two bytes.
func (e *Encoder) Uint16(v uint16) { e.p = binary.LittleEndian.AppendUint16(e.p, v) }

// Uint32 writes four bytes.
func (e *Encoder) Uint32(v uint32) { e.p = binary.LittleEndian.AppendUint32(e.p, v) }

// Uint64 writes eight bytes.
func (e *Encoder) Uint64(v uint64) { e.p = binary.LittleEndian.AppendUint64(e.p, v) }

// Int32 writes four bytes.
func (e *Encoder) Int32(v int32) { e.Uint32(uint32(v)) }

// Int64 writes eight bytes.
func (e *Encoder) Int64(v int64) { e.Uint64(uint64(v)) }

// Count writes the length of a list whose elements follow.
func (e *Encoder) Count(n int) {
	if n < 0 || n > MaxLen {
		e.fail("%d elements or bytes: %w", n, ErrTooLong)
	}
	e.Uint32(uint32(n))
}

// Bytes writes a length and p.
func (e *Encoder) Bytes(p []byte) {
	e.Count(len(p))
	e.Fixed(p)
}

// String writes a length and s.
func (e *Encoder) String(s string) {
	e.Count(len(s))
	if e.err == nil {
		e.p = append(e.p, s...)
	}
}

// Fixed writes p without a length, for arrays whose size both sides know.
func (e *Encoder) Fixed(p []byte) {
	if e.err == nil {
		e.p = append(e.p, p...)
	}
}
