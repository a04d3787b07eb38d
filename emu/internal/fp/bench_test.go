package fp

import "testing"

// Operands of the benchmarks: inexact in every operation, and dependent on the loop
// variable so that nothing is hoisted.
const (
	benchX = 0x3ff3c0ca428c59fb // 1.2345…
	benchY = 0x400921fb54442d18 // 3.1415…
)

var benchModes = []struct {
	name  string
	mxcsr uint32
}{
	{"PESet", unmask | PE}, {"PEClear", unmask}, {"Up", unmask | uint32(Up)<<rcShift},
}

var sink uint64

func BenchmarkSSE(b *testing.B) {
	for name, do := range map[string]func(x, y uint64, m uint32) (uint64, uint32){
		"addsd": Add64, "mulsd": Mul64, "divsd": Div64, "minsd": Min64,
		"sqrtsd": func(x, _ uint64, m uint32) (uint64, uint32) { return Sqrt64(x, m) },
		"addss": func(x, y uint64, m uint32) (uint64, uint32) {
			return wide(Add32(uint32(x>>32), uint32(y>>32), m))
		},
		"comisd": func(x, y uint64, m uint32) (uint64, uint32) {
			r, flags := Compare64(x, y, true, m)
			return uint64(r), flags
		},
		"cvttsd2si":  func(x, _ uint64, m uint32) (uint64, uint32) { return ToInt64(x, 64, Zero, m) },
		"cvtsi2sd":   func(x, _ uint64, m uint32) (uint64, uint32) { return FromInt64(int64(x>>40), m) },
		"addsd core": func(x, y uint64, m uint32) (uint64, uint32) { return binary64.add(x, y, 0, m) },
		"mulsd core": binary64.mul, "divsd core": binary64.div,
	} {
		for _, mode := range benchModes {
			b.Run(name+"/"+mode.name, func(b *testing.B) {
				for i := range b.N {
					r, flags := do(benchX+uint64(i&255)<<20, benchY, mode.mxcsr)
					sink += r + uint64(flags)
				}
			})
		}
	}
}

// BenchmarkDirect calls without an indirection, as a handler does.
func BenchmarkDirect(b *testing.B) {
	b.Run("addsd", func(b *testing.B) {
		for i := range b.N {
			r, flags := Add64(benchX+uint64(i&255)<<20, benchY, unmask|PE)
			sink += r + uint64(flags)
		}
	})
	b.Run("mulsd", func(b *testing.B) {
		for i := range b.N {
			r, flags := Mul64(benchX+uint64(i&255)<<20, benchY, unmask|PE)
			sink += r + uint64(flags)
		}
	})
	b.Run("addsd zero", func(b *testing.B) {
		for range b.N {
			r, flags := Add64(benchX, 0, unmask|PE)
			sink += r + uint64(flags)
		}
	})
	b.Run("mulsd zero", func(b *testing.B) {
		for range b.N {
			r, flags := Mul64(benchX, 0, unmask|PE)
			sink += r + uint64(flags)
		}
	})
}

func BenchmarkX87(b *testing.B) {
	x, y := F80{Mant: 0x9e0651214662cfd8, SE: 0x3fff}, F80{Mant: 0xc90fdaa22168c235, SE: 0x4000}
	for name, op := range map[string]func(x, y F80, cw uint16) (F80, uint16){
		"fadd": Add80, "fmul": Mul80, "fdiv": Div80, "fyl2x": YLog2X, "fpatan": Atan,
		"fsqrt": func(x, _ F80, cw uint16) (F80, uint16) { return Sqrt80(x, cw) },
		"fsin":  func(x, _ F80, cw uint16) (F80, uint16) { return Sin(x, cw) },
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				r, flags := op(x, y, 0x37f)
				sink += r.Mant + uint64(flags)
			}
		})
	}
}
