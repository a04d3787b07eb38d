package wire

import (
	"errors"
	"fmt"
)

// ErrCorrupt is what a Decoder's errors wrap: the bytes are not what Freeze writes.
var ErrCorrupt = errors.New("corrupt")

// Corrupt returns an error that wraps ErrCorrupt, for Link.
func Corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// ErrTooLong is what an Encoder's errors wrap: a string or list does not fit its length.
var ErrTooLong = errors.New("too long to encode")

// MaxLen bounds the length of one byte string or list.
const MaxLen = 1 << 30

// Freezer is state that can be written as bytes.
type Freezer interface{ Freeze(*Encoder) }

// Thawer is state that can be read back. The error stays in the Decoder.
type Thawer interface{ Thaw(*Decoder) }

// Marshal returns the encoding of f.
func Marshal(f Freezer) ([]byte, error) {
	var e Encoder
	f.Freeze(&e)
	return e.Encoding(), e.Err()
}

// Unmarshal thaws all of p into t.
func Unmarshal(p []byte, t Thawer) error {
	d := NewDecoder(p)
	t.Thaw(d)
	return d.End()
}
