package interp

import (
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// Two engines of one library: the second uses the blocks of the first, but not where
// its memory has other code.
func TestLibrary(t *testing.T) {
	const at = 0x10000
	lib := NewLibrary()
	pool := mem.NewPool(1 << 20)
	run := func(imm byte) (emu.Engine, uint64) {
		s := mem.NewSpace(pool)
		if err := s.Map(mem.Mapping{Start: at, End: at + mem.PageSize, Prot: mem.Read | mem.Write | mem.Exec}); err != nil {
			t.Fatal(err)
		}
		code := []byte{0xb8, imm, 0, 0, 0, 0x0f, 0x05} // mov $imm, %eax; syscall
		if _, err := s.WriteAt(code, at); err != nil {
			t.Fatal(err)
		}
		e := lib.New(s)
		c := &CPU{RIP: at, Mem: s}
		if n, exit := e.Run(c, 100); n != 2 || exit != emu.ExitSyscall {
			t.Fatalf("retired %d, exit %d", n, exit)
		}
		return e, c.R[x86.RAX]
	}
	run(1)
	for _, imm := range []byte{2, 2, 3, 2} {
		if _, got := run(imm); got != uint64(imm) {
			t.Errorf("got %d, want %d", got, imm)
		}
	}
	if len(lib.blocks) == 0 {
		t.Error("nothing is shared")
	}
}

// The engine of a space that is gone serves the next one, and knows nothing of the first.
func TestEngineReuse(t *testing.T) {
	const at = 0x10000
	lib := NewLibrary()
	pool := mem.NewPool(1 << 20)
	var first emu.Engine
	for i, imm := range []byte{1, 2, 2, 3} {
		s := mem.NewSpace(pool)
		if err := s.Map(mem.Mapping{Start: at, End: at + mem.PageSize, Prot: mem.Read | mem.Write | mem.Exec}); err != nil {
			t.Fatal(err)
		}
		// mov $imm, %eax; 1: dec %eax; jne 1b; syscall
		code := []byte{0xb8, imm, 0, 0, 0, 0xff, 0xc8, 0x75, 0xfc, 0x0f, 0x05}
		if _, err := s.WriteAt(code, at); err != nil {
			t.Fatal(err)
		}
		e := lib.New(s)
		if i == 0 {
			first = e
		} else if e != first {
			t.Errorf("space %d has an engine of its own", i)
		}
		c := &CPU{RIP: at, Mem: s}
		if n, exit := e.Run(c, 100); n != 2+2*uint64(imm) || exit != emu.ExitSyscall {
			t.Fatalf("retired %d, exit %d", n, exit)
		}
		s.Release()
	}
}
