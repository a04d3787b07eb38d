package optest

import (
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"emurun/emu/x86"
	"emurun/internal/hostcpu"
)

// Equal reports whether two masked results are the same.
func (c *Case) Equal(a, b hostcpu.State, excA, excB *x86.Exception) bool {
	excA, excB = clone(excA), clone(excB)
	c.Mask(&a, excA)
	c.Mask(&b, excB)
	same := excA == excB || excA != nil && excB != nil && *excA == *excB
	return same && a == b
}

// Diff describes the case, and what differs between the real CPU (want) and the
// engine (got): a line for each register, the state before it first.
func (c *Case) Diff(want, got hostcpu.State, excWant, excGot *x86.Exception) string {
	excWant, excGot = clone(excWant), clone(excGot)
	c.Mask(&want, excWant)
	c.Mask(&got, excGot)
	var s strings.Builder
	fmt.Fprintf(&s, "%s: % x  %s\n", c.Form.Name(), c.Code, disassemble(c.Code))
	if c.HasAddr {
		fmt.Fprintf(&s, "  memory operand at %#x: % x\n", c.Addr, c.memory(&c.In))
	}
	fmt.Fprintf(&s, "  exception want %v, got %v\n", text(excWant), text(excGot))
	in, a, b := lines(&c.In), lines(&want), lines(&got)
	for i := range a {
		name, before, _ := strings.Cut(in[i], " ")
		w, g := strings.TrimPrefix(a[i], name+" "), strings.TrimPrefix(b[i], name+" ")
		switch {
		case w != g:
			fmt.Fprintf(&s, "  %-7s before %s\n          want   %s\n          got    %s\n", name, before, w, g)
		case c.interesting(name):
			fmt.Fprintf(&s, "  %-7s before %s after %s\n", name, before, w)
		}
	}
	shown := 0
	for i := range want.Mem {
		if want.Mem[i] != got.Mem[i] {
			if shown++; shown > 16 {
				s.WriteString("  …\n")
				break
			}
			fmt.Fprintf(&s, "  [%#x] before %02x want %02x got %02x\n", memAddr(i), c.In.Mem[i], want.Mem[i], got.Mem[i])
		}
	}
	return s.String()
}

// clone copies an exception, so that masking leaves the original alone.
func clone(e *x86.Exception) *x86.Exception {
	if e == nil {
		return nil
	}
	c := *e
	return &c
}

// interesting says which registers are shown though they are as expected.
func (c *Case) interesting(name string) bool {
	switch name {
	case "RFLAGS", "RAX", "RCX", "RDX":
		return true
	case "MXCSR":
		return c.Form.Row.Feature != ""
	case "CW", "SW", "TAG":
		return c.Form.Row.File == "x87"
	case fmt.Sprintf("XMM%d", c.Reg), fmt.Sprintf("XMM%d", c.RM):
		return strings.HasPrefix(c.Form.Row.File, "sse")
	}
	return c.Form.Row.File == "x87" && strings.HasPrefix(name, "ST")
}

// memory is the content of the memory operand.
func (c *Case) memory(s *hostcpu.State) []byte {
	p := make([]byte, min(c.Size, 32))
	for i := range p {
		if at := memIndex(c.Addr + uint64(i)); at >= 0 {
			p[i] = s.Mem[at]
		}
	}
	return p
}

func memAddr(i int) uint64 {
	for _, w := range hostcpu.Windows {
		if i < w.Size {
			return w.Addr + uint64(i)
		}
		i -= w.Size
	}
	return 0
}

func text(e *x86.Exception) string {
	if e == nil {
		return "none"
	}
	return e.String()
}

func disassemble(code []byte) string {
	in, err := x86asm.Decode(code, 64)
	if err != nil || in.Op == 0 {
		return "(unknown to x86asm)"
	}
	return x86asm.IntelSyntax(in, hostcpu.EntryAddr, nil)
}

var gprName = [16]string{
	"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
	"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
}

// lines lists a state, a register a line.
func lines(s *hostcpu.State) []string {
	var l []string
	put := func(format string, a ...any) { l = append(l, fmt.Sprintf(format, a...)) }
	for i, v := range s.GPR {
		put("%s %#x", gprName[i], v)
	}
	put("RIP %#x", s.RIP)
	put("RFLAGS %#x%s", uint64(s.RFLAGS), flagNames(s.RFLAGS))
	put("FSBASE %#x", s.FSBase)
	put("GSBASE %#x", s.GSBase)
	put("MXCSR %#x", s.MXCSR)
	for i, v := range s.XMM {
		put("XMM%d %016x.%016x", i, v.Hi, v.Lo)
	}
	put("CW %#x", s.FPU.CW)
	put("SW %#x", s.FPU.SW)
	put("TAG %08b", s.FPU.Tag)
	top := int(s.FPU.SW >> 11 & 7)
	for i := range s.FPU.ST {
		st := s.FPU.ST[(top+i)&7]
		put("ST%d %04x.%016x", i, st.SE, st.Mant)
	}
	return l
}

func flagNames(f x86.Flags) string {
	s := ""
	for _, n := range []struct {
		f x86.Flags
		s string
	}{{x86.OF, "OF"}, {x86.DF, "DF"}, {x86.SF, "SF"}, {x86.ZF, "ZF"}, {x86.AF, "AF"}, {x86.PF, "PF"}, {x86.CF, "CF"}} {
		if f&n.f != 0 {
			s += " " + n.s
		}
	}
	return s
}
