package interp

import (
	"debug/elf"
	"os"
	"testing"

	"emurun/emu/enginetest"
	"emurun/emu/mem"
)

func TestEngine(t *testing.T) { enginetest.Run(t, New) }

func BenchmarkEngine(b *testing.B) { enginetest.Bench(b, New) }

// BenchmarkTranslate translates the text of this test program, block after block.
func BenchmarkTranslate(b *testing.B) {
	name, err := os.Executable()
	if err != nil {
		b.Skip(err)
	}
	f, err := elf.Open(name)
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	text, err := f.Section(".text").Data()
	if err != nil || f.Machine != elf.EM_X86_64 {
		b.Skip("no text of x86-64")
	}
	text = text[:min(len(text), 1<<20)]
	const base = 0x400000
	n := 0
	for b.Loop() {
		m, err := enginetest.NewMachine(New)
		if err == nil {
			err = m.Map(base, uint64(len(text)), mem.Read|mem.Exec)
		}
		if err == nil {
			err = m.Space.Protect(base, base+1<<20, mem.Read|mem.Write|mem.Exec)
		}
		if err == nil {
			_, err = m.Space.WriteAt(text, base)
		}
		if err != nil {
			b.Fatal(err)
		}
		e := m.Engine.(*Engine)
		for pc := uint64(base); pc < base+uint64(len(text))-64; {
			block := e.translate(&m.CPU, pc)
			if block == nil {
				pc++
				continue
			}
			n += int(block.n)
			pc = block.end
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/instruction")
}
