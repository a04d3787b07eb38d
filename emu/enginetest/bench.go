package enginetest

import (
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
)

// Bench measures the kernels in millions of instructions a second.
func Bench(b *testing.B, engine func(*mem.Space) emu.Engine) {
	for _, name := range Kernels {
		b.Run(name, func(b *testing.B) {
			steps := uint64(0)
			for b.Loop() {
				m := newKernel(b, engine, name)
				for {
					n, exit := m.Engine.Run(&m.CPU, 1_000_000)
					steps += n
					if exit != emu.ExitBudget {
						break
					}
				}
			}
			b.ReportMetric(float64(steps)/1e6/b.Elapsed().Seconds(), "MIPS")
		})
	}
}
