package optest

import "emurun/emu/x86/isa"

// exempt lists the instructions without vectors, and why.
var exempt = map[string]string{
	"SYSCALL":  "it enters the kernel",
	"CPUID":    "the model is ours, not the host's",
	"XGETBV":   "the host enables more state components than our model has",
	"RDTSC":    "time is the machine's step count",
	"RDTSCP":   "time is the machine's step count",
	"SLDT":     "under UMIP Linux emulates it after the #GP that we raise",
	"STR":      "under UMIP Linux emulates it after the #GP that we raise",
	"SGDT":     "under UMIP Linux emulates it after the #GP that we raise",
	"SIDT":     "under UMIP Linux emulates it after the #GP that we raise",
	"SMSW":     "under UMIP Linux emulates it after the #GP that we raise",
	"LAR":      "it shows the host's descriptor tables",
	"LSL":      "it shows the host's descriptor tables",
	"VERR":     "it shows the host's descriptor tables",
	"VERW":     "it shows the host's descriptor tables",
	"INT1":     "a hypervisor on AMD reports it before the instruction, not behind it",
	"SYSENTER": "AMD CPUs do not have it in 64-bit mode",
	"SYSEXIT":  "AMD CPUs do not have it in 64-bit mode",
}

// exemptRow lists rows without vectors, by name.
var exemptRow = map[string]string{
	"Nop_Ev_0F0D": "with a register it is #UD on AMD CPUs",
}

// Exempt returns why the row has no vectors, or "" if it has.
func Exempt(r *isa.Row) string {
	if r.Enc.Encoding != isa.Legacy {
		return "the encoder makes no VEX and EVEX prefixes yet"
	}
	return exempt[r.Mnemonic] + exemptRow[r.Name]
}
