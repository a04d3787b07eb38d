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

// alias is a second, writable view of the code page.
const alias = 0x7fff_0000_0000

// NewRunner makes the address space and its engine.
func NewRunner(newEngine func(*mem.Space) emu.Engine) (*Runner, error) {
	pool := mem.NewPool(64 << 20)
	s := mem.NewSpace(pool)
	code := mem.NewObject(pool, nil, hostcpu.PageSize)
	for _, m := range []mem.Mapping{
		{Start: hostcpu.CodeAddr, End: hostcpu.CodeAddr + hostcpu.PageSize, Prot: mem.Read | mem.Exec, Flags: mem.Shared, Object: code},
		{Start: alias, End: alias + hostcpu.PageSize, Prot: mem.Read | mem.Write, Flags: mem.Shared, Object: code},
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
	if _, err := s.WriteAt(page[:], alias); err != nil {
		return nil, err
	}
	return &Runner{engine: newEngine(s), space: s}, nil
}

// Run executes one instruction of the case and returns the state after it.
func (r *Runner) Run(c *hostcpu.Case) (hostcpu.State, *x86.Exception, error) {
	out := hostcpu.State{}
	var code [hostcpu.CodeSize]byte
	for i := copy(code[:], c.Code); i < len(code); i++ {
		code[i] = 0xcc
	}
	if _, err := r.space.WriteAt(code[:], alias+hostcpu.EntryAddr-hostcpu.CodeAddr); err != nil {
		return out, nil, err
	}
	if err := r.space.Zero(hostcpu.DataAddr, hostcpu.DataSize); err != nil {
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
