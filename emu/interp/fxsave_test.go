package interp

import (
	"testing"

	"emurun/emu"
	"emurun/emu/x86"
)

// What is in use the host CPU cannot show: its kernel saves and restores at any time.
func TestXInUse(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(c *CPU)
		want uint64
	}{
		{"initial", func(c *CPU) {}, 0},
		{"control word", func(c *CPU) { c.FPU.CW = 0x27f }, xsX87},
		{"MMX", func(c *CPU) { c.FPU.ST[3].Mant = 1 }, xsX87},
		{"XMM15", func(c *CPU) { c.X[15].Hi = 1 }, xsSSE},
		{"MXCSR", func(c *CPU) { c.MXCSR = 0x1fa0 }, xsSSE},
	} {
		t.Run(c.name, func(t *testing.T) {
			cpu := &emu.CPU{MXCSR: x86.InitMXCSR, FPU: x86.FPU{CW: x86.InitCW}}
			c.set(cpu)
			if got := xInUse(cpu); got != c.want {
				t.Errorf("XINUSE %#x, want %#x", got, c.want)
			}
		})
	}
}
