package enginetest

import (
	"bytes"
	"debug/elf"
	"embed"
	"fmt"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

//go:embed testdata/sieve testdata/sha testdata/fib testdata/qs testdata/mm
var kernels embed.FS

// Kernels are the names of the compiled kernels.
var Kernels = []string{"sieve", "sha", "fib", "qs", "mm"}

// stackTop is the end of the stack of a loaded program.
const stackTop = 0x7ffffff00000

// Machine is one CPU with its memory and engine.
type Machine struct {
	emu.CPU
	Space  *mem.Space
	Engine emu.Engine
}

// NewMachine returns a machine with a stack and nothing else.
func NewMachine(engine func(*mem.Space) emu.Engine) (*Machine, error) {
	return NewMachineIn(mem.NewPool(1<<30), engine)
}

// NewMachineIn is NewMachine with the memory of others.
func NewMachineIn(pool *mem.Pool, engine func(*mem.Space) emu.Engine) (*Machine, error) {
	m := &Machine{Space: mem.NewSpace(pool)}
	m.Mem = m.Space
	m.Engine = engine(m.Space)
	m.MXCSR, m.FPU.CW = x86.InitMXCSR, x86.InitCW
	m.RFLAGS = x86.FixedFlags
	m.R[x86.RSP] = stackTop - 4096
	return m, m.Map(stackTop-1<<20, 1<<20, mem.Read|mem.Write)
}

// Map maps n bytes of zeros at a.
func (m *Machine) Map(a, n uint64, prot mem.Prot) error {
	n = (n + a&mem.PageMask + mem.PageMask) &^ mem.PageMask
	a &^= mem.PageMask
	return m.Space.Map(mem.Mapping{Start: a, End: a + n, Prot: prot, MaxProt: mem.Read | mem.Write | mem.Exec})
}

// LoadKernel loads one of Kernels.
func (m *Machine) LoadKernel(name string) error {
	b, err := kernels.ReadFile("testdata/" + name)
	if err != nil {
		return err
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if err := m.Map(p.Vaddr, p.Memsz, mem.Read|mem.Write|mem.Exec); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := m.Space.WriteAt(b[p.Off:p.Off+p.Filesz], p.Vaddr); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	m.RIP = f.Entry
	return nil
}
