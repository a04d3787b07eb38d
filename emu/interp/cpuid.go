package interp

import "emurun/emu/x86"

// cpuid implements CPUID of the virtual CPU: EAX and ECX select, and all four
// registers are written.
func cpuid(c *CPU, op *Op) bool {
	a, b, cx, d := x86.CPUID(x86.LevelV2, uint32(c.R[x86.RAX]), uint32(c.R[x86.RCX]))
	c.R[x86.RAX], c.R[x86.RBX], c.R[x86.RCX], c.R[x86.RDX] = uint64(a), uint64(b), uint64(cx), uint64(d)
	return true
}
