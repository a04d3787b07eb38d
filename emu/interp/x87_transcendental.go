package interp

import "emurun/emu/internal/fp"

// Transcendental functions of the x87 (SDM Vol. 1, 5.2.4).

// f2xm1 implements F2XM1: ST(0) = 2^ST(0) - 1.
func f2xm1(c *CPU) { unary80(c, fp.Exp2M1) }

// fyl2x implements FYL2X: ST(1) = ST(1) * log2(ST(0)), and a pop.
func fyl2x(c *CPU) { registers80(c, fp.YLog2X, 1, 0, 1, true) }

// fyl2xp1 implements FYL2XP1: ST(1) = ST(1) * log2(ST(0) + 1), and a pop.
func fyl2xp1(c *CPU) { registers80(c, fp.YLog2XP1, 1, 0, 1, true) }

// fpatan implements FPATAN: ST(1) = arctan(ST(1) / ST(0)), and a pop.
func fpatan(c *CPU) { registers80(c, fp.Atan, 1, 0, 1, true) }

// fsin implements FSIN. An operand of 2^63 or more stays as it is and sets C2.
func fsin(c *CPU) { trigonometric(c, fp.Sin) }

// fcos implements FCOS. An operand of 2^63 or more stays as it is and sets C2.
func fcos(c *CPU) { trigonometric(c, fp.Cos) }

func trigonometric(c *CPU, f func(x F80, cw uint16) (F80, uint16)) {
	c.FPU.SW &^= fp.C2
	if empty(c, 0) {
		underflow(c, 0, false)
		return
	}
	r, flags := f(st(c, 0), c.FPU.CW)
	if report(c, flags, fp.C2) {
		setST(c, 0, r)
	}
}

// fptan implements FPTAN: ST(0) becomes its tangent, and 1 is pushed.
func fptan(c *CPU) {
	c.FPU.SW &^= fp.C2
	if !roomForTwo(c) {
		return
	}
	t, flags := fp.Tan(st(c, 0), c.FPU.CW)
	second := fp.Const80(fp.One, c.FPU.CW)
	if fp.IsNaN80(t) {
		second = t
	}
	twoResults(c, t, second, flags)
}

// fsincos implements FSINCOS: ST(0) becomes its sine, and its cosine is pushed.
func fsincos(c *CPU) {
	c.FPU.SW &^= fp.C2
	if !roomForTwo(c) {
		return
	}
	sin, cos, flags := fp.SinCos(st(c, 0), c.FPU.CW)
	twoResults(c, sin, cos, flags)
}

// twoResults replaces ST(0) by a and pushes b, unless C2 says that nothing was done.
func twoResults(c *CPU, a, b F80, flags uint16) {
	if !report(c, flags, fp.C2) || flags&fp.C2 != 0 {
		return
	}
	setST(c, 0, a)
	turn(c, 7)
	setST(c, 0, b)
}
