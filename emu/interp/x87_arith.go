package interp

import "emurun/emu/internal/fp"

// Basic arithmetic of the x87 (SDM Vol. 1, 5.2.2). An empty register is a stack
// fault; exceptions are flagged in the status word and, if unmasked, raised by the
// next waiting instruction.

// binary80 is an operation of package fp on x and y under a control word.
type binary80 = func(x, y F80, cw uint16) (F80, uint16)

// reversed swaps the operands of f.
func reversed(f binary80) binary80 {
	return func(x, y F80, cw uint16) (F80, uint16) { return f(y, x, cw) }
}

var subr80, divr80 = reversed(fp.Sub80), reversed(fp.Div80)

// intoTop is ST(0) = f(ST(0), ST(i)).
func intoTop(c *CPU, f binary80, i uint8) { registers80(c, f, 0, 0, i, false) }

// intoSTi is ST(i) = f(ST(i), ST(0)), and a pop if told.
func intoSTi(c *CPU, f binary80, i uint8, pop bool) { registers80(c, f, i, i, 0, pop) }

// registers80 is ST(dst) = f(ST(i), ST(j)).
func registers80(c *CPU, f binary80, dst, i, j uint8, pop bool) {
	if empty(c, i) || empty(c, j) {
		underflow(c, dst, pop)
		return
	}
	r, flags := f(st(c, i), st(c, j), c.FPU.CW)
	resultST(c, dst, r, flags, pop)
}

// memory80 is ST(0) = f(ST(0), y) for a memory operand y, whose conversion flagged load.
func memory80(c *CPU, f binary80, y F80, load uint16) {
	if empty(c, 0) {
		underflow(c, 0, false)
		return
	}
	x := st(c, 0)
	r, flags := f(x, y, c.FPU.CW)
	resultST(c, 0, r, fp.MemoryFlags80(load, flags, x), false)
}

// single80 is memory80 for a single.
func single80(c *CPU, f binary80, v uint32) {
	y, load := fp.Widen32(v)
	memory80(c, f, y, load)
}

// double80 is memory80 for a double.
func double80(c *CPU, f binary80, v uint64) {
	y, load := fp.Widen64(v)
	memory80(c, f, y, load)
}

// integer80 is memory80 for an integer.
func integer80(c *CPU, f binary80, v int64) { memory80(c, f, fp.LoadInt80(v), 0) }

// unary80 is ST(0) = f(ST(0)).
func unary80(c *CPU, f func(x F80, cw uint16) (F80, uint16)) {
	if empty(c, 0) {
		underflow(c, 0, false)
		return
	}
	r, flags := f(st(c, 0), c.FPU.CW)
	resultST(c, 0, r, flags, false)
}

// fadd implements FADD: ST(0) = ST(0) + ST(i).
func fadd(c *CPU, i uint8) { intoTop(c, fp.Add80, i) }

// faddSTiST0 implements FADD to ST(i): ST(i) = ST(i) + ST(0).
func faddSTiST0(c *CPU, i uint8) { intoSTi(c, fp.Add80, i, false) }

// faddp implements FADDP: FADD to ST(i), and a pop.
func faddp(c *CPU, i uint8) { intoSTi(c, fp.Add80, i, true) }

// faddMd implements FADD m32fp: ST(0) = ST(0) + m.
func faddMd(c *CPU, v uint32) { single80(c, fp.Add80, v) }

// faddMq implements FADD m64fp.
func faddMq(c *CPU, v uint64) { double80(c, fp.Add80, v) }

// fiaddMw implements FIADD m16int.
func fiaddMw(c *CPU, v uint16) { integer80(c, fp.Add80, signed(v)) }

// fiaddMd implements FIADD m32int.
func fiaddMd(c *CPU, v uint32) { integer80(c, fp.Add80, signed(v)) }

// fmul implements FMUL: ST(0) = ST(0) * ST(i).
func fmul(c *CPU, i uint8) { intoTop(c, fp.Mul80, i) }

// fmulSTiST0 implements FMUL to ST(i): ST(i) = ST(i) * ST(0).
func fmulSTiST0(c *CPU, i uint8) { intoSTi(c, fp.Mul80, i, false) }

// fmulp implements FMULP: FMUL to ST(i), and a pop.
func fmulp(c *CPU, i uint8) { intoSTi(c, fp.Mul80, i, true) }

// fmulMd implements FMUL m32fp: ST(0) = ST(0) * m.
func fmulMd(c *CPU, v uint32) { single80(c, fp.Mul80, v) }

// fmulMq implements FMUL m64fp.
func fmulMq(c *CPU, v uint64) { double80(c, fp.Mul80, v) }

// fimulMw implements FIMUL m16int.
func fimulMw(c *CPU, v uint16) { integer80(c, fp.Mul80, signed(v)) }

// fimulMd implements FIMUL m32int.
func fimulMd(c *CPU, v uint32) { integer80(c, fp.Mul80, signed(v)) }

// fsub implements FSUB: ST(0) = ST(0) - ST(i).
func fsub(c *CPU, i uint8) { intoTop(c, fp.Sub80, i) }

// fsubSTiST0 implements FSUB to ST(i): ST(i) = ST(i) - ST(0).
func fsubSTiST0(c *CPU, i uint8) { intoSTi(c, fp.Sub80, i, false) }

// fsubp implements FSUBP: FSUB to ST(i), and a pop.
func fsubp(c *CPU, i uint8) { intoSTi(c, fp.Sub80, i, true) }

// fsubMd implements FSUB m32fp: ST(0) = ST(0) - m.
func fsubMd(c *CPU, v uint32) { single80(c, fp.Sub80, v) }

// fsubMq implements FSUB m64fp.
func fsubMq(c *CPU, v uint64) { double80(c, fp.Sub80, v) }

// fisubMw implements FISUB m16int.
func fisubMw(c *CPU, v uint16) { integer80(c, fp.Sub80, signed(v)) }

// fisubMd implements FISUB m32int.
func fisubMd(c *CPU, v uint32) { integer80(c, fp.Sub80, signed(v)) }

// fsubr implements FSUBR: ST(0) = ST(i) - ST(0).
func fsubr(c *CPU, i uint8) { intoTop(c, subr80, i) }

// fsubrSTiST0 implements FSUBR to ST(i): ST(i) = ST(0) - ST(i).
func fsubrSTiST0(c *CPU, i uint8) { intoSTi(c, subr80, i, false) }

// fsubrp implements FSUBRP: FSUBR to ST(i), and a pop.
func fsubrp(c *CPU, i uint8) { intoSTi(c, subr80, i, true) }

// fsubrMd implements FSUBR m32fp: ST(0) = m - ST(0).
func fsubrMd(c *CPU, v uint32) { single80(c, subr80, v) }

// fsubrMq implements FSUBR m64fp.
func fsubrMq(c *CPU, v uint64) { double80(c, subr80, v) }

// fisubrMw implements FISUBR m16int.
func fisubrMw(c *CPU, v uint16) { integer80(c, subr80, signed(v)) }

// fisubrMd implements FISUBR m32int.
func fisubrMd(c *CPU, v uint32) { integer80(c, subr80, signed(v)) }

// fdiv implements FDIV: ST(0) = ST(0) / ST(i).
func fdiv(c *CPU, i uint8) { intoTop(c, fp.Div80, i) }

// fdivSTiST0 implements FDIV to ST(i): ST(i) = ST(i) / ST(0).
func fdivSTiST0(c *CPU, i uint8) { intoSTi(c, fp.Div80, i, false) }

// fdivp implements FDIVP: FDIV to ST(i), and a pop.
func fdivp(c *CPU, i uint8) { intoSTi(c, fp.Div80, i, true) }

// fdivMd implements FDIV m32fp: ST(0) = ST(0) / m.
func fdivMd(c *CPU, v uint32) { single80(c, fp.Div80, v) }

// fdivMq implements FDIV m64fp.
func fdivMq(c *CPU, v uint64) { double80(c, fp.Div80, v) }

// fidivMw implements FIDIV m16int.
func fidivMw(c *CPU, v uint16) { integer80(c, fp.Div80, signed(v)) }

// fidivMd implements FIDIV m32int.
func fidivMd(c *CPU, v uint32) { integer80(c, fp.Div80, signed(v)) }

// fdivr implements FDIVR: ST(0) = ST(i) / ST(0).
func fdivr(c *CPU, i uint8) { intoTop(c, divr80, i) }

// fdivrSTiST0 implements FDIVR to ST(i): ST(i) = ST(0) / ST(i).
func fdivrSTiST0(c *CPU, i uint8) { intoSTi(c, divr80, i, false) }

// fdivrp implements FDIVRP: FDIVR to ST(i), and a pop.
func fdivrp(c *CPU, i uint8) { intoSTi(c, divr80, i, true) }

// fdivrMd implements FDIVR m32fp: ST(0) = m / ST(0).
func fdivrMd(c *CPU, v uint32) { single80(c, divr80, v) }

// fdivrMq implements FDIVR m64fp.
func fdivrMq(c *CPU, v uint64) { double80(c, divr80, v) }

// fidivrMw implements FIDIVR m16int.
func fidivrMw(c *CPU, v uint16) { integer80(c, divr80, signed(v)) }

// fidivrMd implements FIDIVR m32int.
func fidivrMd(c *CPU, v uint32) { integer80(c, divr80, signed(v)) }

// fchs implements FCHS, change sign.
func fchs(c *CPU) {
	unary80(c, func(x F80, _ uint16) (F80, uint16) { return fp.Neg80(x), 0 })
}

// fabs implements FABS, clear sign.
func fabs(c *CPU) {
	unary80(c, func(x F80, _ uint16) (F80, uint16) { return fp.Abs80(x), 0 })
}

// fsqrt implements FSQRT, square root.
func fsqrt(c *CPU) { unary80(c, fp.Sqrt80) }

// frndint implements FRNDINT, round to integer.
func frndint(c *CPU) { unary80(c, fp.Round80) }

// fscale implements FSCALE: ST(0) times two to the power of ST(1).
func fscale(c *CPU) { registers80(c, fp.Scale80, 0, 0, 1, false) }

// fprem implements FPREM, partial remainder by truncation. C2 says that it is not
// complete; if it is, C0, C3 and C1 are the low bits of the quotient.
func fprem(c *CPU) { remainder80(c, false) }

// fprem1 implements FPREM1, partial remainder as IEEE 754 has it.
func fprem1(c *CPU) { remainder80(c, true) }

func remainder80(c *CPU, nearest bool) {
	c.FPU.SW &^= fp.C2
	if empty(c, 0) || empty(c, 1) {
		underflow(c, 0, false)
		return
	}
	r, flags := fp.Rem80(st(c, 0), st(c, 1), nearest, c.FPU.CW)
	codes := uint16(codesMask)
	if fp.IsNaN80(r) {
		codes = fp.C2
	}
	if report(c, flags, codes) {
		setST(c, 0, r)
	}
}

// fxtract implements FXTRACT: ST(0) becomes its exponent, and its significand is pushed.
func fxtract(c *CPU) {
	if !roomForTwo(c) {
		return
	}
	exponent, significand, flags := fp.Extract80(st(c, 0))
	if report(c, flags, 0) {
		setST(c, 0, exponent)
		turn(c, 7)
		setST(c, 0, significand)
	}
}

// roomForTwo reports whether ST(0) can be replaced by two results. If not, the masked
// response is two NaNs.
func roomForTwo(c *CPU) bool {
	if !empty(c, 0) && empty(c, 7) {
		return true
	}
	c1 := uint16(0)
	if !empty(c, 0) {
		c1 = fp.C1
	}
	if stackFault(c, c1) {
		setST(c, 0, fp.DefaultNaN80)
		turn(c, 7)
		setST(c, 0, fp.DefaultNaN80)
	}
	return false
}
