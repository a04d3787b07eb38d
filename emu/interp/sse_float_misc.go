package interp

import "emurun/emu/internal/fp"

// Horizontal arithmetic, dot products, rounding and estimates: SSE3, SSE4.1, SSE.

// addsubpd implements ADDSUBPD: the low lanes subtracted, the high ones added.
func addsubpd(c *CPU, x, y XMM) (XMM, bool) { return packed64Of(c, fp.Sub64, fp.Add64, x, y) }

// addsubps implements ADDSUBPS: even lanes subtracted, odd ones added.
func addsubps(c *CPU, x, y XMM) (XMM, bool) {
	return packed32Of(c, [4]binary32{fp.Sub32, fp.Add32, fp.Sub32, fp.Add32}, singles(x), singles(y))
}

// haddpd implements HADDPD, the sums of the lanes of x and of those of y.
func haddpd(c *CPU, x, y XMM) (XMM, bool) { return horizontal64(c, fp.Add64, x, y) }

// hsubpd implements HSUBPD, low minus high lane of x and of y.
func hsubpd(c *CPU, x, y XMM) (XMM, bool) { return horizontal64(c, fp.Sub64, x, y) }

// haddps implements HADDPS, the sums of neighbouring lanes of x, then of y.
func haddps(c *CPU, x, y XMM) (XMM, bool) { return horizontal32(c, fp.Add32, x, y) }

// hsubps implements HSUBPS, the differences of neighbouring lanes of x, then of y.
func hsubps(c *CPU, x, y XMM) (XMM, bool) { return horizontal32(c, fp.Sub32, x, y) }

func horizontal64(c *CPU, f binary64, x, y XMM) (XMM, bool) {
	return packed64(c, f, XMM{Lo: x.Lo, Hi: y.Lo}, XMM{Lo: x.Hi, Hi: y.Hi})
}

func horizontal32(c *CPU, f binary32, x, y XMM) (XMM, bool) {
	a, b := singles(x), singles(y)
	return packed32Of(c, [4]binary32{f, f, f, f}, [4]uint32{a[0], a[2], b[0], b[2]}, [4]uint32{a[1], a[3], b[1], b[3]})
}

// dppd implements DPPD, the dot product of the lanes that the upper half of imm
// selects, into those that the lower half selects. The products are one stage of
// exceptions, the sum another.
func dppd(c *CPU, x, y XMM, imm uint8) (XMM, bool) {
	p := [2]uint64{}
	flags := uint32(0)
	for i, v := range [2][2]uint64{{x.Lo, y.Lo}, {x.Hi, y.Hi}} {
		if imm>>(4+i)&1 != 0 {
			r, f := fp.Mul64(v[0], v[1], c.MXCSR)
			p[i] = r
			flags |= f
		}
	}
	if !raise(c, flags) {
		return XMM{}, false
	}
	sum, flags := fp.Add64(p[0], p[1], c.MXCSR)
	if !raise(c, flags) {
		return XMM{}, false
	}
	return XMM{Lo: sum & -uint64(imm&1), Hi: sum & -uint64(imm>>1&1)}, true
}

// dpps implements DPPS, DPPD for four lanes, which are added in pairs.
func dpps(c *CPU, x, y XMM, imm uint8) (XMM, bool) {
	a, b := singles(x), singles(y)
	var p [4]uint32
	flags := uint32(0)
	for i := range p {
		if imm>>(4+i)&1 != 0 {
			r, f := fp.Mul32(a[i], b[i], c.MXCSR)
			p[i] = r
			flags |= f
		}
	}
	if !raise(c, flags) {
		return XMM{}, false
	}
	s0, f0 := fp.Add32(p[0], p[1], c.MXCSR)
	s1, f1 := fp.Add32(p[2], p[3], c.MXCSR)
	if !raise(c, f0|f1) {
		return XMM{}, false
	}
	sum, flags := fp.Add32(s0, s1, c.MXCSR)
	if !raise(c, flags) {
		return XMM{}, false
	}
	for i := range p {
		p[i] = sum & -uint32(imm>>i&1)
	}
	return fromSingles(p), true
}

// roundsd implements ROUNDSD, rounding to an integral value as imm says.
func roundsd(c *CPU, x uint64, imm uint8) (uint64, bool) {
	r, flags := fp.Round64(x, imm, c.MXCSR)
	return r, raise(c, flags)
}

// roundss implements ROUNDSS.
func roundss(c *CPU, x uint32, imm uint8) (uint32, bool) {
	r, flags := fp.Round32(x, imm, c.MXCSR)
	return r, raise(c, flags)
}

// roundpd implements ROUNDPD.
func roundpd(c *CPU, x XMM, imm uint8) (XMM, bool) {
	return map64(c, func(x uint64, mxcsr uint32) (uint64, uint32) { return fp.Round64(x, imm, mxcsr) }, x)
}

// roundps implements ROUNDPS.
func roundps(c *CPU, x XMM, imm uint8) (XMM, bool) {
	return map32(c, func(x, mxcsr uint32) (uint32, uint32) { return fp.Round32(x, imm, mxcsr) }, x)
}

// rcpss implements RCPSS, an approximation of 1/x without exceptions.
func rcpss(x uint32) uint32 { return fp.Rcp32(x) }

// rsqrtss implements RSQRTSS, an approximation of 1/sqrt(x) without exceptions.
func rsqrtss(x uint32) uint32 { return fp.Rsqrt32(x) }

// rcpps implements RCPPS, RCPSS in every lane.
func rcpps(x XMM) XMM { return estimate(fp.Rcp32, x) }

// rsqrtps implements RSQRTPS, RSQRTSS in every lane.
func rsqrtps(x XMM) XMM { return estimate(fp.Rsqrt32, x) }

func estimate(f func(uint32) uint32, x XMM) XMM {
	v := singles(x)
	for i := range v {
		v[i] = f(v[i])
	}
	return fromSingles(v)
}
