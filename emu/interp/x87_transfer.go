package interp

import (
	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// Data transfer of the x87 (SDM Vol. 1, 5.2.1). A store that an unmasked exception
// stops writes and pops nothing.

// fld implements FLD ST(i): pushes a copy of ST(i).
func fld(c *CPU, i uint8) {
	if !empty(c, i) {
		pushST(c, st(c, i), 0)
	} else if stackFault(c, 0) {
		turn(c, 7)
		setST(c, 0, fp.DefaultNaN80)
	}
}

// fldMd implements FLD m32fp.
func fldMd(c *CPU, v uint32) {
	x, flags := fp.Load32(v)
	pushST(c, x, flags)
}

// fldMq implements FLD m64fp.
func fldMq(c *CPU, v uint64) {
	x, flags := fp.Load64(v)
	pushST(c, x, flags)
}

// fldMt implements FLD m80fp, which raises nothing for any value.
func fldMt(c *CPU, v F80) { pushST(c, v, 0) }

// fildMw implements FILD m16int.
func fildMw(c *CPU, v uint16) { pushST(c, fp.LoadInt80(signed(v)), 0) }

// fildMd implements FILD m32int.
func fildMd(c *CPU, v uint32) { pushST(c, fp.LoadInt80(signed(v)), 0) }

// fildMq implements FILD m64int.
func fildMq(c *CPU, v uint64) { pushST(c, fp.LoadInt80(signed(v)), 0) }

// fst implements FST ST(i): ST(i) = ST(0).
func fst(c *CPU, i uint8) { storeSTi(c, i, false) }

// fstp implements FSTP ST(i): ST(i) = ST(0), and a pop.
func fstp(c *CPU, i uint8) { storeSTi(c, i, true) }

// fstpnce implements the FSTP at D9 D8+i, for which an empty ST(0) is no stack fault.
func fstpnce(c *CPU, i uint8) {
	if !empty(c, 0) {
		setST(c, i, st(c, 0))
	}
	report(c, 0, 0)
	popST(c)
}

func storeSTi(c *CPU, i uint8, pop bool) {
	if empty(c, 0) {
		underflow(c, i, pop)
		return
	}
	resultST(c, i, st(c, 0), 0, pop)
}

// storeST stores what convert makes of ST(0), or of the NaN that stands for an empty
// register, and pops if told. Overflow and underflow that are unmasked stop it too.
func storeST(c *CPU, a uint64, size int, pop bool, convert func(x F80) uint16, write func() bool) bool {
	x, flags := fp.DefaultNaN80, uint16(0)
	if empty(c, 0) {
		convert(x)
		flags = fp.IE | x87SF
	} else {
		flags = convert(st(c, 0))
	}
	stops := flags &^ c.FPU.CW & (fp.IE | fp.OE | fp.UE)
	if stops != 0 && !probe(c, a, size) || stops == 0 && !write() {
		return false
	}
	if flags&x87SF != 0 {
		stackFault(c, 0)
	} else {
		report(c, flags, 0)
	}
	if stops == 0 && pop {
		popST(c)
	}
	return true
}

// storeReal stores ST(0) as fp's Store32 or Store64 makes it.
func storeReal[T word](c *CPU, a uint64, pop bool, convert func(x F80, cw uint16) (T, uint16)) bool {
	var v T
	var flags uint16
	return storeST(c, a, int(sizeOf[T]()), pop,
		func(x F80) uint16 { v, flags = convert(x, c.FPU.CW); return flags },
		func() bool { return store(c, a, v) })
}

// storeInteger stores ST(0) as an integer, rounded in mode rc.
func storeInteger[T word](c *CPU, a uint64, pop bool, rc fp.Rounding) bool {
	return storeReal(c, a, pop, func(x F80, _ uint16) (T, uint16) {
		v, flags := fp.StoreInt80(x, uint(bitsOf[T]()), rc)
		return T(v), flags
	})
}

// roundingFPU is the rounding mode of the control word.
func roundingFPU(c *CPU) fp.Rounding { return fp.Rounding(c.FPU.CW>>10) & 3 }

// truncate stores ST(0) as an integer by truncation, which leaves C1 clear.
func truncate[T word](c *CPU, a uint64) bool { return storeInteger[T](c, a, true, fp.Zero) }

// fstMd implements FST m32fp.
func fstMd(c *CPU, a uint64) bool { return storeReal(c, a, false, fp.Store32) }

// fstMq implements FST m64fp.
func fstMq(c *CPU, a uint64) bool { return storeReal(c, a, false, fp.Store64) }

// fstpMd implements FSTP m32fp.
func fstpMd(c *CPU, a uint64) bool { return storeReal(c, a, true, fp.Store32) }

// fstpMq implements FSTP m64fp.
func fstpMq(c *CPU, a uint64) bool { return storeReal(c, a, true, fp.Store64) }

// fstpMt implements FSTP m80fp, which raises nothing for any value.
func fstpMt(c *CPU, a uint64) bool {
	var v F80
	return storeST(c, a, 10, true,
		func(x F80) uint16 { v = x; return 0 },
		func() bool { return storeF80(c, a, v) })
}

// fistMw implements FIST m16int.
func fistMw(c *CPU, a uint64) bool { return storeInteger[uint16](c, a, false, roundingFPU(c)) }

// fistMd implements FIST m32int.
func fistMd(c *CPU, a uint64) bool { return storeInteger[uint32](c, a, false, roundingFPU(c)) }

// fistpMw implements FISTP m16int.
func fistpMw(c *CPU, a uint64) bool { return storeInteger[uint16](c, a, true, roundingFPU(c)) }

// fistpMd implements FISTP m32int.
func fistpMd(c *CPU, a uint64) bool { return storeInteger[uint32](c, a, true, roundingFPU(c)) }

// fistpMq implements FISTP m64int.
func fistpMq(c *CPU, a uint64) bool { return storeInteger[uint64](c, a, true, roundingFPU(c)) }

// fisttpMw implements FISTTP m16int: FISTP by truncation.
func fisttpMw(c *CPU, a uint64) bool { return truncate[uint16](c, a) }

// fisttpMd implements FISTTP m32int.
func fisttpMd(c *CPU, a uint64) bool { return truncate[uint32](c, a) }

// fisttpMq implements FISTTP m64int.
func fisttpMq(c *CPU, a uint64) bool { return truncate[uint64](c, a) }

// fbld implements FBLD, load of packed decimal.
func fbld(c *CPU, v F80) { pushST(c, fp.LoadBCD80(v), 0) }

// fbstp implements FBSTP, store of packed decimal and a pop.
func fbstp(c *CPU, a uint64) bool {
	var v F80
	var flags uint16
	return storeST(c, a, 10, true,
		func(x F80) uint16 { v, flags = fp.StoreBCD80(x, roundingFPU(c)); return flags },
		func() bool { return storeF80(c, a, v) })
}

// fxch implements FXCH, exchange of ST(0) and ST(i). An empty register counts as a NaN.
func fxch(c *CPU, i uint8) {
	if empty(c, 0) || empty(c, i) {
		if !stackFault(c, 0) {
			return
		}
		for _, r := range [2]uint8{0, i} {
			if empty(c, r) {
				setST(c, r, fp.DefaultNaN80)
			}
		}
	} else {
		report(c, 0, 0)
	}
	x, y := st(c, 0), st(c, i)
	setST(c, 0, y)
	setST(c, i, x)
}

// fcmov is ST(0) = ST(i) if the condition holds. It leaves the condition codes alone.
func fcmov(c *CPU, i uint8, condition bool) {
	switch {
	case empty(c, 0) || empty(c, i):
		underflow(c, 0, false)
	case condition:
		setST(c, 0, st(c, i))
	}
}

// fcmovb implements FCMOVB: moves if CF is set.
func fcmovb(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.CF != 0) }

// fcmovnb implements FCMOVNB: moves if CF is clear.
func fcmovnb(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.CF == 0) }

// fcmove implements FCMOVE: moves if ZF is set.
func fcmove(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.ZF != 0) }

// fcmovne implements FCMOVNE: moves if ZF is clear.
func fcmovne(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.ZF == 0) }

// fcmovbe implements FCMOVBE: moves if CF or ZF is set.
func fcmovbe(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&(x86.CF|x86.ZF) != 0) }

// fcmovnbe implements FCMOVNBE: moves if CF and ZF are clear.
func fcmovnbe(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&(x86.CF|x86.ZF) == 0) }

// fcmovu implements FCMOVU: moves if PF is set.
func fcmovu(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.PF != 0) }

// fcmovnu implements FCMOVNU: moves if PF is clear.
func fcmovnu(c *CPU, i uint8) { fcmov(c, i, c.StatusFlags()&x86.PF == 0) }

// fld1 implements FLD1: pushes 1.
func fld1(c *CPU) { pushST(c, fp.Const80(fp.One, c.FPU.CW), 0) }

// fldl2t implements FLDL2T: pushes log2 10.
func fldl2t(c *CPU) { pushST(c, fp.Const80(fp.Log2Ten, c.FPU.CW), 0) }

// fldl2e implements FLDL2E: pushes log2 e.
func fldl2e(c *CPU) { pushST(c, fp.Const80(fp.Log2E, c.FPU.CW), 0) }

// fldpi implements FLDPI: pushes pi.
func fldpi(c *CPU) { pushST(c, fp.Const80(fp.Pi, c.FPU.CW), 0) }

// fldlg2 implements FLDLG2: pushes log10 2.
func fldlg2(c *CPU) { pushST(c, fp.Const80(fp.Log10Two, c.FPU.CW), 0) }

// fldln2 implements FLDLN2: pushes ln 2.
func fldln2(c *CPU) { pushST(c, fp.Const80(fp.Ln2, c.FPU.CW), 0) }

// fldz implements FLDZ: pushes +0.
func fldz(c *CPU) { pushST(c, fp.Const80(fp.PlusZero, c.FPU.CW), 0) }
