package fp

import (
	"fmt"
	"maps"
	"slices"
)

// sseOp is one SSE instruction as a function of registers, and what operands it takes.
type sseOp struct {
	f      *format // of the operands; nil for integers
	single bool    // the result is a binary32
	do     func(x, y, z uint64, mxcsr uint32) (uint64, uint32)
}

// sseOps are the instructions by mnemonic, a predicate or an immediate or the size
// of an integer behind it, as hostfp names them.
var sseOps = func() map[string]sseOp {
	ops := map[string]sseOp{
		"cvtss2sd": {binary32, false, func(_, y, _ uint64, m uint32) (uint64, uint32) { return To64(uint32(y), m) }},
		"cvtsd2ss": {binary64, true, func(_, y, _ uint64, m uint32) (uint64, uint32) { return wide(To32(y, m)) }},
	}
	addArith(ops)
	addCompare(ops)
	addConvert(ops)
	addFMA(ops)
	return ops
}()

func sseNames() []string { return slices.Sorted(maps.Keys(sseOps)) }

func wide(r, flags uint32) (uint64, uint32) { return uint64(r), flags }

func addArith(ops map[string]sseOp) {
	for name, do := range map[string]func(x, y uint64, m uint32) (uint64, uint32){
		"add": Add64, "sub": Sub64, "mul": Mul64, "div": Div64, "min": Min64, "max": Max64,
	} {
		ops[name+"sd"] = sseOp{binary64, false, func(x, y, _ uint64, m uint32) (uint64, uint32) { return do(x, y, m) }}
	}
	for name, do := range map[string]func(x, y, m uint32) (uint32, uint32){
		"add": Add32, "sub": Sub32, "mul": Mul32, "div": Div32, "min": Min32, "max": Max32,
	} {
		ops[name+"ss"] = sseOp{binary32, true, func(x, y, _ uint64, m uint32) (uint64, uint32) {
			return wide(do(uint32(x), uint32(y), m))
		}}
	}
	ops["sqrtsd"] = sseOp{binary64, false, func(_, y, _ uint64, m uint32) (uint64, uint32) { return Sqrt64(y, m) }}
	ops["sqrtss"] = sseOp{binary32, true, func(_, y, _ uint64, m uint32) (uint64, uint32) {
		return wide(Sqrt32(uint32(y), m))
	}}
	for i := range uint8(16) {
		ops[fmt.Sprintf("roundsd%d", i)] = sseOp{binary64, false, func(_, y, _ uint64, m uint32) (uint64, uint32) { return Round64(y, i, m) }}
		ops[fmt.Sprintf("roundss%d", i)] = sseOp{binary32, true, func(_, y, _ uint64, m uint32) (uint64, uint32) {
			return wide(Round32(uint32(y), i, m))
		}}
	}
}

func addCompare(ops map[string]sseOp) {
	for p := range uint8(32) {
		ops[fmt.Sprintf("cmpsd%d", p)] = sseOp{binary64, false, func(x, y, _ uint64, m uint32) (uint64, uint32) {
			is, flags := Predicate64(x, y, p, m)
			return all(is), flags
		}}
		ops[fmt.Sprintf("cmpss%d", p)] = sseOp{binary32, true, func(x, y, _ uint64, m uint32) (uint64, uint32) {
			is, flags := Predicate32(uint32(x), uint32(y), p, m)
			return all(is) & 0xffffffff, flags
		}}
	}
	for name, signalling := range map[string]bool{"comi": true, "ucomi": false} {
		ops[name+"sd"] = sseOp{binary64, false, func(x, y, _ uint64, m uint32) (uint64, uint32) {
			return comiFlags(Compare64(x, y, signalling, m))
		}}
		ops[name+"ss"] = sseOp{binary32, false, func(x, y, _ uint64, m uint32) (uint64, uint32) {
			return comiFlags(Compare32(uint32(x), uint32(y), signalling, m))
		}}
	}
}

func all(is bool) uint64 {
	if is {
		return ^uint64(0)
	}
	return 0
}

// comiFlags is ZF, PF and CF of COMISD.
func comiFlags(r Relation, flags uint32) (uint64, uint32) {
	return map[Relation]uint64{Less: 1, Equal: 0x40, Greater: 0, Unordered: 0x45}[r], flags
}

func addConvert(ops map[string]sseOp) {
	for _, size := range []uint{32, 64} {
		for name, truncate := range map[string]bool{"cvt": false, "cvtt": true} {
			rc := func(m uint32) Rounding {
				if truncate {
					return Zero
				}
				return rounding(m)
			}
			ops[fmt.Sprintf("%ssd2si%d", name, size)] = sseOp{binary64, false, func(_, y, _ uint64, m uint32) (uint64, uint32) {
				return ToInt64(y, size, rc(m), m)
			}}
			ops[fmt.Sprintf("%sss2si%d", name, size)] = sseOp{binary32, false, func(_, y, _ uint64, m uint32) (uint64, uint32) {
				return ToInt32(uint32(y), size, rc(m), m)
			}}
		}
		signed := func(y uint64) int64 {
			if size == 32 {
				return int64(int32(y))
			}
			return int64(y)
		}
		ops[fmt.Sprintf("cvtsi2sd%d", size)] = sseOp{nil, false, func(_, y, _ uint64, m uint32) (uint64, uint32) {
			return FromInt64(signed(y), m)
		}}
		ops[fmt.Sprintf("cvtsi2ss%d", size)] = sseOp{nil, true, func(_, y, _ uint64, m uint32) (uint64, uint32) {
			return wide(FromInt32(signed(y), m))
		}}
	}
}

func addFMA(ops map[string]sseOp) {
	order := map[string]func(x, y, z uint64) (a, b, c uint64){
		"132": func(x, y, z uint64) (a, b, c uint64) { return x, z, y },
		"213": func(x, y, z uint64) (a, b, c uint64) { return y, x, z },
		"231": func(x, y, z uint64) (a, b, c uint64) { return y, z, x },
	}
	for digits, arrange := range order {
		for form, flip := range map[string][2]uint64{"madd": {0, 0}, "msub": {0, 1}, "nmadd": {1, 0}, "nmsub": {1, 1}} {
			ops["vf"+form+digits+"sd"] = sseOp{binary64, false, func(x, y, z uint64, m uint32) (uint64, uint32) {
				a, b, c := arrange(x, y, z)
				return FMA64(a, b, c, flip[0]<<63, flip[1]<<63, m)
			}}
			ops["vf"+form+digits+"ss"] = sseOp{binary32, true, func(x, y, z uint64, m uint32) (uint64, uint32) {
				a, b, c := arrange(x, y, z)
				return wide(FMA32(uint32(a), uint32(b), uint32(c), uint32(flip[0])<<31, uint32(flip[1])<<31, m))
			}}
		}
	}
}

// operands makes operands for the op.
func (op sseOp) operands(g *rng) (x, y, z uint64) {
	if op.f == nil {
		v := int64(g.next()) >> g.below(64)
		if g.below(2) == 0 {
			v = int64(g.fraction(63))
		}
		return 0, uint64(v), 0
	}
	return g.triple(op.f)
}
