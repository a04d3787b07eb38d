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
