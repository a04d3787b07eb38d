package enginetest

import (
	"encoding/binary"
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// finish runs m in strides of budget to its system call and returns the steps.
func finish(t *testing.T, m *Machine, budget uint64) (steps uint64) {
	t.Helper()
	for {
		n, exit := m.Engine.Run(&m.CPU, budget)
		steps += n
		switch exit {
		case emu.ExitSyscall:
			return steps
		case emu.ExitFault:
			t.Fatalf("fault at %#x after %d steps: %v", m.RIP, steps, m.Exc)
		}
	}
}

// LongProgram returns a program of n instructions without a branch, run three times, and
// what it leaves in EAX.
func LongProgram(n int) (code []byte, eax uint32) {
	code = append(code, 0xb9, 3, 0, 0, 0) // mov ecx, 3
	top := len(code)
	for i := range n {
		code = append(code, 0x8d, 0x44, 0x40, byte(i&0x7f)) // lea eax, [rax+rax*2+i]
	}
	code = append(code, 0xff, 0xc9, 0x0f, 0x85) // dec ecx; jnz top
	code = binary.LittleEndian.AppendUint32(code, uint32(top-len(code)-4))
	code = append(code, 0x0f, 0x05) // syscall
	for range 3 {
		for i := range n {
			eax = eax*3 + uint32(i&0x7f)
		}
	}
	return code, eax
}

// testLongProgram runs a program that needs more room than a code cache has.
func testLongProgram(t *testing.T, engine func(*mem.Space) emu.Engine) {
	const n = 600_000
	code, want := LongProgram(n)
	m, err := NewMachine(engine)
	if err == nil {
		err = m.Map(codeBase, uint64(len(code)), mem.Read|mem.Write|mem.Exec)
	}
	if err == nil {
		_, err = m.Space.WriteAt(code, codeBase)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.RIP = codeBase
	steps := finish(t, m, 1<<40)
	if got := uint32(m.R[x86.RAX]); got != want || steps != 3*(n+2)+2 {
		t.Errorf("eax %#x after %d steps, want %#x after %d", got, steps, want, 3*(n+2)+2)
	}
}

// testRewritten generates a function again and again at the same place, as a JIT compiler
// that is short of room does, and calls it.
func testRewritten(t *testing.T, engine func(*mem.Space) emu.Engine) {
	const n = 300_000
	code := []byte{
		0xb9, 0, 0, 0, 0, // mov ecx, n
		0x89, 0x0d, 0xf6, 0x0f, 0, 0, // l: mov [rip+0xff6], ecx: the immediate at codeBase+0x1001
		0xe8, 0xf0, 0x0f, 0, 0, // call codeBase+0x1000
		0x48, 0x01, 0xc3, // add rbx, rax
		0xff, 0xc9, // dec ecx
		0x75, 0xee, // jnz l
		0x0f, 0x05, // syscall
	}
	binary.LittleEndian.PutUint32(code[1:], n)
	m := newCode(t, engine, code)
	if _, err := m.Space.WriteAt([]byte{0xb8, 0, 0, 0, 0, 0xc3}, codeBase+0x1000); err != nil { // mov eax, 0; ret
		t.Fatal(err)
	}
	steps := finish(t, m, 1<<40)
	if got, want := m.R[x86.RBX], uint64(n*(n+1)/2); got != want || steps != 7*n+2 {
		t.Errorf("sum %d after %d steps, want %d after %d", got, steps, want, 7*n+2)
	}
}

// BesideCode is a loop of n rounds that counts in the page of its code, at codeBase+0x800.
func BesideCode(n uint32) []byte {
	code := []byte{
		0xb9, 0, 0, 0, 0, // mov ecx, n
		0xff, 0x05, 0xf5, 0x07, 0, 0, // l: inc dword [rip+0x7f5]
		0xff, 0xc9, // dec ecx
		0x75, 0xf6, // jnz l
		0x0f, 0x05, // syscall
	}
	binary.LittleEndian.PutUint32(code[1:], n)
	return code
}

func testBesideCode(t *testing.T, engine func(*mem.Space) emu.Engine) {
	for _, budget := range []uint64{1, 3, 1 << 30} {
		m := newCode(t, engine, BesideCode(1000))
		steps := finish(t, m, budget)
		var b [4]byte
		_, _ = m.Space.ReadAt(b[:], codeBase+0x800)
		if got := binary.LittleEndian.Uint32(b[:]); got != 1000 || steps != 3002 {
			t.Errorf("budget %d: counted %d in %d steps, want 1000 in 3002", budget, got, steps)
		}
	}
}

const (
	execView  = 0x10000000 // where the tests of shared code see the object to execute it
	writeView = 0x20000000 // and to write it
)

// view maps an object.
func view(t *testing.T, m *Machine, o *mem.Object, at uint64, prot mem.Prot, flags mem.MapFlags) {
	t.Helper()
	if err := m.Space.Map(mem.Mapping{Start: at, End: at + o.Size(), Prot: prot, Flags: flags, Object: o}); err != nil {
		t.Fatal(err)
	}
}

// result runs the code at execView, "mov eax, n; syscall", and returns n.
func result(t *testing.T, m *Machine) uint64 {
	t.Helper()
	m.RIP = execView
	finish(t, m, 100)
	return m.R[x86.RAX]
}

// storeByte makes m's own code write v to a.
func storeByte(t *testing.T, m *Machine, a uint64, v byte) {
	t.Helper()
	m.RIP, m.R[x86.RDI], m.R[x86.RAX] = codeBase, a, uint64(v)
	finish(t, m, 100)
}

// testSharedCode executes a shared mapping that others write: another process, the same
// process at another address, write(2) on the file.
func testSharedCode(t *testing.T, engine func(*mem.Space) emu.Engine) {
	writer := []byte("\x88\x07\x0f\x05") // mov [rdi], al; syscall
	a := newCode(t, engine, writer)
	b, err := NewMachineIn(a.Space.Pool(), engine)
	if err == nil {
		err = b.Map(codeBase, mem.PageSize, mem.Read|mem.Write|mem.Exec)
	}
	if err == nil {
		_, err = b.Space.WriteAt(writer, codeBase)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := mem.NewObject(a.Space.Pool(), nil, mem.PageSize)
	if _, err := o.WriteAt([]byte{0xb8, 1, 0, 0, 0, 0x0f, 0x05}, 0); err != nil {
		t.Fatal(err)
	}
	view(t, a, o, execView, mem.Read|mem.Exec, mem.Shared)
	view(t, a, o, writeView, mem.Read|mem.Write, mem.Shared)
	view(t, b, o, writeView, mem.Read|mem.Write, mem.Shared)
	view(t, b, o, execView, mem.Read|mem.Exec, 0) // private, but not written: shows the object
	for i, step := range []struct {
		name  string
		write func(v byte)
	}{
		{"nobody", func(byte) {}},
		{"the other process", func(v byte) { storeByte(t, b, writeView+1, v) }},
		{"the other process again", func(v byte) { storeByte(t, b, writeView+1, v) }},
		{"another address", func(v byte) { storeByte(t, a, writeView+1, v) }},
		{"the file", func(v byte) { _, _ = o.WriteAt([]byte{v}, 1) }},
		{"the kernel", func(v byte) { _, _ = b.Space.WriteAt([]byte{v}, writeView+1) }},
	} {
		v := byte(i + 1)
		step.write(v)
		for name, m := range map[string]*Machine{"a": a, "b": b} { // order: any
			if got := result(t, m); got != uint64(v) {
				t.Errorf("%s wrote %d, %s executes %d", step.name, v, name, got)
			}
		}
	}
}

// testForkedCode: after a fork, code that the child changes is the parent's as it was.
func testForkedCode(t *testing.T, engine func(*mem.Space) emu.Engine) {
	a := newCode(t, engine, []byte("\x88\x07\x0f\x05")) // mov [rdi], al; syscall
	if err := a.Map(execView, mem.PageSize, mem.Read|mem.Write|mem.Exec); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Space.WriteAt([]byte{0xb8, 1, 0, 0, 0, 0x0f, 0x05}, execView); err != nil {
		t.Fatal(err)
	}
	result(t, a)
	b := &Machine{CPU: a.CPU, Space: a.Space.Fork()}
	b.Mem, b.Engine = b.Space, engine(b.Space)
	result(t, b)
	storeByte(t, b, execView+1, 2)
	if x, y := result(t, a), result(t, b); x != 1 || y != 2 {
		t.Errorf("parent %d, child %d; want 1, 2", x, y)
	}
	storeByte(t, a, execView+1, 3)
	if x, y := result(t, a), result(t, b); x != 3 || y != 2 {
		t.Errorf("parent %d, child %d; want 3, 2", x, y)
	}
}
