package hostfp

// HasFMA reports whether the host has FMA and AVX (CPUID.1:ECX bits 12 and 28).
func HasFMA() bool { return cpuid1ecx()>>12&1 == 1 && cpuid1ecx()>>28&1 == 1 }

func cpuid1ecx() uint32
