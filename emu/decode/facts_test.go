package decode_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"emurun/emu/decode"
	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// access is what a row says of one instruction: bit i of gpr is register i.
type access struct {
	gprRead, gprWritten, xmmWritten uint16
	memWritten                      bool
}

// accessOf collects the operands of in.
func accessOf(r *isa.Row, in *decode.Inst) access {
	var a access
	for _, o := range r.Operands {
		if n, ok := gprOf(o, in); ok {
			// A write of part of a register keeps the rest, so it reads too.
			part := bytesOf(o.Size, in) < 4 || r.Has(isa.Keep64)
			if o.Role.Reads() || part {
				a.gprRead |= 1 << n
			}
			if o.Role.Writes() {
				a.gprWritten |= 1 << n
			}
		}
		if n, ok := xmmOf(o, in); ok && o.Role.Writes() {
			a.xmmWritten |= 1 << n
		}
		if o.Kind.IsMemory() && (o.Role.Writes() || o.Role == isa.RoleAddress) && (in.IsMem || !o.Kind.InRM()) {
			a.memWritten = true
		}
	}
	for _, m := range r.Implicit {
		a.implicit(m, in.OpSize == 2)
	}
	for _, n := range []uint8{in.Base, in.Index} {
		if n != decode.None {
			a.gprRead |= 1 << n
		}
	}
	return a
}

// implicitReg are the registers that implicit operands name.
var implicitReg = map[string]uint{
	"rax": 0, "ax": 0, "al": 0, "ah": 0, "rcx": 1, "rdx": 2, "rbx": 3, "rsp": 4, "rbp": 5, "rsi": 6, "rdi": 7, "r11": 11,
}

// implicit takes in an implicit operand; with part the rest of a register is kept.
func (a *access) implicit(m isa.Implicit, part bool) {
	if m.Reg == "xmm0" {
		a.xmmWritten |= 1
		return
	}
	bit := uint16(1) << implicitReg[m.Reg]
	if m.Memory || m.Role.Reads() || part || len(m.Reg) == 2 {
		a.gprRead |= bit
	}
	if m.Memory {
		a.memWritten = a.memWritten || m.Role.Writes()
	} else if m.Role.Writes() {
		a.gprWritten |= bit
	}
}

// gprOf returns the general register that an operand is.
func gprOf(o isa.Operand, in *decode.Inst) (n uint8, ok bool) {
	switch o.Kind {
	case isa.KindE, isa.KindR:
		n, ok = in.RM, !in.IsMem
	case isa.KindZ:
		n, ok = in.RM, true
	case isa.KindG:
		n, ok = in.Reg, true
	case isa.KindReg:
		n, ok = o.Reg, true
	}
	if bytesOf(o.Size, in) == 1 && !in.Rex && n >= 4 {
		n -= 4 // AH to BH
	}
	return n, ok
}

// xmmOf returns the XMM register that an operand is.
func xmmOf(o isa.Operand, in *decode.Inst) (n uint8, ok bool) {
	switch o.Kind {
	case isa.KindV:
		return in.Reg, true
	case isa.KindW, isa.KindU:
		return in.RM, !in.IsMem
	}
	return 0, o.Kind == isa.KindXMM0
}

// randomState returns a state with pointers into the data pages in half of the
// registers, and random values, flags and memory elsewhere.
func randomState(rng *rand.Rand) hostcpu.State {
	s := hostcpu.NewState()
	for i := range s.GPR {
		s.GPR[i] = hostcpu.MidAddr + 256 + rng.Uint64N(32)*16
		if rng.IntN(3) == 0 {
			s.GPR[i] = rng.Uint64() >> rng.UintN(64)
		}
		s.XMM[i] = x86.XMM{Lo: rng.Uint64(), Hi: rng.Uint64()}
	}
	s.RFLAGS |= x86.Flags(rng.Uint64()) & x86.StatusFlags
	for i := range s.Mem {
		s.Mem[i] = byte(rng.Uint32())
	}
	return s
}

// address returns the effective address.
func address(in *decode.Inst, s *hostcpu.State) uint64 {
	a := uint64(in.Disp)
	if in.RIPRel {
		a += hostcpu.EntryAddr + uint64(in.Len)
	}
	if in.Base != decode.None {
		a += s.GPR[in.Base]
	}
	if in.Index != decode.None {
		a += s.GPR[in.Index] << in.Scale
	}
	if in.AddrSize == 4 {
		a = uint64(uint32(a))
	}
	return a
}

// inWindow reports whether an operand at a is in memory that each case sets anew.
func inWindow(a uint64) bool { return a-hostcpu.MidAddr < hostcpu.MidSize-64 }

// otherResults are rows whose results have nothing to do with the state.
var otherResults = []string{"RDTSC", "RDTSCP", "CPUID", "XGETBV"}

// TestHostFacts checks what the rows say of operands, roles and flags on the real
// CPU: only what is written changes, and what is not read has no influence.
func TestHostFacts(t *testing.T) {
	h := hostCPU(t)
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 400))
	var cases []hostcpu.Case
	var insts []decode.Inst
	for i := range rows {
		r := &rows[i]
		if unsafeOnHost(r) || r.Has(isa.Priv) || slices.Contains(otherResults, r.Mnemonic) {
			continue
		}
		for _, s := range samples(t, rng, r) {
			first := hostcpu.Case{Code: s.code[:s.in.Len], In: randomState(rng)}
			if s.in.IsMem && !inWindow(address(&s.in, &first.In)) {
				continue
			}
			second := first
			a := accessOf(r, &s.in)
			second.In.RFLAGS ^= x86.Flags(rng.Uint64()) & x86.StatusFlags &^ r.Flags.Read
			for n := range second.In.GPR {
				if a.gprRead>>n&1 == 0 {
					second.In.GPR[n] = rng.Uint64()
				}
			}
			cases = append(cases, first, first, second)
			insts = append(insts, s.in)
		}
	}
	if err := h.Run(cases); err != nil {
		t.Fatal(err)
	}
	bad, ended := findings{}, 0
	for i := range insts {
		c, again, d := &cases[3*i], &cases[3*i+1], &cases[3*i+2]
		if c.Exc != nil || c.Out != again.Out {
			continue // it uses memory that keeps what was written
		}
		ended++
		r := &rows[insts[i].Row-1]
		a := accessOf(r, &insts[i])
		for _, diff := range []string{written(r, a, c), influenced(r, a, c, d)} {
			if diff != "" {
				bad[r.Name+": "+diff]++
			}
		}
	}
	t.Logf("%d instructions, %d of them without an exception", len(insts), ended)
	if len(bad) > 0 {
		bad.report(t, "differences")
		t.Fail()
	}
}

// written returns what changed though the row does not say so.
func written(r *isa.Row, a access, c *hostcpu.Case) string {
	for n := range c.In.GPR {
		if c.In.GPR[n] != c.Out.GPR[n] && a.gprWritten>>n&1 == 0 {
			return fmt.Sprintf("writes register %d", n)
		}
		if c.In.XMM[n] != c.Out.XMM[n] && a.xmmWritten>>n&1 == 0 {
			return fmt.Sprintf("writes XMM%d", n)
		}
	}
	if d := (c.In.RFLAGS ^ c.Out.RFLAGS) & (x86.StatusFlags | x86.DF); d&^r.Flags.AllWritten() != 0 {
		return fmt.Sprintf("writes flags %#x", uint64(d&^r.Flags.AllWritten()))
	}
	if c.In.Mem != c.Out.Mem && !a.memWritten {
		return "writes memory"
	}
	x87 := r.Has(isa.X87 | isa.MMX)
	restores := r.Feature == "FXSR" || r.File == "xsave" || r.Mnemonic == "LDMXCSR"
	if c.In.FPU != c.Out.FPU && !x87 && !restores {
		return "writes x87 state"
	}
	if c.In.MXCSR != c.Out.MXCSR && !r.Has(isa.FP) && !restores {
		return "writes MXCSR"
	}
	return ""
}

// influenced compares two runs that differ in what the row does not read.
func influenced(r *isa.Row, a access, c, d *hostcpu.Case) string {
	if d.Exc != nil {
		return fmt.Sprintf("%v when what is not read changes", d.Exc)
	}
	for n := range c.Out.GPR {
		if a.gprWritten>>n&1 == 1 && c.Out.GPR[n] != d.Out.GPR[n] {
			return fmt.Sprintf("register %d depends on what is not read", n)
		}
	}
	if c.Out.XMM != d.Out.XMM || c.Out.Mem != d.Out.Mem {
		return "XMM or memory depends on what is not read"
	}
	defined := r.Flags.Write &^ (r.Flags.UndefNot1 | r.Flags.UndefBig) & x86.StatusFlags
	if !r.Flags.WriteCond && (c.Out.RFLAGS^d.Out.RFLAGS)&defined != 0 {
		return "flags depend on what is not read"
	}
	return ""
}
