package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// HashSize is the number of bytes of a Hash.
const HashSize = sha256.Size

// Hash is a SHA-256 hash, the name of a chunk. The zero Hash names nothing: a page of
// zeroes, an empty table, no parent.
type Hash [HashSize]byte

// Sum returns the hash of p.
func Sum(p []byte) Hash { return sha256.Sum256(p) }

// String returns h in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h names nothing.
func (h Hash) IsZero() bool { return h == Hash{} }

// ParseHash reads what String writes.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if p, err := hex.DecodeString(s); err != nil || len(p) != HashSize || hex.EncodeToString(p) != s {
		return Hash{}, fmt.Errorf("%q is no hash of %d hexadecimal digits: %w", s, 2*HashSize, ErrCorrupt)
	} else {
		copy(h[:], p)
	}
	return h, nil
}

// MarshalText returns h as String does; the zero Hash is empty.
func (h Hash) MarshalText() ([]byte, error) {
	if h.IsZero() {
		return nil, nil
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(p []byte) (err error) {
	*h = Hash{}
	if len(p) > 0 {
		*h, err = ParseHash(string(p))
	}
	return err
}
