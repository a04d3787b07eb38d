package kernel

import (
	"bytes"
	"encoding/binary"

	"emurun/abi"
	"emurun/emu/mem"
)

// Mem returns the memory the thread sees.
func (t *Thread) Mem() *mem.Space { return t.Proc.Mem }

// Read fills p from addr, or returns abi.EFAULT.
func (t *Thread) Read(p []byte, addr uint64) error {
	_, err := t.Proc.Mem.ReadAt(p, addr)
	return err
}

// Write copies p to addr, or returns abi.EFAULT.
func (t *Thread) Write(p []byte, addr uint64) error {
	_, err := t.Proc.Mem.WriteAt(p, addr)
	return err
}

// ReadU32 reads a 32-bit number at addr.
func (t *Thread) ReadU32(addr uint64) (uint32, error) {
	var b [4]byte
	err := t.Read(b[:], addr)
	return binary.LittleEndian.Uint32(b[:]), err
}

// ReadU64 reads a 64-bit number at addr.
func (t *Thread) ReadU64(addr uint64) (uint64, error) {
	var b [8]byte
	err := t.Read(b[:], addr)
	return binary.LittleEndian.Uint64(b[:]), err
}

// WriteU32 writes a 32-bit number to addr.
func (t *Thread) WriteU32(addr uint64, v uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	return t.Write(b[:], addr)
}

// WriteU64 writes a 64-bit number to addr.
func (t *Thread) WriteU64(addr uint64, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	return t.Write(b[:], addr)
}

// ReadString reads the string at addr up to its NUL. Without a NUL in the first
// limit bytes it is abi.ENAMETOOLONG.
func (t *Thread) ReadString(addr uint64, limit int) (string, error) {
	var out []byte
	var b [256]byte
	for len(out) < limit {
		// Up to the end of the page only: the next one may not be there.
		n := min(uint64(len(b)), uint64(limit-len(out)), mem.PageSize-addr&mem.PageMask)
		if err := t.Read(b[:n], addr); err != nil {
			return "", abi.EFAULT
		}
		if i := bytes.IndexByte(b[:n], 0); i >= 0 {
			return string(append(out, b[:i]...)), nil
		}
		out = append(out, b[:n]...)
		addr += n
	}
	return "", abi.ENAMETOOLONG
}
