package checkpoint_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"

	"emurun/checkpoint/freezetest"
	"emurun/emu/x86"
	"emurun/machine"
	"emurun/machine/inspect"
)

// stoppedAt runs a guest up to a step and calls do with its machine.
func stoppedAt(t *testing.T, guest string, step uint64, do func(m *machine.Machine)) {
	t.Helper()
	bin, err := filepath.Abs("../testbins/bin/" + guest)
	if err != nil {
		t.Fatal(err)
	}
	freezetest.With(t, freezetest.Program{Argv: []string{bin}}, &onestep{at: step}, func(m *machine.Machine) {
		if _, err := m.Run(); err != errStep {
			t.Fatal(err)
		}
		do(m)
	})
}

// TestCore: a core file has the memory and the registers of the process, as debug/elf reads it.
func TestCore(t *testing.T) {
	stoppedAt(t, "threads", 200_000, func(m *machine.Machine) {
		p := m.Kernel.Processes()[0]
		var b bytes.Buffer
		if err := inspect.WriteCore(&b, p); err != nil {
			t.Fatal(err)
		}
		f, err := elf.NewFile(bytes.NewReader(b.Bytes()))
		if err != nil || f.Type != elf.ET_CORE || f.Machine != elf.EM_X86_64 {
			t.Fatalf("it is %v, error %v", f, err)
		}
		threads := 0
		for _, h := range f.Progs {
			content := make([]byte, h.Filesz)
			if _, err := h.ReadAt(content, 0); err != nil {
				t.Fatalf("segment at %#x: %v", h.Vaddr, err)
			}
			if h.Type == elf.PT_NOTE {
				threads = checkThreads(t, m, content)
				continue
			}
			want := make([]byte, h.Filesz)
			if n, err := p.Mem.ReadAt(want, h.Vaddr); err == nil && !bytes.Equal(want, content) {
				t.Errorf("segment at %#x: other bytes among %d", h.Vaddr, n)
			}
		}
		if want := len(p.Threads()); threads != want || want < 2 {
			t.Errorf("%d threads, the process has %d", threads, want)
		}
	})
}

// checkThreads compares the notes NT_PRSTATUS with the threads, and returns how many there are.
func checkThreads(t *testing.T, m *machine.Machine, notes []byte) (n int) {
	t.Helper()
	const rip, rsp, fsBase = 112 + 8*16, 112 + 8*19, 112 + 8*21 // in struct elf_prstatus
	le := binary.LittleEndian
	for len(notes) >= 12 {
		size, kind := le.Uint32(notes[4:]), le.Uint32(notes[8:])
		desc := notes[20 : 20+size]
		notes = notes[20+(size+3)&^3:]
		if kind != 1 {
			continue
		}
		n++
		th := m.Kernel.Thread(int32(le.Uint32(desc[32:])))
		if th == nil {
			t.Fatalf("there is no thread %d", le.Uint32(desc[32:]))
		}
		r := th.CPU.Regs()
		for name, at := range map[string]struct {
			off  int
			want uint64
		}{"rip": {rip, r.RIP}, "rsp": {rsp, r.GPR[x86.RSP]}, "fs_base": {fsBase, r.FSBase}} {
			if got := le.Uint64(desc[at.off:]); got != at.want {
				t.Errorf("thread %d: %s is %#x, in the machine %#x", th.TID, name, got, at.want)
			}
		}
	}
	return n
}

// TestInspectDiff: a view differs from itself in nothing, and from a later one in what has changed.
func TestInspectDiff(t *testing.T) {
	var early, late *inspect.View
	stoppedAt(t, "threads", 2000, func(m *machine.Machine) { early = inspect.Of(m) })
	stoppedAt(t, "threads", 200_000, func(m *machine.Machine) { late = inspect.Of(m) })
	if d := inspect.Diff(late, late); len(d) > 0 {
		t.Errorf("it differs from itself: %q", d)
	}
	text := strings.Join(inspect.Diff(early, late), "\n")
	for _, want := range []string{"step: 2000, then 200000", "thread 1000, rip: ", "thread 1008 is new"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
