package trace_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu"
	"emurun/emu/interp"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/machine/trace/tracetest"
)

// faulty is an engine that does one thing wrong, behind the instruction at rip.
type faulty struct {
	emu.Engine
	rip  uint64
	harm func(c *emu.CPU)
}

// Run implements emu.Engine.
func (f *faulty) Run(c *emu.CPU, budget uint64) (uint64, emu.Exit) {
	at := c.RIP
	n, exit := f.Engine.Run(c, budget)
	if at == f.rip && n == 1 {
		f.harm(c)
	}
	return n, exit
}

// TestProse shows what a golden trace says of an engine that is wrong.
func TestProse(t *testing.T) {
	g := tracetest.Golden{Guest: "hello"}
	golden, err := os.ReadFile("testdata/golden/hello.trc")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		rip  uint64
		harm func(c *emu.CPU)
		want string
	}{
		{"register", 0x40202b, func(c *emu.CPU) { c.R[14]++ },
			"step 844, thread 1000, at 0x40202b `sub r14, rax`: R14 is 0xd, golden has 0xc; " +
				"the last system call was ioctl(1, TIOCGWINSZ, 0x7fffffffedb0) = -1 ENOTTY (Inappropriate ioctl for device) at step 817"},
		{"memory", 0x40103c, func(c *emu.CPU) { _ = c.Mem.PutUint8(c.R[4], 0x42) },
			"step 4, thread 1000, at 0x40103c `call 0x401050`: the word at 0x7fffffffee58 is 0x401042, golden has 0x401041"},
		{"flags", 0x401806, func(c *emu.CPU) { c.RFLAGS ^= x86.CF },
			"step 412, thread 1000, at 0x401806 `mov dword ptr [rbx+0x30], eax`: RFLAGS is 0x247, golden has 0x246; " +
				"the last system call was set_tid_address(0x405790) = 1000 at step 412"},
		{"argument", 0x401b2c, func(c *emu.CPU) { c.R[7] = 77 },
			"step 816, thread 1000, at 0x401b2c `syscall`: RDI is 0x4d, golden has 0x1; the last system call was set_tid_address(0x405790) = 1000 at step 412"},
		{"jump", 0x40103c, func(c *emu.CPU) { c.RIP += 5 },
			"step 4, thread 1000, at 0x40103c `call 0x401050`: it goes on at 0x401055, golden at 0x401050"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine := func(s *mem.Space) emu.Engine { return &faulty{interp.New(s), tt.rip, tt.harm} }
			got, err := tracetest.Record(guests, g, engine)
			if err != nil {
				t.Fatal(err)
			}
			text, _, _ := strings.Cut(tracetest.Diff(got, golden), "\n")
			if diff := cmp.Diff(tt.want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// wild is an engine that does something wrong once where it runs more than one
// instruction, as translated code may.
type wild struct {
	emu.Engine
	step uint64 // from which on
	harm func(c *emu.CPU)
}

// Run implements emu.Engine.
func (w *wild) Run(c *emu.CPU, budget uint64) (uint64, emu.Exit) {
	n, exit := w.Engine.Run(c, budget)
	if n > 1 && c.StepLimit-budget+n > w.step && exit == emu.ExitBudget && w.harm != nil {
		w.harm(c)
		w.harm = nil
	}
	return n, exit
}

// TestFollow shows what is said of an engine that is right in single steps and wrong in blocks.
func TestFollow(t *testing.T) {
	g := tracetest.Golden{Guest: "smc"}
	golden, err := os.ReadFile("testdata/golden/smc.trc")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, want string
		harm       func(c *emu.CPU)
	}{
		{"register", "steps 3000 to 3072, thread 1000: RBX is 0x405028, golden has 0x405029", func(c *emu.CPU) { c.R[3] ^= 1 }},
		{"memory", "step 3072: registers are the same, the hash of memory and registers differs: a write in the steps 2048 to 3072 is wrong",
			func(c *emu.CPU) { _ = c.Mem.PutUint8(c.R[4]-4096, 0x42) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine := func(s *mem.Space) emu.Engine { return &wild{interp.New(s), 3000, tt.harm} }
			got, err := tracetest.Record(guests, g, engine)
			if err != nil {
				t.Fatal(err)
			}
			if text := tracetest.Diff(got, golden); text != "" {
				t.Errorf("in single steps: %s", text)
			}
			err = tracetest.Follow(guests, g, engine, golden, 100)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
