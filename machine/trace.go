package machine

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"emurun/emu"
	"emurun/emu/x86"
	"emurun/syscalls/kernel"
)

// TextTrace prints instructions in Intel syntax with the registers they change:
//
//	1000    0x401000 mov rax, 0x1                    rax=0x1
type TextTrace struct {
	w      *bufio.Writer
	before x86.Regs
	code   [15]byte
	n      int
}

// NewTextTrace returns a trace that writes to w; Close flushes it.
func NewTextTrace(w io.Writer) *TextTrace { return &TextTrace{w: bufio.NewWriterSize(w, 1<<16)} }

// Close writes out what is buffered.
func (tr *TextTrace) Close() error { return tr.w.Flush() }

// Before implements Tracer.
func (tr *TextTrace) Before(t *kernel.Thread, _ uint64) uint64 {
	tr.before = t.CPU.Regs()
	tr.n, _ = t.Proc.Mem.ReadAt(tr.code[:], tr.before.RIP)
	return 1
}

// After implements Tracer.
func (tr *TextTrace) After(t *kernel.Thread, exit emu.Exit) {
	fmt.Fprintf(tr.w, "%d %#14x %-40s", t.TID, tr.before.RIP, Disassemble(tr.code[:tr.n], tr.before.RIP))
	if exit == emu.ExitFault {
		fmt.Fprintf(tr.w, " %v", t.CPU.Exc)
	}
	after := t.CPU.Regs()
	changes(tr.w, &tr.before, &after)
	fmt.Fprintln(tr.w)
}

// Disassemble returns the text of the first instruction of code, in Intel syntax.
func Disassemble(code []byte, pc uint64) string {
	in, err := x86asm.Decode(code, 64)
	if err != nil || in.Op == 0 {
		return fmt.Sprintf("(bytes % x)", code)
	}
	return strings.ToLower(x86asm.IntelSyntax(in, pc, nil))
}

// regNames are the general-purpose registers by number.
var regNames = [16]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}

// changes prints the registers that differ, but for RIP.
func changes(w io.Writer, a, b *x86.Regs) {
	for i, name := range regNames {
		if a.GPR[i] != b.GPR[i] {
			fmt.Fprintf(w, " %s=%#x", name, b.GPR[i])
		}
	}
	if a.RFLAGS != b.RFLAGS {
		fmt.Fprintf(w, " rflags=%#x", uint64(b.RFLAGS))
	}
	for i := range a.XMM {
		if a.XMM[i] != b.XMM[i] {
			fmt.Fprintf(w, " xmm%d=%016x%016x", i, b.XMM[i].Hi, b.XMM[i].Lo)
		}
	}
	for i := range a.FPU.ST {
		if x := b.FPU.ST[i]; a.FPU.ST[i] != x {
			fmt.Fprintf(w, " r%d=%04x%016x", i, x.SE, x.Mant)
		}
	}
	for _, s := range []struct {
		name string
		a, b uint64
	}{
		{"mxcsr", uint64(a.MXCSR), uint64(b.MXCSR)}, {"fcw", uint64(a.FPU.CW), uint64(b.FPU.CW)}, {"fsw", uint64(a.FPU.SW), uint64(b.FPU.SW)},
		{"fs", a.FSBase, b.FSBase}, {"gs", a.GSBase, b.GSBase},
	} {
		if s.a != s.b {
			fmt.Fprintf(w, " %s=%#x", s.name, s.b)
		}
	}
}
