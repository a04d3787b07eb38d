package hostfp

// The functions of SSE, in sse_amd64.s.

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
