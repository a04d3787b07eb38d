package hostfp

// X87 has x87 instructions by mnemonic, with the memory operand behind it. ST0 is X and
// ST1 or the memory operand is Y; results are ST0 in R and ST1 in R2, or what was
// stored in R.
var X87 = map[string]Func{
	"fadd":      fadd,
	"fmul":      fmul,
	"fsub":      fsub,
	"fsubr":     fsubr,
	"fdiv":      fdiv,
	"fdivr":     fdivr,
	"fsqrt":     fsqrt,
	"frndint":   frndint,
	"fscale":    fscale,
	"fprem":     fprem,
	"fprem1":    fprem1,
	"f2xm1":     f2xm1,
	"fsin":      fsin,
	"fcos":      fcos,
	"fxtract":   fxtract,
	"fsincos":   fsincos,
	"fptan":     fptan,
	"fyl2x":     fyl2x,
	"fyl2xp1":   fyl2xp1,
	"fpatan":    fpatan,
	"fcom":      fcom,
	"fucom":     fucom,
	"ftst":      ftst,
	"fxam":      fxam,
	"fldM32":    fldM32,
	"fldM64":    fldM64,
	"fildM16":   fildM16,
	"fildM32":   fildM32,
	"fildM64":   fildM64,
	"fbld":      fbld,
	"faddM32":   faddM32,
	"faddM64":   faddM64,
	"fsubM64":   fsubM64,
	"fdivrM64":  fdivrM64,
	"fiaddM32":  fiaddM32,
	"fcomM64":   fcomM64,
	"fmulM32":   fmulM32,
	"fdivM32":   fdivM32,
	"fld1":      fld1,
	"fldl2t":    fldl2t,
	"fldl2e":    fldl2e,
	"fldpi":     fldpi,
	"fldlg2":    fldlg2,
	"fldln2":    fldln2,
	"fstM32":    fstM32,
	"fstM64":    fstM64,
	"fistM16":   fistM16,
	"fistM32":   fistM32,
	"fistM64":   fistM64,
	"fisttpM16": fisttpM16,
	"fisttpM32": fisttpM32,
	"fisttpM64": fisttpM64,
	"fbstp":     fbstp,
}

//go:noescape
func fadd(a *Args)

//go:noescape
func fmul(a *Args)

//go:noescape
func fsub(a *Args)

//go:noescape
func fsubr(a *Args)

//go:noescape
func fdiv(a *Args)

//go:noescape
func fdivr(a *Args)

//go:noescape
func fsqrt(a *Args)

//go:noescape
func frndint(a *Args)

//go:noescape
func fscale(a *Args)

//go:noescape
func fprem(a *Args)

//go:noescape
func fprem1(a *Args)

//go:noescape
func f2xm1(a *Args)

//go:noescape
func fsin(a *Args)

//go:noescape
func fcos(a *Args)

//go:noescape
func fxtract(a *Args)

//go:noescape
func fsincos(a *Args)

//go:noescape
func fptan(a *Args)

//go:noescape
func fyl2x(a *Args)

//go:noescape
func fyl2xp1(a *Args)

//go:noescape
func fpatan(a *Args)

//go:noescape
func fcom(a *Args)

//go:noescape
func fucom(a *Args)

//go:noescape
func ftst(a *Args)

//go:noescape
func fxam(a *Args)

//go:noescape
func fldM32(a *Args)

//go:noescape
func fldM64(a *Args)

//go:noescape
func fildM16(a *Args)

//go:noescape
func fildM32(a *Args)

//go:noescape
func fildM64(a *Args)

//go:noescape
func fbld(a *Args)

//go:noescape
func faddM32(a *Args)

//go:noescape
func faddM64(a *Args)

//go:noescape
func fsubM64(a *Args)

//go:noescape
func fdivrM64(a *Args)

//go:noescape
func fiaddM32(a *Args)

//go:noescape
func fcomM64(a *Args)

//go:noescape
func fmulM32(a *Args)

//go:noescape
func fdivM32(a *Args)

//go:noescape
func fld1(a *Args)

//go:noescape
func fldl2t(a *Args)

//go:noescape
func fldl2e(a *Args)

//go:noescape
func fldpi(a *Args)

//go:noescape
func fldlg2(a *Args)

//go:noescape
func fldln2(a *Args)

//go:noescape
func fstM32(a *Args)

//go:noescape
func fstM64(a *Args)

//go:noescape
func fistM16(a *Args)

//go:noescape
func fistM32(a *Args)

//go:noescape
func fistM64(a *Args)

//go:noescape
func fisttpM16(a *Args)

//go:noescape
func fisttpM32(a *Args)

//go:noescape
func fisttpM64(a *Args)

//go:noescape
func fbstp(a *Args)
