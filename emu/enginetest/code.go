package enginetest

import (
	"fmt"
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// codeBase is where small programs are loaded.
const codeBase = 0x400000

// newCode returns a machine with code on writable pages, and registers as set says.
func newCode(tb testing.TB, engine func(*mem.Space) emu.Engine, code []byte) *Machine {
	tb.Helper()
	m, err := NewMachine(engine)
	if err == nil {
		err = m.Map(codeBase, 4*mem.PageSize, mem.Read|mem.Write|mem.Exec)
	}
	if err == nil {
		_, err = m.Space.WriteAt(code, codeBase)
	}
	if err != nil {
		tb.Fatal(err)
	}
	m.RIP = codeBase
	return m
}

// testSelfModifying increments the immediate of the following instruction a hundred times.
func testSelfModifying(t *testing.T, engine func(*mem.Space) emu.Engine) {
	code := []byte{
		0xb9, 100, 0, 0, 0, // mov ecx, 100
		0x31, 0xdb, // xor ebx, ebx
		0xfe, 0x05, 1, 0, 0, 0, // l: inc byte [rip+1]: the next immediate
		0xb8, 0, 0, 0, 0, // mov eax, 0
		0x01, 0xc3, // add ebx, eax
		0xff, 0xc9, // dec ecx
		0x75, 0xef, // jnz l
		0x0f, 0x05, // syscall
	}
	for _, budget := range []uint64{1, 2, 3, 5, 7, 50, 1 << 30} {
		m := newCode(t, engine, code)
		steps := uint64(0)
		for {
			n, exit := m.Engine.Run(&m.CPU, budget)
			steps += n
			if exit == emu.ExitSyscall {
				break
			}
			if exit != emu.ExitBudget || steps > 1000 {
				t.Fatalf("budget %d: exit %d at %#x: %v", budget, exit, m.RIP, m.Exc)
			}
		}
		if m.R[x86.RBX] != 5050 || steps != 503 {
			t.Errorf("budget %d: sum %d after %d steps, want 5050 after 503", budget, m.R[x86.RBX], steps)
		}
	}
}

// A faultCase is code of which the last instruction faults.
type faultCase struct {
	name  string
	code  string // as bytes
	steps uint64 // that retire
	at    uint64 // offset of RIP
	exc   x86.Exception
}

var faultCases = []faultCase{
	{"div by zero", "\x90\x31\xc9\xf7\xf1", 2, 3, x86.Exception{Vector: x86.VecDE}},
	{"ud2", "\x90\x0f\x0b", 1, 1, x86.Exception{Vector: x86.VecUD}},
	{"hlt", "\xf4", 0, 0, x86.Exception{Vector: x86.VecGP}},
	{"int3", "\x90\xcc", 2, 2, x86.Exception{Vector: x86.VecBP}},
	{"load", "\x31\xc0\x8b\x18", 1, 2, x86.Exception{Vector: x86.VecPF, Code: x86.PFUser}},
	{"store", "\x31\xc0\x89\x18", 1, 2, x86.Exception{Vector: x86.VecPF, Code: x86.PFUser | x86.PFWrite}},
	{"modify", "\x31\xc0\x01\x18", 1, 2, x86.Exception{Vector: x86.VecPF, Code: x86.PFUser | x86.PFWrite}},
	{"jump", "\x31\xc0\xff\xe0", 2, -codeBase & (1<<64 - 1), x86.Exception{Vector: x86.VecPF, Code: x86.PFUser | x86.PFFetch}},
	{"not canonical", "\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\x8b\x18", 1, 10, x86.Exception{Vector: x86.VecGP}},
	{"not canonical stack", "\x48\xbc\x00\x00\x00\x00\x00\x00\x00\x80\x50", 1, 10, x86.Exception{Vector: x86.VecSS}},
	{"movaps not aligned", "\x0f\x28\x44\x24\x01", 0, 0, x86.Exception{Vector: x86.VecGP}},
	{"too long", "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90", 0, 0, x86.Exception{Vector: x86.VecGP}},
}

// testFault checks one case: state before the instruction, steps before it.
func testFault(t *testing.T, engine func(*mem.Space) emu.Engine, f faultCase) {
	m := newCode(t, engine, []byte(f.code))
	n, exit := m.Engine.Run(&m.CPU, 100)
	if exit != emu.ExitFault || n != f.steps || m.RIP != codeBase+f.at || m.Exc != f.exc {
		t.Errorf("exit %d after %d steps at %#x: %v; want a fault after %d at %#x: %v",
			exit, n, m.RIP, m.Exc, f.steps, codeBase+f.at, f.exc)
	}
}

// testStep runs with TF set: one instruction, then a debug trap.
func testStep(t *testing.T, engine func(*mem.Space) emu.Engine) {
	m := newCode(t, engine, []byte("\x90\x90\x90"))
	for i := uint64(1); i <= 3; i++ {
		m.RFLAGS |= x86.TF
		n, exit := m.Engine.Run(&m.CPU, 100)
		if exit != emu.ExitFault || n != 1 || m.Exc.Vector != x86.VecDB || m.RIP != codeBase+i {
			t.Fatalf("exit %d after %d steps at %#x: %v", exit, n, m.RIP, m.Exc)
		}
	}
}

// testClock reads the time stamp at every step of a block.
func testClock(t *testing.T, engine func(*mem.Space) emu.Engine) {
	m := newCode(t, engine, []byte("\x90\x0f\x31\x89\xc3\x90\x0f\x31\x0f\x05")) // nop; rdtsc; mov ebx,eax; nop; rdtsc; syscall
	m.StepLimit = 1000 + 100
	m.Engine.Run(&m.CPU, 100)
	if got, want := fmt.Sprint(m.R[x86.RBX], m.R[x86.RAX]), "1001 1004"; got != want {
		t.Errorf("time stamps %s, want %s", got, want)
	}
}
