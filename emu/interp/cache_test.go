package interp

import (
	"testing"

	"emurun/emu"
	"emurun/emu/enginetest"
	"emurun/emu/mem"
)

// runProgram runs code to its system call and returns its engine.
func runProgram(t *testing.T, code []byte) *Engine {
	const base = 0x400000
	m, err := enginetest.NewMachine(New)
	if err == nil {
		err = m.Map(base, uint64(len(code))+mem.PageSize, mem.Read|mem.Write|mem.Exec)
	}
	if err == nil {
		_, err = m.Space.WriteAt(code, base)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.RIP = base
	if _, exit := m.Engine.Run(&m.CPU, 1<<40); exit != emu.ExitSyscall {
		t.Fatalf("exit %d at %#x: %v", exit, m.RIP, m.Exc)
	}
	return m.Engine.(*Engine)
}

// TestCacheBound: a program of more cells than the cache may have makes it start anew.
func TestCacheBound(t *testing.T) {
	const n = maxCacheOp + 50_000
	code, _ := enginetest.LongProgram(n)
	e := runProgram(t, code)
	if e.used == 0 || e.used > maxCacheOp+maxCells {
		t.Errorf("%d cells in use, want at most %d", e.used, maxCacheOp+maxCells)
	}
	count := 0
	for _, b := range e.blocks.slots {
		if b != nil && b != noBlock {
			count += int(b.n)
		}
	}
	if count >= n {
		t.Errorf("blocks of %d instructions are known, though there is no room for %d", count, n)
	}
}

// TestBesideCode: writing data in the page of a loop does not translate the loop again.
func TestBesideCode(t *testing.T) {
	few := runProgram(t, enginetest.BesideCode(10))
	many := runProgram(t, enginetest.BesideCode(10000))
	if few.used != many.used {
		t.Errorf("10 rounds take %d cells, 10000 take %d", few.used, many.used)
	}
}
