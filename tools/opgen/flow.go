package main

import (
	"fmt"
	"strings"
)

// The cases of control transfer are written here, because a jump to another block is not a
// function of values.

const gotoTaken = `nb_ := op.tb
if nb_ == nil { nb_ = e.link(c, &op.tb, op.t) }
if c.Budget < nb_.n { return e.leave(c, &op.tb, op.t) }
c.Budget -= nb_.n
op = nb_.first
continue
`

const gotoNext = `nb_ := op.nb
if nb_ == nil { nb_ = e.link(c, &op.nb, op.next) }
if c.Budget < nb_.n { return e.leave(c, &op.nb, op.next) }
c.Budget -= nb_.n
op = nb_.first
continue
`

const gotoAddress = `nb_ := e.jumps[(t_^t_>>12)&(jumpSlots-1)]
if nb_.pc != t_ { nb_ = e.lookup(c, t_) }
if c.Budget < nb_.n { c.RIP = t_; return exitLeave }
c.Budget -= nb_.n
op = nb_.first
continue
`

// checkTarget is #GP at the branch itself where the target is not canonical.
const checkTarget = "if t_>>47 != 0 && !canonical(t_) { fault(c, x86.VecGP, 0); goto fault }\n"

// checkCall is checkTarget of a call, whose push may fault first.
const checkCall = "if t_>>47 != 0 && !canonical(t_) {\nif _, ok_ := modify[uint64](c, c.R[4]-8); ok_ { fault(c, x86.VecGP, 0) }\ngoto fault }\n"

const address = "a_ := c.R[op.base&31] + c.R[op.index&31]<<(op.scale&3) + op.disp\n"

// flowCase adds a case that the translator knows by name.
func (g *generator) flowCase(name, body string) {
	g.flowNames = append(g.flowNames, name)
	g.newCase(name, body)
}

// flowCases makes the named cases, which come first.
func (g *generator) flowCases() {
	push := "s_ := c.R[4] - 8\n" + storeInline("op.next", "uint64", "s_", "goto fault") + "\nc.R[4] = s_\n"
	load := address + "var t_ uint64\n" + loadInline("t_", "uint64", "a_", "goto fault") + "\n"
	pop := "s_ := c.R[4]\nvar t_ uint64\n" + loadInline("t_", "uint64", "s_", "goto fault") + "\n"
	g.flowCase("opMissing", "fault(c, x86.VecUD, 0)\ngoto fault")
	g.flowCase("opCold", "if !coldTable[op.fn](c, op) { goto fault }\n"+next+"\ncontinue")
	g.flowCase("opColdEnd", "if !coldTable[op.fn](c, op) { goto fault }\nif c.RFLAGS&x86.TF != 0 { return exitLeave }\nt_ := c.RIP\n"+gotoAddress)
	g.flowCase("opSyscall", "if !coldTable[op.fn](c, op) { goto fault }\nreturn exitSyscall")
	g.flowCase("opNop", next+"\ncontinue")
	g.flowCase("opAddr32", "c.R[19] = uint64(uint32(c.R[op.base&31]+c.R[op.index&31]<<(op.scale&3)+op.disp)) + c.R[op.ext&31]\n"+next+"\ncontinue")
	g.flowCase("opAddrSeg", "c.R[19] = c.R[op.base&31] + c.R[op.index&31]<<(op.scale&3) + op.disp + c.R[op.ext&31]\n"+next+"\ncontinue")
	g.flowCase("opJmp", gotoTaken)
	g.flowCase("opJmpInd", "t_ := c.R[op.rm&31]\n"+checkTarget+gotoAddress)
	g.flowCase("opJmpIndMem", load+checkTarget+gotoAddress)
	g.flowCase("opCall", push+gotoTaken)
	g.flowCase("opCallInd", "t_ := c.R[op.rm&31]\n"+checkCall+push+gotoAddress)
	g.flowCase("opCallIndMem", load+checkCall+push+gotoAddress)
	g.flowCase("opRet", pop+checkTarget+"c.R[4] = s_ + 8\n"+gotoAddress)
	g.flowCase("opRetImm", pop+checkTarget+"c.R[4] = s_ + 8 + op.imm&0xffff\n"+gotoAddress)
	g.flowCase("opJcc", "if condition(c, op.ext) {\n"+gotoTaken+"}\n"+gotoNext)
	g.flowNames = append(g.flowNames, "opJccSpec")
	g.condTable(func(expr string) string { return "if " + expr + " {\n" + gotoTaken + "}\n" + gotoNext }, "jcc")
}

// flowConstants declares the codes of the named cases.
func (g *generator) flowConstants() string {
	var b strings.Builder
	b.WriteString("// The cases that the translator names.\nconst (\n")
	for i, n := range g.flowNames {
		fmt.Fprintf(&b, "\t%s = %d\n", n, i)
	}
	b.WriteString(")\n\n")
	return b.String()
}

const switchHead = `import (
	"math/bits"
	"unsafe"

	"emurun/emu/internal/fp"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// run executes cells from op until the budget does not cover the next block, a fault or a
// system call. The budget has paid for the block of op.
func (e *Engine) run(c *CPU, op *Op) exitCode {
	space := c.Mem
	if e == nil || space == nil { // never; it saves the nil checks below
		return exitFault
	}
	for {
		switch op.code {
`

const switchTail = `		}
	}
fault:
	return e.fault(c, op)
}
`
