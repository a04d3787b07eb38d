package interp

// Packed integers are handled eight bytes at a time within a uint64. A
// function takes h, the constant with the top bit of every lane set, and where
// it needs it w, the lane's width in bits.
const (
	topB = 0x8080808080808080
	topW = 0x8000800080008000
	topD = 0x8000000080000000

	lowB = topB >> 7 // 1 in every lane
	lowW = topW >> 15
	lowD = topD >> 31
)

// spread turns the top bits of lanes into masks of whole lanes.
func spread(top uint64, w uint) uint64 { return top - top>>(w-1) | top }

// addLanes adds without carries between lanes.
func addLanes(x, y, h uint64) uint64 { return (x&^h + y&^h) ^ (x^y)&h }

// subLanes subtracts without borrows between lanes.
func subLanes(x, y, h uint64) uint64 { return (x | h - y&^h) ^ ^(x^y)&h }

// zeroLanes has the top bit set of the lanes of x that are 0.
func zeroLanes(x, h uint64) uint64 { return ^((x&^h + ^h) | x) & h }

// borrows has the top bit set of the lanes where x < y, unsigned.
func borrows(x, y, h uint64) uint64 {
	return (^x&y | ^(x^y)&subLanes(x, y, h)) & h
}

// addUnsigned adds with unsigned saturation.
func addUnsigned(x, y, h uint64, w uint) uint64 {
	s := addLanes(x, y, h)
	return s | spread((x&y|(x|y)&^s)&h, w)
}

// subUnsigned subtracts with unsigned saturation.
func subUnsigned(x, y, h uint64, w uint) uint64 {
	return subLanes(x, y, h) &^ spread(borrows(x, y, h), w)
}

// limits has in every lane the largest value, or the smallest where x is negative.
func limits(x, h uint64, w uint) uint64 { return ^h + x&h>>(w-1) }

// addSigned adds with signed saturation.
func addSigned(x, y, h uint64, w uint) uint64 {
	s := addLanes(x, y, h)
	m := spread(^(x^y)&(x^s)&h, w)
	return s&^m | limits(x, h, w)&m
}

// subSigned subtracts with signed saturation.
func subSigned(x, y, h uint64, w uint) uint64 {
	d := subLanes(x, y, h)
	m := spread((x^y)&(x^d)&h, w)
	return d&^m | limits(x, h, w)&m
}

// equal, greater are masks of the lanes where x == y, and x > y, signed.
func equal(x, y, h uint64, w uint) uint64   { return spread(zeroLanes(x^y, h), w) }
func greater(x, y, h uint64, w uint) uint64 { return spread(borrows(y^h, x^h, h), w) }

// minUnsigned and its kin select lane by lane.
func minUnsigned(x, y, h uint64, w uint) uint64 {
	m := spread(borrows(x, y, h), w)
	return x&m | y&^m
}

func maxUnsigned(x, y, h uint64, w uint) uint64 {
	m := spread(borrows(x, y, h), w)
	return x&^m | y&m
}

func minSigned(x, y, h uint64, w uint) uint64 {
	m := greater(x, y, h, w)
	return x&^m | y&m
}

func maxSigned(x, y, h uint64, w uint) uint64 {
	m := greater(x, y, h, w)
	return x&m | y&^m
}

// average is (x + y + 1) / 2 without losing the carry.
func average(x, y, h uint64) uint64 { return x | y - (x^y)>>1&^h }

// absolute is the magnitude; the smallest number stays.
func absolute(x, h uint64, w uint) uint64 {
	m := spread(x&h, w)
	return subLanes(x^m, m, h)
}

// withSign negates the lanes of x where y is negative and clears them where it is 0.
func withSign(x, y, h uint64, w uint) uint64 {
	m := spread(y&h, w)
	return subLanes(x^m, m, h) &^ spread(zeroLanes(y, h), w)
}

// leftLanes and rightLanes shift by n < w; arithLanes copies the sign.
func leftLanes(x, n, h uint64, w uint) uint64 {
	ones := h >> (w - 1)
	return x << n & (ones * (1<<w - 1) &^ (ones * (1<<n - 1)))
}

func rightLanes(x, n, h uint64, w uint) uint64 {
	return x >> n & (h >> (w - 1) * (1<<(uint64(w)-n) - 1))
}

func arithLanes(x, n, h uint64, w uint) uint64 {
	keep := h >> (w - 1) * (1<<(uint64(w)-n) - 1)
	return x>>n&keep | spread(x&h, w)&^keep
}

// byteMask gathers the top bits of the eight bytes.
func byteMask(x uint64) uint32 { return uint32(x & topB * 0x0002040810204081 >> 56) }

// widenB spreads the four bytes of v to the low bytes of words, widenW two words
// to doublewords.
func widenB(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	return (x | x<<8) & 0x00ff00ff00ff00ff
}

func widenW(v uint32) uint64 { return uint64(v)&0xffff | uint64(v)>>16<<32 }

// signB, signW and signD extend the sign of widened lanes.
func signB(x uint64) uint64 { return x | (x>>7&lowW)*0xff00 }
func signW(x uint64) uint64 { return x | (x>>15&lowD)*0xffff0000 }

// clamp8, clampU8, clamp16 and clampU16 saturate, for the packs.
func clamp8(v int16) uint64   { return uint64(uint8(min(max(v, -128), 127))) }
func clampU8(v int16) uint64  { return uint64(min(max(v, 0), 255)) }
func clamp16(v int32) uint64  { return uint64(uint16(min(max(v, -32768), 32767))) }
func clampU16(v int32) uint64 { return uint64(min(max(v, 0), 65535)) }

// packW saturates the four words of x to signed bytes, in the low half.
func packW(x uint64) uint64 {
	return clamp8(int16(x)) | clamp8(int16(x>>16))<<8 | clamp8(int16(x>>32))<<16 | clamp8(int16(x>>48))<<24
}

// packWU saturates the four signed words of x to unsigned bytes.
func packWU(x uint64) uint64 {
	return clampU8(int16(x)) | clampU8(int16(x>>16))<<8 | clampU8(int16(x>>32))<<16 | clampU8(int16(x>>48))<<24
}

// packD saturates the two doublewords of x to signed words.
func packD(x uint64) uint64 { return clamp16(int32(x)) | clamp16(int32(x>>32))<<16 }

// packDU saturates the two signed doublewords of x to unsigned words.
func packDU(x uint64) uint64 { return clampU16(int32(x)) | clampU16(int32(x>>32))<<16 }

// words returns the four words of x, lanes joins them again.
func words(x uint64) (a, b, c, d uint16) {
	return uint16(x), uint16(x >> 16), uint16(x >> 32), uint16(x >> 48)
}

func lanes(a, b, c, d uint16) uint64 {
	return uint64(a) | uint64(b)<<16 | uint64(c)<<32 | uint64(d)<<48
}

// pair joins two doublewords.
func pair(lo, hi uint32) uint64 { return uint64(lo) | uint64(hi)<<32 }

// bytesOf and xmmOf convert a register to its bytes in lane order and back.
func bytesOf(x XMM) (b [16]byte) {
	for i := range 8 {
		b[i], b[i+8] = byte(x.Lo>>(8*i)), byte(x.Hi>>(8*i))
	}
	return b
}

func xmmOf(b *[16]byte) (x XMM) {
	for i := range 8 {
		x.Lo |= uint64(b[i]) << (8 * i)
		x.Hi |= uint64(b[i+8]) << (8 * i)
	}
	return x
}
