package optest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"emurun/emu/decode"
	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// ParseLine reads a case for people, "bytes | before | after", and returns the text of
// after beside it. Before is registers, and memory as @address=bytes, all in hexadecimal;
// what it does not name is as in a new process: zero, mostly. A line need not have after.
func ParseLine(rows []isa.Row, line string) (*Case, string, error) {
	part := strings.SplitN(line, "|", 3)
	if len(part) < 2 {
		return nil, "", fmt.Errorf("%q: want bytes | before | after", line)
	}
	code, err := hex.DecodeString(strings.TrimSpace(part[0]))
	if err != nil {
		return nil, "", fmt.Errorf("%q: %w", line, err)
	}
	var in decode.Inst
	if err := decode.Decode(code, &in); err != nil || int(in.Len) != len(code) {
		return nil, "", fmt.Errorf("%q: not one instruction (%v)", line, err)
	}
	c := &Case{
		Case: hostcpu.Case{Code: code, In: hostcpu.NewState()},
		Form: &Form{Row: &rows[in.Row-1], Mem: in.IsMem, OpSize: in.OpSize},
		Reg:  in.Reg, RM: in.RM, Imm: uint64(in.Imm),
	}
	for _, word := range strings.Fields(part[1]) {
		if err := set(&c.In, word); err != nil {
			return nil, "", fmt.Errorf("%q: %q: %w", line, word, err)
		}
	}
	if len(part) < 3 {
		return c, "", nil
	}
	return c, strings.TrimSpace(part[2]), nil
}

// set puts one word of a line into s.
func set(s *hostcpu.State, word string) error {
	name, text, _ := strings.Cut(word, "=")
	if at, ok := strings.CutPrefix(name, "@"); ok {
		return setMemory(s, at, text)
	}
	if n, ok := strings.CutPrefix(name, "xmm"); ok {
		return setXMM(s, n, text)
	}
	v, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return err
	}
	switch name {
	case "rflags":
		s.RFLAGS = x86.Flags(v) | x86.FixedFlags
		return nil
	case "mxcsr":
		s.MXCSR = uint32(v)
		return nil
	}
	for i, n := range gprName {
		if strings.EqualFold(n, name) {
			s.GPR[i] = v
			return nil
		}
	}
	return fmt.Errorf("no such register")
}

// setXMM sets an XMM register from its 32 digits, bit 127 first.
func setXMM(s *hostcpu.State, number, text string) error {
	n, err := strconv.ParseUint(number, 10, 4)
	if err != nil {
		return err
	}
	_, err = fmt.Sscanf(text, "%016x%016x", &s.XMM[n].Hi, &s.XMM[n].Lo)
	return err
}

func setMemory(s *hostcpu.State, at, text string) error {
	a, err := strconv.ParseUint(at, 16, 64)
	if err != nil {
		return err
	}
	p, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	for i, b := range p {
		k := memIndex(a + uint64(i))
		if k < 0 {
			return fmt.Errorf("outside of hostcpu.Windows")
		}
		s.Mem[k] = b
	}
	return nil
}

// After describes the state after the case as a line does: registers that are not as in
// a new process, without undefined flags; memory that changed; the exception; and RIP, as
// a distance from the instruction, where it is neither the next one nor, after a fault,
// the same.
func (c *Case) After(s *hostcpu.State, exc *x86.Exception) string {
	m, exc := *s, clone(exc)
	c.Mask(&m, exc)
	var out []string
	put := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	rip := uint64(hostcpu.EntryAddr + len(c.Code))
	if exc != nil {
		put("%v", exc)
		rip = hostcpu.EntryAddr
	}
	if m.RIP != rip {
		put("rip%+d", int64(m.RIP-hostcpu.EntryAddr))
	}
	for i, v := range m.GPR {
		if v != 0 {
			put("%s=%x", strings.ToLower(gprName[i]), v)
		}
	}
	if f := m.RFLAGS &^ x86.FixedFlags; f != 0 {
		put("rflags=%x", uint64(f))
	}
	if m.MXCSR != x86.InitMXCSR {
		put("mxcsr=%x", m.MXCSR)
	}
	for i, v := range m.XMM {
		if v != (x86.XMM{}) {
			put("xmm%d=%016x%016x", i, v.Hi, v.Lo)
		}
	}
	return strings.Join(append(out, c.written(&m)...), " ")
}

// written lists the runs of bytes that the case changed.
func (c *Case) written(s *hostcpu.State) []string {
	var out []string
	for i := 0; i < len(s.Mem); i++ {
		n := i
		for n < len(s.Mem) && s.Mem[n] != c.In.Mem[n] && memAddr(n) == memAddr(i)+uint64(n-i) {
			n++
		}
		if n > i {
			out = append(out, fmt.Sprintf("@%x=%x", memAddr(i), s.Mem[i:n]))
			i = n - 1
		}
	}
	return out
}
