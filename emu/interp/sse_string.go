package interp

import (
	"math/bits"

	"emurun/emu/x86"
)

// Fields of the immediate of PCMPxSTRx (SDM Vol. 2B, 4.1).
const (
	strWords    = 1 << 0 // elements are words, not bytes
	strSigned   = 1 << 1
	strModeMask = 3 << 2
	strAny      = 0 << 2
	strRanges   = 1 << 2
	strEach     = 2 << 2
	strOrdered  = 3 << 2
	strNegate   = 1 << 4
	strMasked   = 1 << 5 // negate valid elements only
	strHigh     = 1 << 6 // highest index; or a mask of whole elements
)

// element is element i of b in the format imm says.
func element(b *[16]byte, i int, imm uint8) int32 {
	switch imm & (strWords | strSigned) {
	case 0:
		return int32(b[i])
	case strSigned:
		return int32(int8(b[i]))
	}
	v := uint16(b[2*i]) | uint16(b[2*i+1])<<8
	if imm&strSigned != 0 {
		return int32(int16(v))
	}
	return int32(v)
}

// elements is how many elements a register has.
func elements(imm uint8) int { return 16 >> (imm & strWords) }

// implicitLen is the index of the first zero element.
func implicitLen(x XMM, imm uint8) int {
	b, n := bytesOf(x), elements(imm)
	for i := range n {
		if element(&b, i, imm) == 0 {
			return i
		}
	}
	return n
}

// explicitLen is the magnitude of a length register, saturated.
func explicitLen(v int64, imm uint8) int {
	if v < 0 {
		v = -v
	}
	n := elements(imm)
	if uint64(v) > uint64(n) {
		return n
	}
	return int(v)
}

// strMatch reports whether element j of y, the string, matches x, of which lx and
// ly elements are valid. It is IntRes1 of the SDM.
func strMatch(x, y *[16]byte, lx, ly, j int, imm uint8) bool {
	switch imm & strModeMask {
	case strAny:
		for i := 0; i < lx && j < ly; i++ {
			if element(x, i, imm) == element(y, j, imm) {
				return true
			}
		}
		return false
	case strRanges:
		for i := 0; i+1 < lx && j < ly; i += 2 {
			if v := element(y, j, imm); element(x, i, imm) <= v && v <= element(x, i+1, imm) {
				return true
			}
		}
		return false
	case strEach:
		if j >= lx || j >= ly {
			return j >= lx && j >= ly
		}
		return element(x, j, imm) == element(y, j, imm)
	}
	for i := 0; i < lx && i+j < elements(imm); i++ {
		if i+j >= ly || element(x, i, imm) != element(y, i+j, imm) {
			return false
		}
	}
	return true
}

// strCompare compares and sets the flags: CF if the result is not 0, ZF if y is
// shorter than a register, SF if x is, OF to bit 0 of the result; AF and PF are
// cleared. It returns IntRes2 of the SDM.
func strCompare(c *CPU, x, y XMM, lx, ly int, imm uint8) uint32 {
	a, b, n := bytesOf(x), bytesOf(y), elements(imm)
	var r uint32
	for j := range n {
		match := strMatch(&a, &b, lx, ly, j, imm)
		if imm&strNegate != 0 && (imm&strMasked == 0 || j < ly) {
			match = !match
		}
		r |= uint32(b2u(match)) << j
	}
	flagsSet(c, bit(r != 0, x86.CF)|bit(ly < n, x86.ZF)|bit(lx < n, x86.SF)|bit(r&1 != 0, x86.OF))
	return r
}

// strIndex puts the index of the lowest or highest match into ECX.
func strIndex(c *CPU, r uint32, imm uint8) {
	i := elements(imm)
	if r != 0 {
		i = bits.TrailingZeros32(r)
		if imm&strHigh != 0 {
			i = 31 - bits.LeadingZeros32(r)
		}
	}
	c.R[x86.RCX] = uint64(i)
}

// strMask are the matches as bits or as whole elements.
func strMask(r uint32, imm uint8) XMM {
	if imm&strHigh == 0 {
		return XMM{Lo: uint64(r)}
	}
	var b [16]byte
	for i := range b {
		b[i] = -byte(r >> (i >> (imm & strWords)) & 1)
	}
	return xmmOf(&b)
}

// pcmpistri implements PCMPISTRI: strings that end in a zero, result in ECX.
func pcmpistri(c *CPU, x, y XMM, imm uint8) {
	strIndex(c, strCompare(c, x, y, implicitLen(x, imm), implicitLen(y, imm), imm), imm)
}

// pcmpistrm implements PCMPISTRM: strings that end in a zero, result in XMM0.
func pcmpistrm(c *CPU, x, y XMM, imm uint8) {
	c.X[0] = strMask(strCompare(c, x, y, implicitLen(x, imm), implicitLen(y, imm), imm), imm)
}

// pcmpestri implements PCMPESTRI: lengths in EAX and EDX, result in ECX.
func pcmpestri(c *CPU, x, y XMM, imm uint8) {
	lx, ly := explicitLen(int64(int32(c.R[x86.RAX])), imm), explicitLen(int64(int32(c.R[x86.RDX])), imm)
	strIndex(c, strCompare(c, x, y, lx, ly, imm), imm)
}

// pcmpestrm implements PCMPESTRM: lengths in EAX and EDX, result in XMM0.
func pcmpestrm(c *CPU, x, y XMM, imm uint8) {
	lx, ly := explicitLen(int64(int32(c.R[x86.RAX])), imm), explicitLen(int64(int32(c.R[x86.RDX])), imm)
	c.X[0] = strMask(strCompare(c, x, y, lx, ly, imm), imm)
}

// pcmpestri64 implements PCMPESTRI with lengths in RAX and RDX (REX.W).
func pcmpestri64(c *CPU, x, y XMM, imm uint8) {
	lx, ly := explicitLen(int64(c.R[x86.RAX]), imm), explicitLen(int64(c.R[x86.RDX]), imm)
	strIndex(c, strCompare(c, x, y, lx, ly, imm), imm)
}

// pcmpestrm64 implements PCMPESTRM with lengths in RAX and RDX (REX.W).
func pcmpestrm64(c *CPU, x, y XMM, imm uint8) {
	lx, ly := explicitLen(int64(c.R[x86.RAX]), imm), explicitLen(int64(c.R[x86.RDX]), imm)
	c.X[0] = strMask(strCompare(c, x, y, lx, ly, imm), imm)
}
