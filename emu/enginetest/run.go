package enginetest

import (
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
)

// kernelResults is RBX at the end of each kernel, as a native run has it.
var kernelResults = map[string]uint64{
	"sieve": 0x4cabb177f0,
	"sha":   0x9b596744fae0cd60,
	"fib":   0x213d05,
	"qs":    0x9e421ffce2be6f91,
	"mm":    0x440bb95000000000,
}

// Run runs the whole suite.
func Run(t *testing.T, engine func(*mem.Space) emu.Engine) {
	t.Run("kernels", func(t *testing.T) {
		for _, name := range Kernels {
			t.Run(name, func(t *testing.T) { testKernel(t, engine, name) })
		}
	})
	t.Run("budgets", func(t *testing.T) {
		for _, name := range Kernels {
			t.Run(name, func(t *testing.T) { testBudgets(t, engine, name, 300_000) })
		}
	})
	t.Run("faults", func(t *testing.T) {
		for _, name := range Kernels {
			t.Run(name, func(t *testing.T) { testFaults(t, engine, name, 300_000) })
		}
		for _, f := range faultCases {
			t.Run(f.name, func(t *testing.T) { testFault(t, engine, f) })
		}
	})
	t.Run("self-modifying", func(t *testing.T) { testSelfModifying(t, engine) })
	t.Run("long program", func(t *testing.T) { testLongProgram(t, engine) })
	t.Run("rewritten", func(t *testing.T) { testRewritten(t, engine) })
	t.Run("beside code", func(t *testing.T) { testBesideCode(t, engine) })
	t.Run("shared code", func(t *testing.T) { testSharedCode(t, engine) })
	t.Run("forked code", func(t *testing.T) { testForkedCode(t, engine) })
	t.Run("single step", func(t *testing.T) { testStep(t, engine) })
	t.Run("clock", func(t *testing.T) { testClock(t, engine) })
	t.Run("copy", func(t *testing.T) { testCopy(t, engine) })
	t.Run("repeat", func(t *testing.T) { testRepeat(t, engine) })
}

// testKernel runs a kernel to its end in one go.
func testKernel(t *testing.T, engine func(*mem.Space) emu.Engine, name string) {
	m := newKernel(t, engine, name)
	n, exit := m.Engine.Run(&m.CPU, 1<<40)
	if exit != emu.ExitSyscall {
		t.Fatalf("exit %d at %#x after %d steps: %v", exit, m.RIP, n, m.Exc)
	}
	if got, want := m.R[3], kernelResults[name]; got != want {
		t.Errorf("result %#x, want %#x", got, want)
	}
	t.Logf("%d steps", n)
}

func newKernel(tb testing.TB, engine func(*mem.Space) emu.Engine, name string) *Machine {
	tb.Helper()
	m, err := NewMachine(engine)
	if err == nil {
		err = m.LoadKernel(name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return m
}
