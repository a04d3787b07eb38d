package host

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// FreshSeed returns a seed that no other run has.
func FreshSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// FreshEpoch returns the time now, in ns since 1970, to the microsecond so that
// it is short to type.
func FreshEpoch() int64 { return time.Now().UnixMicro() * 1000 }
