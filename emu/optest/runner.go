package optest

import (
	"fmt"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/internal/hostcpu"
)

// Runner runs cases on an engine, in the address space that hostcpu gives them.
type Runner struct {
	engine emu.Engine
	space  *mem.Space
	cpu    emu.CPU
}

// NewRunner makes the address space and its engine.
func NewRunner(newEngine func(*mem.Space) emu.Engine) (*Runner, error) {
	s := mem.NewSpace(mem.NewPool(64 << 20))
	for _, m := range []mem.Mapping{
		// Writable, so that the code can be put there; no case writes to it.
		{Start: hostcpu.CodeAddr, End: hostcpu.CodeAddr + hostcpu.PageSize, Prot: mem.Read | mem.Write | mem.Exec},
		{Start: hostcpu.DataAddr, End: hostcpu.DataAddr + hostcpu.DataSize, Prot: mem.Read | mem.Write},
		{Start: hostcpu.ROAddr, End: hostcpu.ROAddr + hostcpu.PageSize, Prot: mem.Read | mem.Write},
	} {
		if err := s.Map(m); err != nil {
			return nil, err
		}
	}
	var page [hostcpu.PageSize]byte
	for i := range page {
		page[i] = hostcpu.ROByte(i)
	}
	if _, err := s.WriteAt(page[:], hostcpu.ROAddr); err != nil {
		return nil, err
	}
	if err := s.Protect(hostcpu.ROAddr, hostcpu.ROAddr+hostcpu.PageSize, mem.Read); err != nil {
		return nil, err
	}
	for i := range page {
		page[i] = 0xcc
	}
	if _, err := s.WriteAt(page[:], hostcpu.CodeAddr); err != nil {
		return nil, err
	}
	return &Runner{engine: newEngine(s), space: s}, nil
}

// Run executes one instruction of the case and returns the state after it.
func (r *Runner) Run(c *hostcpu.Case) (hostcpu.State, *x86.Exception, error) {
	out := hostcpu.State{}
	if _, err := r.space.WriteAt(c.Code, hostcpu.EntryAddr); err != nil {
		return out, nil, err
	}
	at := 0
	for _, w := range hostcpu.Windows {
		if _, err := r.space.WriteAt(c.In.Mem[at:at+w.Size], w.Addr); err != nil {
			return out, nil, err
		}
		at += w.Size
	}
	r.cpu.Mem = r.space
	r.cpu.SetRegs(&c.In.Regs)
	r.cpu.RIP = hostcpu.EntryAddr
	n, exit := r.engine.Run(&r.cpu, 1)
	out.Regs = r.cpu.Regs()
	at = 0
	for _, w := range hostcpu.Windows {
		if _, err := r.space.ReadAt(out.Mem[at:at+w.Size], w.Addr); err != nil {
			return out, nil, err
		}
		at += w.Size
	}
	switch {
	case exit == emu.ExitFault:
		exc := r.cpu.Exc
		return out, &exc, nil
	case exit != emu.ExitBudget || n != 1:
		return out, nil, fmt.Errorf("exit %d after %d instructions", exit, n)
	}
	return out, nil, nil
}
