package interp

import (
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
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

// The host CPU of the vectors stores the x87 pointers only while an exception is
// pending, so they do not show that the forms with REX.W keep 64 bits of them.
func TestFXSavePointers(t *testing.T) {
	s := mem.NewSpace(mem.NewPool(1 << 20))
	const a = 0x10000
	if err := s.Map(mem.Mapping{Start: a, End: a + mem.PageSize, Prot: mem.Read | mem.Write}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		save, restore func(c *CPU, a uint64) bool
		want          uint64
	}{
		{"FXSAVE", fxsave, fxrstor, 0x89abcdef},
		{"FXSAVE64", fxsave64, fxrstor64, 0x7f0189abcdef},
		{"XSAVE", xsave, xrstor, 0x89abcdef},
		{"XSAVE64", xsave64, xrstor64, 0x7f0189abcdef},
		{"XSAVEC64", xsavec64, xrstor64, 0x7f0189abcdef},
		{"XSAVEOPT64", xsaveopt64, xrstor64, 0x7f0189abcdef},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := s.Zero(a, mem.PageSize); err != nil {
				t.Fatal(err)
			}
			cpu := &emu.CPU{Mem: s, MXCSR: x86.InitMXCSR}
			cpu.R[x86.RAX] = 3
			cpu.FPU = x86.FPU{CW: x86.InitCW, FIP: 0x7f0189abcdef, FDP: 0x7f0189abcdef}
			if !c.save(cpu, a) {
				t.Fatal(cpu.Exc)
			}
			cpu.FPU = x86.FPU{}
			if !c.restore(cpu, a) {
				t.Fatal(cpu.Exc)
			}
			if cpu.FPU.FIP != c.want || cpu.FPU.FDP != c.want {
				t.Errorf("FIP %#x, FDP %#x, want %#x", cpu.FPU.FIP, cpu.FPU.FDP, c.want)
			}
		})
	}
}
