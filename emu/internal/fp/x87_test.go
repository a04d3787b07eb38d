package fp

import (
	"maps"
	"slices"
)

// operands80 says what the second operand of an x87 operation is.
type operands80 uint8

const (
	registers operands80 = iota
	memory32
	memory64
	integer
	decimal // a memory operand in y
)

// x87Result is the two values and the status bits an operation leaves.
type x87Result struct {
	R, R2 F80
	SW    uint16
}

// x87Op is an x87 instruction on ST0 = x and ST1 = y or a memory operand m.
type x87Op struct {
	kind operands80
	do   func(x, y F80, m uint64, cw uint16) x87Result
}

func one(r F80, sw uint16) x87Result { return x87Result{R: r, SW: sw} }

func stored[T uint32 | uint64](v T, sw uint16) x87Result {
	return x87Result{R: F80{Mant: uint64(v)}, SW: sw}
}

func binary80(do func(x, y F80, cw uint16) (F80, uint16)) x87Op {
	return x87Op{registers, func(x, y F80, _ uint64, cw uint16) x87Result { return one(do(x, y, cw)) }}
}

// reversed swaps the operands.
func reversed(do func(x, y F80, cw uint16) (F80, uint16)) func(x, y F80, cw uint16) (F80, uint16) {
	return func(x, y F80, cw uint16) (F80, uint16) { return do(y, x, cw) }
}

func unary80(do func(x F80, cw uint16) (F80, uint16)) x87Op {
	return x87Op{registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return one(do(x, cw)) }}
}

// loaded is an operation with a memory operand: a load followed by the operation.
func loaded(kind operands80, do func(x, y F80, cw uint16) (F80, uint16)) x87Op {
	return x87Op{kind, func(x, _ F80, m uint64, cw uint16) x87Result {
		y, flags := load80(kind, m)
		r, sw := do(x, y, cw)
		return one(r, MemoryFlags80(flags, sw, x))
	}}
}

func load80(kind operands80, m uint64) (F80, uint16) {
	switch kind {
	case memory32:
		return Widen32(uint32(m))
	case memory64:
		return Widen64(m)
	}
	return LoadInt80(int64(int32(m))), 0
}

// conditions are C3, C2 and C0 of a comparison.
func conditions(r Relation) uint16 {
	return map[Relation]uint16{Greater: 0, Less: C0, Equal: C3, Unordered: C3 | C2 | C0}[r]
}

func compared(x, y F80, signalling bool) x87Result {
	r, sw := Compare80(x, y, signalling)
	return x87Result{R: x, SW: sw | conditions(r)}
}

var x87Ops = map[string]x87Op{
	"fadd": binary80(Add80), "fsub": binary80(Sub80), "fsubr": binary80(reversed(Sub80)), "fmul": binary80(Mul80),
	"fdiv": binary80(Div80), "fdivr": binary80(reversed(Div80)), "fscale": binary80(Scale80),
	"fsqrt": unary80(Sqrt80), "frndint": unary80(Round80),
	"fprem":  binary80(func(x, y F80, cw uint16) (F80, uint16) { return Rem80(x, y, false, cw) }),
	"fprem1": binary80(func(x, y F80, cw uint16) (F80, uint16) { return Rem80(x, y, true, cw) }),

	"faddM32": loaded(memory32, Add80), "fmulM32": loaded(memory32, Mul80), "fdivM32": loaded(memory32, Div80),
	"faddM64": loaded(memory64, Add80), "fsubM64": loaded(memory64, Sub80), "fdivrM64": loaded(memory64, reversed(Div80)),
	"fiaddM32": loaded(integer, Add80),

	"fcom":  {registers, func(x, y F80, _ uint64, _ uint16) x87Result { return compared(x, y, true) }},
	"fucom": {registers, func(x, y F80, _ uint64, _ uint16) x87Result { return compared(x, y, false) }},
	"ftst":  {registers, func(x, _ F80, _ uint64, _ uint16) x87Result { return compared(x, F80{}, true) }},
	"fxam":  {registers, func(x, _ F80, _ uint64, _ uint16) x87Result { return one(x, Examine80(x)) }},
	"fxtract": {registers, func(x, _ F80, _ uint64, _ uint16) x87Result {
		e, s, sw := Extract80(x)
		return x87Result{s, e, sw}
	}},

	"fldM32":  {memory32, func(_, _ F80, m uint64, _ uint16) x87Result { return one(Load32(uint32(m))) }},
	"fldM64":  {memory64, func(_, _ F80, m uint64, _ uint16) x87Result { return one(Load64(m)) }},
	"fildM16": {integer, func(_, _ F80, m uint64, _ uint16) x87Result { return one(LoadInt80(int64(int16(m))), 0) }},
	"fildM32": {integer, func(_, _ F80, m uint64, _ uint16) x87Result { return one(LoadInt80(int64(int32(m))), 0) }},
	"fildM64": {integer, func(_, _ F80, m uint64, _ uint16) x87Result { return one(LoadInt80(int64(m)), 0) }},

	"fstM32":    {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return stored(Store32(x, cw)) }},
	"fstM64":    {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return stored(Store64(x, cw)) }},
	"fistM16":   {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return stored(StoreInt80(x, 16, rounding80(cw))) }},
	"fistM32":   {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return stored(StoreInt80(x, 32, rounding80(cw))) }},
	"fistM64":   {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return stored(StoreInt80(x, 64, rounding80(cw))) }},
	"fisttpM16": {registers, func(x, _ F80, _ uint64, _ uint16) x87Result { return stored(StoreInt80(x, 16, Zero)) }},
	"fisttpM32": {registers, func(x, _ F80, _ uint64, _ uint16) x87Result { return stored(StoreInt80(x, 32, Zero)) }},
	"fisttpM64": {registers, func(x, _ F80, _ uint64, _ uint16) x87Result { return stored(StoreInt80(x, 64, Zero)) }},
	"fbstp":     {registers, func(x, _ F80, _ uint64, cw uint16) x87Result { return one(StoreBCD80(x, rounding80(cw))) }},
	"fbld":      {decimal, func(_, y F80, _ uint64, _ uint16) x87Result { return one(LoadBCD80(y), 0) }},

	"fldl2t": constant(Log2Ten), "fldl2e": constant(Log2E), "fldpi": constant(Pi), "fldlg2": constant(Log10Two), "fldln2": constant(Ln2),
}

func constant(c Constant) x87Op {
	return x87Op{registers, func(_, _ F80, _ uint64, cw uint16) x87Result { return one(Const80(c, cw), 0) }}
}

func x87Names() []string { return slices.Sorted(maps.Keys(x87Ops)) }

// modes80 are the twelve settings of rounding and precision control, exceptions masked.
func modes80() (m []uint16) {
	for _, pc := range []uint16{0, 2, 3} {
		for rc := range uint16(4) {
			m = append(m, AllFlags|pc<<8|rc<<10)
		}
	}
	return m
}

// operand80 is one extended value, often special.
func (g *rng) operand80() F80 {
	sign := uint16(g.next()) & sign80
	e := uint16(g.next()) & maxField80
	m := g.fraction(63) | integerBit
	switch g.below(20) {
	case 0:
		return F80{Mant: g.fraction(63) & -g.below(2), SE: sign} // zero, denormal
	case 1:
		return F80{Mant: m &^ (g.below(4) / 3 << 63), SE: sign} // mostly pseudo-denormal
	case 2, 3:
		return F80{Mant: integerBit | g.fraction(63)&-g.below(3)/2<<1>>1, SE: sign | maxField80}
	case 4:
		m &^= integerBit // unnormal and kin, or a denormal
	case 5:
		e = uint16(g.below(70))
	case 6:
		e = maxField80 - 1 - uint16(g.below(66))
	case 7: // the ends of binary64
		e = uint16([2]int{emax80 - 1022 - 60, emax80 + 1020}[g.below(2)]) + uint16(g.below(64))
	case 8: // the ends of binary32
		e = uint16([2]int{emax80 - 126 - 30, emax80 + 124}[g.below(2)]) + uint16(g.below(34))
	case 9, 10, 11, 12, 13, 14:
		e = emax80 - 4 + uint16(g.below(70))
	}
	return F80{Mant: m, SE: sign | e}
}

// pair80 is two operands whose sum, product or quotient is often on a border.
func (g *rng) pair80() (x, y F80) {
	x, y = g.operand80(), g.operand80()
	ex := int(x.SE & maxField80)
	pick := []int{-64, -1, 0, 1, 24, 53, 63, 64, 65, maxField80 - 1, maxField80 - 2}[g.below(11)]
	ey := ex
	switch g.below(12) {
	case 0:
		ey = ex + int(g.below(136)) - 68
	case 1:
		y.Mant = x.Mant + g.below(5) - 2
	case 2:
		ey = pick + emax80 - ex - int(g.below(66))
	case 3:
		ey = pick + emax80 - ex
	case 4:
		ey = ex - pick + emax80 + int(g.below(66))
	case 5:
		ey = ex - pick + emax80
	case 6:
		return x, F80{Mant: x.Mant, SE: x.SE ^ uint16(g.next())&sign80}
	case 7: // NaNs that differ in one way
		x.SE |= maxField80
		y = F80{Mant: x.Mant ^ g.below(4)<<61&^integerBit, SE: x.SE ^ uint16(g.next())&sign80}
		return x, y
	default:
		return x, y
	}
	if ey < 0 || ey >= maxField80 {
		return x, y
	}
	return x, F80{Mant: y.Mant, SE: y.SE&sign80 | uint16(ey)}
}

// operands makes operands for the op.
func (op x87Op) operands(g *rng) (x, y F80, m uint64) {
	x, y = g.pair80()
	switch op.kind {
	case memory32:
		m = g.operand(binary32)
	case memory64:
		m = g.operand(binary64)
	case decimal:
		y = F80{SE: uint16(g.next()) & sign80}
		for i := range 18 {
			d := uint16(g.below(10))
			y.Mant |= uint64(d) << (4 * i)
			if i >= 16 {
				y.SE |= d << (4*i - 64)
			}
		}
		if g.below(4) == 0 {
			y.Mant, y.SE = y.Mant&0xff, y.SE&sign80
		}
	case integer:
		m = uint64(int64(g.next()) >> g.below(64))
	}
	return x, y, m
}

// transcendentals are compared with the host's to within its error.
var transcendentals = map[string]x87Op{
	"f2xm1": unary80(Exp2M1), "fyl2x": binary80(YLog2X), "fyl2xp1": binary80(YLog2XP1), "fpatan": binary80(Atan),
	"fsin": unary80(Sin), "fcos": unary80(Cos),
	"fsincos": {registers, func(x, _ F80, _ uint64, cw uint16) x87Result {
		s, c, sw := SinCos(x, cw)
		return x87Result{c, s, sw}
	}},
	"fptan": {registers, func(x, _ F80, _ uint64, cw uint16) x87Result {
		t, sw := Tan(x, cw)
		return x87Result{F80{}, t, sw}
	}},
}
