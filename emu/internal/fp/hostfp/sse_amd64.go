package hostfp

// SSE has every SSE and FMA instruction by its mnemonic; a predicate or an immediate,
// or the size of an integer in bits, follows it.
var SSE = map[string]Func{
	"addsd":        addsd,
	"subsd":        subsd,
	"mulsd":        mulsd,
	"divsd":        divsd,
	"sqrtsd":       sqrtsd,
	"minsd":        minsd,
	"maxsd":        maxsd,
	"cmpsd0":       cmpsd0,
	"cmpsd1":       cmpsd1,
	"cmpsd2":       cmpsd2,
	"cmpsd3":       cmpsd3,
	"cmpsd4":       cmpsd4,
	"cmpsd5":       cmpsd5,
	"cmpsd6":       cmpsd6,
	"cmpsd7":       cmpsd7,
	"cmpsd8":       cmpsd8,
	"cmpsd9":       cmpsd9,
	"cmpsd10":      cmpsd10,
	"cmpsd11":      cmpsd11,
	"cmpsd12":      cmpsd12,
	"cmpsd13":      cmpsd13,
	"cmpsd14":      cmpsd14,
	"cmpsd15":      cmpsd15,
	"cmpsd16":      cmpsd16,
	"cmpsd17":      cmpsd17,
	"cmpsd18":      cmpsd18,
	"cmpsd19":      cmpsd19,
	"cmpsd20":      cmpsd20,
	"cmpsd21":      cmpsd21,
	"cmpsd22":      cmpsd22,
	"cmpsd23":      cmpsd23,
	"cmpsd24":      cmpsd24,
	"cmpsd25":      cmpsd25,
	"cmpsd26":      cmpsd26,
	"cmpsd27":      cmpsd27,
	"cmpsd28":      cmpsd28,
	"cmpsd29":      cmpsd29,
	"cmpsd30":      cmpsd30,
	"cmpsd31":      cmpsd31,
	"roundsd0":     roundsd0,
	"roundsd1":     roundsd1,
	"roundsd2":     roundsd2,
	"roundsd3":     roundsd3,
	"roundsd4":     roundsd4,
	"roundsd5":     roundsd5,
	"roundsd6":     roundsd6,
	"roundsd7":     roundsd7,
	"roundsd8":     roundsd8,
	"roundsd9":     roundsd9,
	"roundsd10":    roundsd10,
	"roundsd11":    roundsd11,
	"roundsd12":    roundsd12,
	"roundsd13":    roundsd13,
	"roundsd14":    roundsd14,
	"roundsd15":    roundsd15,
	"cvtsd2si32":   cvtsd2si32,
	"cvtsd2si64":   cvtsd2si64,
	"cvttsd2si32":  cvttsd2si32,
	"cvttsd2si64":  cvttsd2si64,
	"cvtsi2sd32":   cvtsi2sd32,
	"cvtsi2sd64":   cvtsi2sd64,
	"comisd":       comisd,
	"ucomisd":      ucomisd,
	"vfmadd132sd":  vfmadd132sd,
	"vfmadd213sd":  vfmadd213sd,
	"vfmadd231sd":  vfmadd231sd,
	"vfmsub132sd":  vfmsub132sd,
	"vfmsub213sd":  vfmsub213sd,
	"vfmsub231sd":  vfmsub231sd,
	"vfnmadd132sd": vfnmadd132sd,
	"vfnmadd213sd": vfnmadd213sd,
	"vfnmadd231sd": vfnmadd231sd,
	"vfnmsub132sd": vfnmsub132sd,
	"vfnmsub213sd": vfnmsub213sd,
	"vfnmsub231sd": vfnmsub231sd,
	"addss":        addss,
	"subss":        subss,
	"mulss":        mulss,
	"divss":        divss,
	"sqrtss":       sqrtss,
	"minss":        minss,
	"maxss":        maxss,
	"cmpss0":       cmpss0,
	"cmpss1":       cmpss1,
	"cmpss2":       cmpss2,
	"cmpss3":       cmpss3,
	"cmpss4":       cmpss4,
	"cmpss5":       cmpss5,
	"cmpss6":       cmpss6,
	"cmpss7":       cmpss7,
	"cmpss8":       cmpss8,
	"cmpss9":       cmpss9,
	"cmpss10":      cmpss10,
	"cmpss11":      cmpss11,
	"cmpss12":      cmpss12,
	"cmpss13":      cmpss13,
	"cmpss14":      cmpss14,
	"cmpss15":      cmpss15,
	"cmpss16":      cmpss16,
	"cmpss17":      cmpss17,
	"cmpss18":      cmpss18,
	"cmpss19":      cmpss19,
	"cmpss20":      cmpss20,
	"cmpss21":      cmpss21,
	"cmpss22":      cmpss22,
	"cmpss23":      cmpss23,
	"cmpss24":      cmpss24,
	"cmpss25":      cmpss25,
	"cmpss26":      cmpss26,
	"cmpss27":      cmpss27,
	"cmpss28":      cmpss28,
	"cmpss29":      cmpss29,
	"cmpss30":      cmpss30,
	"cmpss31":      cmpss31,
	"roundss0":     roundss0,
	"roundss1":     roundss1,
	"roundss2":     roundss2,
	"roundss3":     roundss3,
	"roundss4":     roundss4,
	"roundss5":     roundss5,
	"roundss6":     roundss6,
	"roundss7":     roundss7,
	"roundss8":     roundss8,
	"roundss9":     roundss9,
	"roundss10":    roundss10,
	"roundss11":    roundss11,
	"roundss12":    roundss12,
	"roundss13":    roundss13,
	"roundss14":    roundss14,
	"roundss15":    roundss15,
	"cvtss2si32":   cvtss2si32,
	"cvtss2si64":   cvtss2si64,
	"cvttss2si32":  cvttss2si32,
	"cvttss2si64":  cvttss2si64,
	"cvtsi2ss32":   cvtsi2ss32,
	"cvtsi2ss64":   cvtsi2ss64,
	"comiss":       comiss,
	"ucomiss":      ucomiss,
	"vfmadd132ss":  vfmadd132ss,
	"vfmadd213ss":  vfmadd213ss,
	"vfmadd231ss":  vfmadd231ss,
	"vfmsub132ss":  vfmsub132ss,
	"vfmsub213ss":  vfmsub213ss,
	"vfmsub231ss":  vfmsub231ss,
	"vfnmadd132ss": vfnmadd132ss,
	"vfnmadd213ss": vfnmadd213ss,
	"vfnmadd231ss": vfnmadd231ss,
	"vfnmsub132ss": vfnmsub132ss,
	"vfnmsub213ss": vfnmsub213ss,
	"vfnmsub231ss": vfnmsub231ss,
	"cvtss2sd":     cvtss2sd,
	"cvtsd2ss":     cvtsd2ss,
	"rcpss":        rcpss,
	"rsqrtss":      rsqrtss,
}

//go:noescape
func addsd(a *Args)

//go:noescape
func subsd(a *Args)

//go:noescape
func mulsd(a *Args)

//go:noescape
func divsd(a *Args)

//go:noescape
func sqrtsd(a *Args)

//go:noescape
func minsd(a *Args)

//go:noescape
func maxsd(a *Args)

//go:noescape
func cmpsd0(a *Args)

//go:noescape
func cmpsd1(a *Args)

//go:noescape
func cmpsd2(a *Args)

//go:noescape
func cmpsd3(a *Args)

//go:noescape
func cmpsd4(a *Args)

//go:noescape
func cmpsd5(a *Args)

//go:noescape
func cmpsd6(a *Args)

//go:noescape
func cmpsd7(a *Args)

//go:noescape
func cmpsd8(a *Args)

//go:noescape
func cmpsd9(a *Args)

//go:noescape
func cmpsd10(a *Args)

//go:noescape
func cmpsd11(a *Args)

//go:noescape
func cmpsd12(a *Args)

//go:noescape
func cmpsd13(a *Args)

//go:noescape
func cmpsd14(a *Args)

//go:noescape
func cmpsd15(a *Args)

//go:noescape
func cmpsd16(a *Args)

//go:noescape
func cmpsd17(a *Args)

//go:noescape
func cmpsd18(a *Args)

//go:noescape
func cmpsd19(a *Args)

//go:noescape
func cmpsd20(a *Args)

//go:noescape
func cmpsd21(a *Args)

//go:noescape
func cmpsd22(a *Args)

//go:noescape
func cmpsd23(a *Args)

//go:noescape
func cmpsd24(a *Args)

//go:noescape
func cmpsd25(a *Args)

//go:noescape
func cmpsd26(a *Args)

//go:noescape
func cmpsd27(a *Args)

//go:noescape
func cmpsd28(a *Args)

//go:noescape
func cmpsd29(a *Args)

//go:noescape
func cmpsd30(a *Args)

//go:noescape
func cmpsd31(a *Args)

//go:noescape
func roundsd0(a *Args)

//go:noescape
func roundsd1(a *Args)

//go:noescape
func roundsd2(a *Args)

//go:noescape
func roundsd3(a *Args)

//go:noescape
func roundsd4(a *Args)

//go:noescape
func roundsd5(a *Args)

//go:noescape
func roundsd6(a *Args)

//go:noescape
func roundsd7(a *Args)

//go:noescape
func roundsd8(a *Args)

//go:noescape
func roundsd9(a *Args)

//go:noescape
func roundsd10(a *Args)

//go:noescape
func roundsd11(a *Args)

//go:noescape
func roundsd12(a *Args)

//go:noescape
func roundsd13(a *Args)

//go:noescape
func roundsd14(a *Args)

//go:noescape
func roundsd15(a *Args)

//go:noescape
func cvtsd2si32(a *Args)

//go:noescape
func cvtsd2si64(a *Args)

//go:noescape
func cvttsd2si32(a *Args)

//go:noescape
func cvttsd2si64(a *Args)

//go:noescape
func cvtsi2sd32(a *Args)

//go:noescape
func cvtsi2sd64(a *Args)

//go:noescape
func comisd(a *Args)

//go:noescape
func ucomisd(a *Args)

//go:noescape
func vfmadd132sd(a *Args)

//go:noescape
func vfmadd213sd(a *Args)

//go:noescape
func vfmadd231sd(a *Args)

//go:noescape
func vfmsub132sd(a *Args)

//go:noescape
func vfmsub213sd(a *Args)

//go:noescape
func vfmsub231sd(a *Args)

//go:noescape
func vfnmadd132sd(a *Args)

//go:noescape
func vfnmadd213sd(a *Args)

//go:noescape
func vfnmadd231sd(a *Args)

//go:noescape
func vfnmsub132sd(a *Args)

//go:noescape
func vfnmsub213sd(a *Args)

//go:noescape
func vfnmsub231sd(a *Args)

//go:noescape
func addss(a *Args)

//go:noescape
func subss(a *Args)

//go:noescape
func mulss(a *Args)

//go:noescape
func divss(a *Args)

//go:noescape
func sqrtss(a *Args)

//go:noescape
func minss(a *Args)

//go:noescape
func maxss(a *Args)

//go:noescape
func cmpss0(a *Args)

//go:noescape
func cmpss1(a *Args)

//go:noescape
func cmpss2(a *Args)

//go:noescape
func cmpss3(a *Args)

//go:noescape
func cmpss4(a *Args)

//go:noescape
func cmpss5(a *Args)

//go:noescape
func cmpss6(a *Args)

//go:noescape
func cmpss7(a *Args)

//go:noescape
func cmpss8(a *Args)

//go:noescape
func cmpss9(a *Args)

//go:noescape
func cmpss10(a *Args)

//go:noescape
func cmpss11(a *Args)

//go:noescape
func cmpss12(a *Args)

//go:noescape
func cmpss13(a *Args)

//go:noescape
func cmpss14(a *Args)

//go:noescape
func cmpss15(a *Args)

//go:noescape
func cmpss16(a *Args)

//go:noescape
func cmpss17(a *Args)

//go:noescape
func cmpss18(a *Args)

//go:noescape
func cmpss19(a *Args)

//go:noescape
func cmpss20(a *Args)

//go:noescape
func cmpss21(a *Args)

//go:noescape
func cmpss22(a *Args)

//go:noescape
func cmpss23(a *Args)

//go:noescape
func cmpss24(a *Args)

//go:noescape
func cmpss25(a *Args)

//go:noescape
func cmpss26(a *Args)

//go:noescape
func cmpss27(a *Args)

//go:noescape
func cmpss28(a *Args)

//go:noescape
func cmpss29(a *Args)

//go:noescape
func cmpss30(a *Args)

//go:noescape
func cmpss31(a *Args)

//go:noescape
func roundss0(a *Args)

//go:noescape
func roundss1(a *Args)

//go:noescape
func roundss2(a *Args)

//go:noescape
func roundss3(a *Args)

//go:noescape
func roundss4(a *Args)

//go:noescape
func roundss5(a *Args)

//go:noescape
func roundss6(a *Args)

//go:noescape
func roundss7(a *Args)

//go:noescape
func roundss8(a *Args)

//go:noescape
func roundss9(a *Args)

//go:noescape
func roundss10(a *Args)

//go:noescape
func roundss11(a *Args)

//go:noescape
func roundss12(a *Args)

//go:noescape
func roundss13(a *Args)

//go:noescape
func roundss14(a *Args)

//go:noescape
func roundss15(a *Args)

//go:noescape
func cvtss2si32(a *Args)

//go:noescape
func cvtss2si64(a *Args)

//go:noescape
func cvttss2si32(a *Args)

//go:noescape
func cvttss2si64(a *Args)

//go:noescape
func cvtsi2ss32(a *Args)

//go:noescape
func cvtsi2ss64(a *Args)

//go:noescape
func comiss(a *Args)

//go:noescape
func ucomiss(a *Args)

//go:noescape
func vfmadd132ss(a *Args)

//go:noescape
func vfmadd213ss(a *Args)

//go:noescape
func vfmadd231ss(a *Args)

//go:noescape
func vfmsub132ss(a *Args)

//go:noescape
func vfmsub213ss(a *Args)

//go:noescape
func vfmsub231ss(a *Args)

//go:noescape
func vfnmadd132ss(a *Args)

//go:noescape
func vfnmadd213ss(a *Args)

//go:noescape
func vfnmadd231ss(a *Args)

//go:noescape
func vfnmsub132ss(a *Args)

//go:noescape
func vfnmsub213ss(a *Args)

//go:noescape
func vfnmsub231ss(a *Args)

//go:noescape
func cvtss2sd(a *Args)

//go:noescape
func cvtsd2ss(a *Args)

//go:noescape
func rcpss(a *Args)

//go:noescape
func rsqrtss(a *Args)
