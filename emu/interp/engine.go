package interp

import (
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// Engine interprets the CPUs of one address space.
type Engine struct {
	cache
	space    *mem.Space
	library  *Library
	dropped  bool         // a store met translated code, which was dropped; it is to be retried
	stepping bool         // one instruction runs with TF set
	scratch  [maxCells]Op // the block that uses up a budget
}

// exitCode says why the switch was left.
type exitCode uint8

const (
	exitLeave   exitCode = iota // RIP is the next instruction; its block is not there or too long
	exitSyscall                 // SYSCALL retired
	exitFault                   // CPU.Exc is set
)

// New returns the engine of space, which shares nothing with others, and makes it the
// watcher of its code.
func New(space *mem.Space) emu.Engine { return NewLibrary().New(space) }

// Run implements emu.Engine.
func (e *Engine) Run(c *CPU, budget uint64) (retired uint64, exit emu.Exit) {
	budget = min(budget, droppedLen-1)
	c.Budget = int64(budget)
	c.R[regZero] = 0
	e.dropped = false
	exit = e.loop(c)
	c.RFLAGS, c.FlagKind = allFlags(c), kExact
	return budget - uint64(c.Budget), exit
}

// loop enters blocks until something stops the run.
func (e *Engine) loop(c *CPU) emu.Exit {
	for c.Budget > 0 {
		if c.RFLAGS&x86.TF != 0 && !e.stepping {
			return e.step(c)
		}
		var first *Op
		if e.dropped { // the store that met its own code runs in a block of its own
			e.dropped = false
			first = e.remainder(c, 1)
		} else {
			first = e.enter(c)
		}
		if first == nil {
			return emu.ExitFault
		}
		switch e.run(c, first) {
		case exitSyscall:
			return emu.ExitSyscall
		case exitFault:
			if !e.dropped {
				return emu.ExitFault
			}
		}
	}
	return emu.ExitBudget
}

// step executes one instruction with TF set, and then raises the debug trap.
func (e *Engine) step(c *CPU) emu.Exit {
	rest := c.Budget - 1
	c.Budget, c.StepLimit = 1, c.StepLimit-uint64(rest)
	e.stepping = true
	exit := e.loop(c)
	e.stepping = false
	c.Budget, c.StepLimit = c.Budget+rest, c.StepLimit+uint64(rest)
	if exit == emu.ExitBudget {
		c.Exc = x86.Exception{Vector: x86.VecDB}
		exit = emu.ExitFault
	}
	return exit
}

// enter pays for the block at RIP and returns its first cell, or nil after a fault. If
// the budget does not cover the block, the block is as long as that.
func (e *Engine) enter(c *CPU) *Op {
	b := e.blocks.get(c.RIP)
	if b == nil {
		if b = e.translate(c, c.RIP); b == nil {
			return nil
		}
	}
	if b.n > c.Budget {
		return e.remainder(c, c.Budget)
	}
	e.jumps[jumpSlot(b.pc)] = b
	c.Budget -= b.n
	return b.first
}

// remainder pays for exactly n instructions at RIP, or fewer if a block ends before.
func (e *Engine) remainder(c *CPU, n int64) *Op {
	t := translator{c: c, cells: e.scratch[:], pc: c.RIP, limit: int(min(n, maxBlock))}
	if !t.block() {
		return nil
	}
	c.Budget -= int64(t.n)
	return &e.scratch[0]
}

// translate makes the block at pc and keeps it, or returns nil with the exception.
func (e *Engine) translate(c *CPU, pc uint64) *block {
	if e.used > maxCacheOp {
		e.reset()
	}
	cells := e.reserve()
	if known := e.library.find(c, pc); known != nil {
		return e.keep(block{n: int64(known.n), pc: pc, end: pc + uint64(len(known.code))}, copy(cells, known.cells))
	}
	t := translator{c: c, cells: cells, pc: pc, limit: maxBlock}
	if !t.block() {
		return nil
	}
	used := t.cells[:len(t.cells)-len(t.free)]
	e.library.keep(c, pc, t.pc, used, t.n)
	return e.keep(block{n: int64(t.n), pc: pc, end: t.pc}, len(used))
}

// keep watches the code of b and adds it to the cache.
func (e *Engine) keep(b block, cells int) *block {
	e.space.Watch(b.pc)
	if (b.end-1)>>mem.PageShift != b.pc>>mem.PageShift {
		e.space.Watch(b.end - 1)
	}
	return e.add(b, cells)
}

// lookup returns the block at pc for an indirect jump that its table does not know; noBlock
// if it cannot be fetched.
func (e *Engine) lookup(c *CPU, pc uint64) *block {
	b := e.blocks.get(pc)
	if b == nil {
		if b = e.translate(c, pc); b == nil {
			return noBlock
		}
	}
	e.jumps[jumpSlot(pc)] = b
	return b
}

// link chains a direct jump to the block at pc.
func (e *Engine) link(c *CPU, to **block, pc uint64) *block {
	b := e.lookup(c, pc)
	if b != noBlock {
		*to = b
	}
	return b
}

// leave ends a run at pc because the budget does not cover the block there.
func (e *Engine) leave(c *CPU, to **block, pc uint64) exitCode {
	if *to != nil && (*to).n == droppedLen {
		*to = nil
	}
	c.RIP = pc
	return exitLeave
}

// fault ends a run at op, giving back what the block paid for from there on. A trap has
// retired.
func (e *Engine) fault(c *CPU, op *Op) exitCode {
	c.RIP = op.next - uint64(op.len)
	c.Budget += int64(op.left)
	if e.dropped {
		return exitFault
	}
	switch c.Exc.Vector {
	case x86.VecBP, x86.VecDB, x86.VecOF:
		c.RIP = op.next
		c.Budget--
	case x86.VecGP:
		if c.Exc.Addr != 0 && stackAccess(c, op, c.Exc.Addr) {
			c.Exc.Vector = x86.VecSS
		}
		c.Exc.Addr = 0
	}
	return exitFault
}

// stackAccess reports whether the access of op to a, which is not canonical, was to the
// stack segment: through RSP or RBP, or implicit beside another memory operand.
func stackAccess(c *CPU, op *Op, a uint64) bool {
	switch {
	case op.pfx&pfxStack == 0:
		return false
	case op.pfx&pfxMem == 0 || a-ea(c, op) >= 16:
		return true
	}
	return op.pfx&(pfxFS|pfxGS) == 0 && (op.base == x86.RSP || op.base == x86.RBP)
}

// canonical reports whether bits 63 to 47 of a are equal.
func canonical(a uint64) bool { return int64(a<<16)>>16 == int64(a) }

// Written implements mem.Watcher.
func (e *Engine) Written(a uint64, n int) bool {
	page := a >> mem.PageShift
	dropped, left := e.dropRange(page, a, a+uint64(n))
	if !left {
		e.space.Unwatch(a)
	}
	e.dropped = e.dropped || dropped
	return dropped
}

// Gone implements mem.Watcher.
func (e *Engine) Gone(lo, hi uint64) {
	first, last := lo>>mem.PageShift, (hi-1)>>mem.PageShift
	if last-first > uint64(len(e.pages)) {
		e.reset() // rare and large: munmap of much, exit
		return
	}
	for page := first; page <= last; page++ {
		e.dropRange(page, lo, hi)
	}
}
