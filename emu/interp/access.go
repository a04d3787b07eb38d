package interp

import (
	"math/bits"
	"unsafe"

	"emurun/emu/mem"
	"emurun/emu/x86"
)

// sizeOf is the size of T in bytes, bitsOf in bits.
func sizeOf[T word]() uint64 { var z T; return uint64(unsafe.Sizeof(z)) }

func bitsOf[T word]() uint8 { var z T; return uint8(unsafe.Sizeof(z) * 8) }

// countMask masks a shift count (SDM Vol. 2B, SAL/SAR/SHL/SHR).
func countMask[T word]() uint8 {
	var z T
	if unsafe.Sizeof(z) == 8 {
		return 63
	}
	return 31
}

// reg returns register n; for bytes, bit 5 of n selects the high byte.
func reg[T word](c *CPU, n uint8) T {
	if unsafe.Sizeof(T(0)) == 1 {
		return T(c.R[n&31] >> (n >> 5 << 3))
	}
	return T(c.R[n&31])
}

// setReg writes register n. A 32-bit write zeroes the upper half (SDM Vol. 1,
// 3.4.1.1); narrower ones keep the rest.
func setReg[T word](c *CPU, n uint8, v T) {
	r := &c.R[n&31]
	switch unsafe.Sizeof(v) {
	case 1:
		shift := n >> 5 << 3 & 63
		*r = *r&^(0xff<<shift) | uint64(v)<<shift
	case 2:
		*r = *r&^0xffff | uint64(v)
	default:
		*r = uint64(v)
	}
}

// ea is the address of op's memory operand.
func ea(c *CPU, op *Op) uint64 {
	return c.R[op.base&31] + c.R[op.index&31]<<(op.scale&3) + op.disp
}

// le converts between the guest's byte order and the host's.
func le[T word](v T) T {
	if !bigEndian {
		return v
	}
	switch unsafe.Sizeof(v) {
	case 2:
		return T(bits.ReverseBytes16(uint16(v)))
	case 4:
		return T(bits.ReverseBytes32(uint32(v)))
	case 8:
		return T(bits.ReverseBytes64(uint64(v)))
	}
	return v
}

// load reads a word at a, or records the exception.
func load[T word](c *CPU, a uint64) (T, bool) {
	e := &c.Mem.TLB.Read[a>>mem.PageShift&(mem.TLBSize-1)]
	if e.Tag == (a+uint64(unsafe.Sizeof(T(0)))-1)&^mem.PageMask {
		return le(*(*T)(unsafe.Add(e.Page, a&mem.PageMask))), true
	}
	p := c.Mem.ReadSlow(a, int(unsafe.Sizeof(T(0))), &c.Bounce, &c.Exc)
	if p == nil {
		return 0, false
	}
	return le(*(*T)(p)), true
}

// store writes v at a, or records the exception.
func store[T word](c *CPU, a uint64, v T) bool {
	p, ok := modify[T](c, a)
	if ok {
		*p = le(v)
		flush(c, a, p)
	}
	return ok
}

// modify returns the writable word at a, in guest byte order; after writing it
// the caller calls flush. Once modify answered, the write cannot fail.
func modify[T word](c *CPU, a uint64) (*T, bool) {
	e := &c.Mem.TLB.Write[a>>mem.PageShift&(mem.TLBSize-1)]
	if e.Tag == (a+uint64(unsafe.Sizeof(T(0)))-1)&^mem.PageMask {
		return (*T)(unsafe.Add(e.Page, a&mem.PageMask)), true
	}
	p := c.Mem.WriteSlow(a, int(unsafe.Sizeof(T(0))), &c.Bounce, &c.Exc)
	return (*T)(p), p != nil
}

// flush writes back a word that modify returned and that crosses a page.
func flush[T any](c *CPU, a uint64, p *T) {
	if unsafe.Pointer(p) == unsafe.Pointer(&c.Bounce) {
		c.Mem.Flush(a, int(unsafe.Sizeof(*p)), &c.Bounce)
	}
}

// loadXMM reads 16 bytes at a.
func loadXMM(c *CPU, a uint64) (XMM, bool) {
	e := &c.Mem.TLB.Read[a>>mem.PageShift&(mem.TLBSize-1)]
	p := e.Page
	if e.Tag == (a+15)&^mem.PageMask {
		p = unsafe.Add(p, a&mem.PageMask)
	} else if p = c.Mem.ReadSlow(a, 16, &c.Bounce, &c.Exc); p == nil {
		return XMM{}, false
	}
	q := (*[2]uint64)(p)
	return XMM{Lo: le(q[0]), Hi: le(q[1])}, true
}

// modifyXMM is modify for 16 bytes.
func modifyXMM(c *CPU, a uint64) (*[2]uint64, bool) {
	e := &c.Mem.TLB.Write[a>>mem.PageShift&(mem.TLBSize-1)]
	if e.Tag == (a+15)&^mem.PageMask {
		return (*[2]uint64)(unsafe.Add(e.Page, a&mem.PageMask)), true
	}
	p := c.Mem.WriteSlow(a, 16, &c.Bounce, &c.Exc)
	return (*[2]uint64)(p), p != nil
}

// storeXMM writes 16 bytes at a.
func storeXMM(c *CPU, a uint64, v XMM) bool {
	p, ok := modifyXMM(c, a)
	if ok {
		p[0], p[1] = le(v.Lo), le(v.Hi)
		flush(c, a, p)
	}
	return ok
}

// aligned16 checks the operand of an SSE instruction that requires alignment.
func aligned16(c *CPU, a uint64) bool {
	return a&15 == 0 || fault(c, x86.VecGP, 0)
}

// loadF80 reads an 80-bit real at a.
func loadF80(c *CPU, a uint64) (x86.F80, bool) {
	var b [10]byte
	ok := readBytes(c, a, b[:])
	mant := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	return x86.F80{Mant: mant, SE: uint16(b[8]) | uint16(b[9])<<8}, ok
}

// storeF80 writes an 80-bit real at a.
func storeF80(c *CPU, a uint64, v x86.F80) bool {
	var b [10]byte
	for i := range 8 {
		b[i] = byte(v.Mant >> (8 * i))
	}
	b[8], b[9] = byte(v.SE), byte(v.SE>>8)
	return writeBytes(c, a, b[:])
}

// chunk is how many bytes one slow-path access can take.
const chunk = 64

// readBytes reads len(p) bytes at a; on a fault p is partly filled.
func readBytes(c *CPU, a uint64, p []byte) bool {
	for len(p) > 0 {
		n := min(len(p), chunk)
		q := c.Mem.ReadSlow(a, n, &c.Bounce, &c.Exc)
		if q == nil {
			return false
		}
		copy(p[:n], unsafe.Slice((*byte)(q), n))
		p, a = p[n:], a+uint64(n)
	}
	return true
}

// writeBytes writes p at a. All of it is probed before the first byte is written,
// so that a fault leaves memory unchanged.
func writeBytes(c *CPU, a uint64, p []byte) bool {
	for i := 0; i < len(p); i += chunk {
		n := min(len(p)-i, chunk)
		if c.Mem.WriteSlow(a+uint64(i), n, &c.Bounce, &c.Exc) == nil {
			return false
		}
	}
	for i := 0; i < len(p); i += chunk {
		n := min(len(p)-i, chunk)
		q := c.Mem.WriteSlow(a+uint64(i), n, &c.Bounce, &c.Exc)
		copy(unsafe.Slice((*byte)(q), n), p[i:i+n])
		if q == unsafe.Pointer(&c.Bounce) {
			c.Mem.Flush(a+uint64(i), n, &c.Bounce)
		}
	}
	return true
}

// The stores of the switch that miss the TLB.

func storeSlow1(c *CPU, a uint64, v uint8) bool  { return storeSlow(c, a, v) }
func storeSlow4(c *CPU, a uint64, v uint32) bool { return storeSlow(c, a, v) }
func storeSlow8(c *CPU, a uint64, v uint64) bool { return storeSlow(c, a, v) }

//go:noinline
func storeSlow[T word](c *CPU, a uint64, v T) bool { return store(c, a, v) }

// probe proves that n bytes at a can be written, without writing.
func probe(c *CPU, a uint64, n int) bool {
	return c.Mem.WriteSlow(a, n, &c.Bounce, &c.Exc) != nil
}
