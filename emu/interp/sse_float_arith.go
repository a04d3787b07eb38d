package interp

import "emurun/emu/internal/fp"

// Arithmetic of SSE, SSE2 and SSE3. Every instruction here reports its exceptions in
// MXCSR and faults with #XM if one is unmasked.

// addsd implements ADDSD, the sum of two doubles.
func addsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Add64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// addss implements ADDSS, the sum of two singles.
func addss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Add32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// addpd implements ADDPD, ADDSD in every lane.
func addpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Add64, x, y) }

// addps implements ADDPS, ADDSS in every lane.
func addps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Add32, x, y) }

// subsd implements SUBSD, the difference of two doubles.
func subsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Sub64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// subss implements SUBSS, the difference of two singles.
func subss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Sub32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// subpd implements SUBPD, SUBSD in every lane.
func subpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Sub64, x, y) }

// subps implements SUBPS, SUBSS in every lane.
func subps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Sub32, x, y) }

// mulsd implements MULSD, the product of two doubles.
func mulsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Mul64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// mulss implements MULSS, the product of two singles.
func mulss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Mul32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// mulpd implements MULPD, MULSD in every lane.
func mulpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Mul64, x, y) }

// mulps implements MULPS, MULSS in every lane.
func mulps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Mul32, x, y) }

// divsd implements DIVSD, the quotient of two doubles.
func divsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Div64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// divss implements DIVSS, the quotient of two singles.
func divss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Div32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// divpd implements DIVPD, DIVSD in every lane.
func divpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Div64, x, y) }

// divps implements DIVPS, DIVSS in every lane.
func divps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Div32, x, y) }

// minsd implements MINSD, the smaller operand, or the second one if equal or unordered of two doubles.
func minsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Min64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// minss implements MINSS, the smaller operand, or the second one if equal or unordered of two singles.
func minss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Min32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// minpd implements MINPD, MINSD in every lane.
func minpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Min64, x, y) }

// minps implements MINPS, MINSS in every lane.
func minps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Min32, x, y) }

// maxsd implements MAXSD, the larger operand, or the second one if equal or unordered of two doubles.
func maxsd(c *CPU, x, y uint64) (uint64, bool) {
	r, flags := fp.Max64(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// maxss implements MAXSS, the larger operand, or the second one if equal or unordered of two singles.
func maxss(c *CPU, x, y uint32) (uint32, bool) {
	r, flags := fp.Max32(x, y, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// maxpd implements MAXPD, MAXSD in every lane.
func maxpd(c *CPU, x, y XMM) (XMM, bool) { return packed64(c, fp.Max64, x, y) }

// maxps implements MAXPS, MAXSS in every lane.
func maxps(c *CPU, x, y XMM) (XMM, bool) { return packed32(c, fp.Max32, x, y) }

// sqrtsd implements SQRTSD, square root.
func sqrtsd(c *CPU, x uint64) (uint64, bool) {
	r, flags := fp.Sqrt64(x, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// sqrtss implements SQRTSS, square root.
func sqrtss(c *CPU, x uint32) (uint32, bool) {
	r, flags := fp.Sqrt32(x, c.MXCSR)
	if flags == 0 || raise(c, flags) {
		return r, true
	}
	return 0, false
}

// sqrtpd implements SQRTPD, square root in both lanes.
func sqrtpd(c *CPU, x XMM) (XMM, bool) { return map64(c, fp.Sqrt64, x) }

// sqrtps implements SQRTPS, square root in every lane.
func sqrtps(c *CPU, x XMM) (XMM, bool) { return map32(c, fp.Sqrt32, x) }
