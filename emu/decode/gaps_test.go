package decode_test

import (
	"slices"

	"emurun/emu/decode"
	"emurun/emu/x86/isa"
)

// A gap is where x86asm or objdump differ from us and we know why.
type gap struct {
	reason  string
	applies func(r *isa.Row, in *decode.Inst, code []byte) bool
}

// x86asmGaps are the instructions for which x86asm is no second opinion.
var x86asmGaps = []gap{
	{"it does not know endbr64: a lone prefix", row(decode.RowEndbr64)},
	{"it does not know undocumented encodings and hints", func(r *isa.Row, _ *decode.Inst, _ []byte) bool {
		return r.Has(isa.Alias)
	}},
	{"our CPU has neither BMI1 nor LZCNT, so the prefix of TZCNT and LZCNT is ignored", func(r *isa.Row, _ *decode.Inst, code []byte) bool {
		return (r.Mnemonic == "BSF" || r.Mnemonic == "BSR") && hasPrefix(code, 0xf3)
	}},
	{"it shows the whole register where the upper half becomes zero", func(r *isa.Row, in *decode.Inst, _ []byte) bool {
		return r.Mnemonic == "CRC32" && in.W
	}},
	{"it does not know UD0, UD1 and PREFETCH, nor fences with rm other than 0", func(r *isa.Row, _ *decode.Inst, code []byte) bool {
		switch r.Mnemonic {
		case "UD0", "UD1", "PREFETCH", "PREFETCHWT1":
			return true
		case "SFENCE", "LFENCE", "MFENCE":
			return code[len(code)-1]&7 != 0
		}
		return false
	}},
	{"it does not know the long NOP with REX.W", func(r *isa.Row, in *decode.Inst, _ []byte) bool {
		return r.Mnemonic == "NOP" && in.W
	}},
	{"it shows the memory operand", row(decode.RowXlat)},
	{"it shows the vector", row(decode.RowInt3)},
}

// objdumpGaps are the instructions for which objdump's length is no second opinion.
var objdumpGaps = []gap{
	{"it joins fwait with what follows, and splits its prefixes off", row(decode.RowFwait)},
	{"AMD reads a 16-bit displacement after 66; our CPU is Intel's", func(r *isa.Row, in *decode.Inst, code []byte) bool {
		return r.Has(isa.F64) && hasPrefix(code, 0x66)
	}},
	{"it does not know fences with rm other than 0", func(r *isa.Row, _ *decode.Inst, code []byte) bool {
		switch r.Mnemonic {
		case "SFENCE", "LFENCE", "MFENCE":
			return code[len(code)-1]&7 != 0
		}
		return false
	}},
}

// row returns a condition that names rows.
func row(rows ...uint16) func(*isa.Row, *decode.Inst, []byte) bool {
	return func(_ *isa.Row, in *decode.Inst, _ []byte) bool {
		for _, r := range rows {
			if in.Row == r {
				return true
			}
		}
		return false
	}
}

// hasPrefix reports whether p is among the first bytes.
func hasPrefix(code []byte, p byte) bool {
	for _, b := range code[:min(4, len(code))] {
		if b == p {
			return true
		}
	}
	return false
}

// inGap reports whether one of the gaps applies.
func inGap(gaps []gap, r *isa.Row, in *decode.Inst, code []byte) bool {
	for _, g := range gaps {
		if g.applies(r, in, code) {
			return true
		}
	}
	return false
}

// notOffered are the extensions without rows, by the names that objdump uses. The
// decoder must call each invalid.
var notOffered = map[string][]string{
	"BMI1, BMI2": {"andn", "bextr", "blsi", "blsmsk", "blsr", "bzhi", "mulx", "pdep", "pext", "rorx", "sarx", "shlx", "shrx"},
	"ADX":        {"adcx", "adox"},
	"AES":        {"aesenc", "aesenclast", "aesdec", "aesdeclast", "aesimc", "aeskeygenassist"},
	"PCLMULQDQ":  {"pclmulqdq", "pclmullqlqdq", "pclmulhqlqdq", "pclmullqhqdq", "pclmulhqhqdq"},
	"SHA": {"sha1msg1", "sha1msg2", "sha1nexte", "sha1rnds4", "sha256msg1", "sha256msg2",
		"sha256rnds2"},
	"RDRAND, RDSEED":                     {"rdrand", "rdseed"},
	"RTM":                                {"xtest", "xbegin", "xend", "xabort"},
	"CET":                                {"incsspq", "incsspd"},
	"PKU":                                {"rdpkru", "wrpkru"},
	"FSGSBASE":                           {"rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase"},
	"GFNI":                               {"gf2p8mulb", "gf2p8affineqb", "gf2p8affineinvqb"},
	"XSAVES":                             {"xrstors", "xrstors64", "xsaves", "xsaves64"},
	"CLWB, CLFLUSHOPT, CLDEMOTE, CLZERO": {"clwb", "clflushopt", "cldemote", "clzero"},
	"3DNow!":                             {"femms"},
	"SSE4a":                              {"extrq", "insertq", "movntss", "movntsd"},
	"MONITOR":                            {"monitor", "mwait", "monitorx", "mwaitx", "umonitor", "umwait", "tpause"},
	"VMX, SVM, SMM, SGX, SMX": {"vmcall", "vmrun", "stgi", "clgi", "skinit", "rsm", "encls", "enclu", "enclv", "getsec",
		"invlpga", "invlpgb", "tlbsync", "pvalidate", "psmash", "rmpadjust", "rmpquery", "rmpupdate", "invept", "invvpid"},
	"SYSENTER (not in 64-bit mode on all CPUs)": {"sysenter", "sysexit", "sysexitl", "sysexitq"},
	"SMAP, INVPCID, PCONFIG, WBNOINVD":          {"clac", "stac", "invpcid", "pconfig", "wbnoinvd", "mcommit", "rdpru"},
	"Key Locker": {"loadiwkey", "encodekey128", "encodekey256", "aesenc128kl", "aesenc256kl", "aesdec128kl", "aesdec256kl",
		"aesencwide128kl", "aesencwide256kl", "aesdecwide128kl", "aesdecwide256kl"},
	"shadow stacks":   {"rdsspd", "rdsspq", "rstorssp", "saveprevssp", "setssbsy", "clrssbsy", "wrssd", "wrssq", "wrussd", "wrussq", "endbr32"},
	"user interrupts": {"senduipi", "uiret", "testui", "clui", "stui"},
	"others":          {"rdpid", "ptwrite", "ptwritel", "ptwriteq", "rdmsrlist", "wrmsrlist", "wrmsrns", "seamops", "seamcall", "seamret", "tdcall", "movdiri", "movdir64b", "enqcmd", "enqcmds", "serialize", "xsusldtrk", "xresldtrk", "hreset", "aadd", "aand", "aor", "axor", "bndldx", "bndstx", "bndmk", "bndcl", "bndcu", "bndcn", "bndmov"},
	"VIA":             {"xstore-rng", "xcrypt-ecb", "xcrypt-cbc", "xcrypt-ctr", "xcrypt-cfb", "xcrypt-ofb", "montmul", "xsha1", "xsha256"},
	"287, not since":  {"frstpm(287"},
}

// laxNames are instructions that have rows, but of which objdump accepts more
// than there is: prefixes that the SDM forbids, segment registers 6 and 7.
var laxNames = []string{
	"mov", "pmovmskb", "xgetbv", "xsetbv", "xsavec", "xsavec64", "ldmxcsr", "stmxcsr", "fxsave", "fxsave64",
	"fxrstor", "fxrstor64", "xsave", "xsave64", "xrstor", "xrstor64", "sfence", "lfence", "mfence",
}

// laxName reports whether objdump accepts more of the instruction than there is.
func laxName(name string) bool { return slices.Contains(laxNames, name) }

// offers reports whether an instruction of objdump's name ought to have a row:
// not those of notOffered, and not VEX and EVEX, whose names begin with v or k.
func offers(name string) bool {
	if name[0] == 'v' && name != "verr" && name != "verw" || name[0] == 'k' {
		return false
	}
	for _, names := range notOffered {
		for _, n := range names {
			if n == name {
				return false
			}
		}
	}
	return true
}
