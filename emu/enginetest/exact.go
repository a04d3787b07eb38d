package enginetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// pair is a machine that runs in strides and one that makes single steps.
type pair struct {
	tb   testing.TB
	a, b *Machine
	rnd  *rand.Rand
	step uint64
}

func newPair(tb testing.TB, seed uint64, load func() *Machine) *pair {
	return &pair{tb: tb, a: load(), b: load(), rnd: rand.New(rand.NewPCG(seed, 1))}
}

// stride runs a for a random number of steps of at most n, b for as many one by one, and
// compares. It returns how they stopped.
func (p *pair) stride(n int) emu.Exit {
	p.tb.Helper()
	budget := uint64(1 + p.rnd.IntN(n))
	p.a.StepLimit, p.b.StepLimit = p.step+budget, p.step+1
	retired, exit := p.a.Engine.Run(&p.a.CPU, budget)
	if retired > budget || exit == emu.ExitBudget && retired != budget {
		p.tb.Fatalf("step %d: retired %d of %d, exit %d", p.step, retired, budget, exit)
	}
	last := emu.ExitBudget
	for i := uint64(0); i < retired; i++ {
		var one uint64
		if one, last = p.b.Engine.Run(&p.b.CPU, 1); one != 1 {
			p.tb.Fatalf("step %d: single step retired %d, exit %d, %v", p.step+i, one, last, p.b.Exc)
		}
		p.b.StepLimit++
	}
	if exit == emu.ExitFault && last != emu.ExitFault {
		var one uint64
		if one, last = p.b.Engine.Run(&p.b.CPU, 1); one != 0 {
			p.tb.Fatalf("step %d: stride faults (%v), single step does not", p.step+retired, p.a.Exc)
		}
	}
	p.step += retired
	if exit != last {
		p.tb.Fatalf("step %d: exit %d, single steps %d", p.step, exit, last)
	}
	p.compare(exit)
	return exit
}

// compare fails if the two differ.
func (p *pair) compare(exit emu.Exit) {
	p.tb.Helper()
	if got, want := p.a.Regs(), p.b.Regs(); got != want {
		p.tb.Fatalf("step %d: registers differ%s", p.step, diffRegs(&got, &want))
	}
	if exit == emu.ExitFault && p.a.Exc != p.b.Exc {
		p.tb.Fatalf("step %d: %v, single steps %v", p.step, p.a.Exc, p.b.Exc)
	}
}

// diffRegs names the registers that differ.
func diffRegs(a, b *x86.Regs) string {
	s := ""
	for i := range a.GPR {
		if a.GPR[i] != b.GPR[i] {
			s += fmt.Sprintf("; r%d %#x, single steps %#x", i, a.GPR[i], b.GPR[i])
		}
	}
	if a.RIP != b.RIP || a.RFLAGS != b.RFLAGS {
		s += fmt.Sprintf("; rip %#x rflags %#x, single steps %#x %#x", a.RIP, a.RFLAGS, b.RIP, b.RFLAGS)
	}
	for i := range a.XMM {
		if a.XMM[i] != b.XMM[i] {
			s += fmt.Sprintf("; xmm%d %#x, single steps %#x", i, a.XMM[i], b.XMM[i])
		}
	}
	return s
}

// compareMemory fails if the pages of the two differ.
func (p *pair) compareMemory() {
	p.tb.Helper()
	var x, y [mem.PageSize]byte
	for m := range p.a.Space.Mappings() {
		for a := m.Start; a < m.End; a += mem.PageSize {
			if !p.a.Space.InMemory(a) && !p.b.Space.InMemory(a) {
				continue
			}
			_, err := p.a.Space.ReadAt(x[:], a)
			_, err2 := p.b.Space.ReadAt(y[:], a)
			if err != nil || err2 != nil || x != y {
				p.tb.Fatalf("page %#x differs (%v, %v)", a, err, err2)
			}
		}
	}
}

// strides are the largest strides that a test uses in turn.
var strides = []int{8, 100, 200, 2000, 3000, 5000}

// testBudgets compares random budgets with single steps.
func testBudgets(t *testing.T, engine func(*mem.Space) emu.Engine, name string, limit uint64) {
	p := newPair(t, 1, func() *Machine { return newKernel(t, engine, name) })
	for i := 0; p.step < limit; i++ {
		if p.stride(strides[i%len(strides)]) != emu.ExitBudget {
			break
		}
	}
	p.compareMemory()
}

// testFaults takes a page away at each stop and gives it back after the fault.
func testFaults(t *testing.T, engine func(*mem.Space) emu.Engine, name string, limit uint64) {
	p := newPair(t, 2, func() *Machine { return newKernel(t, engine, name) })
	faults := 0
	for i := 0; p.step < limit; i++ {
		page := p.victim()
		p.protect(page, 0)
		exit := p.stride(strides[i%len(strides)])
		p.protect(page, mem.Read|mem.Write|mem.Exec)
		if exit == emu.ExitSyscall {
			break
		}
		if exit == emu.ExitFault {
			faults++
			if v := p.a.Exc.Vector; v != x86.VecPF || p.a.Exc.Addr&^mem.PageMask != page {
				t.Fatalf("step %d: %v, page %#x is away", p.step, p.a.Exc, page)
			}
			p.stride(20) // past the access, or the next fault may be the same
		}
	}
	p.compareMemory()
	t.Logf("%d faults in %d steps", faults, p.step)
}

// victim is a page that the program probably uses soon.
func (p *pair) victim() uint64 {
	var list []uint64
	for _, r := range append(p.a.R[:16:16], p.a.RIP) {
		if p.a.Space.MappingAt(r) != nil {
			list = append(list, r&^mem.PageMask)
		}
	}
	return list[p.rnd.IntN(len(list))]
}

func (p *pair) protect(page uint64, prot mem.Prot) {
	for _, m := range []*Machine{p.a, p.b} {
		if err := m.Space.Protect(page, page+mem.PageSize, prot); err != nil {
			p.tb.Fatal(err)
		}
	}
}
