package syscalls

import "encoding/binary"

// putU64 writes 64-bit numbers to b, one after the other.
func putU64(b []byte, vs ...uint64) {
	for i, v := range vs {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
}

// putU32 writes 32-bit numbers to b, one after the other.
func putU32(b []byte, vs ...uint32) {
	for i, v := range vs {
		binary.LittleEndian.PutUint32(b[4*i:], v)
	}
}
