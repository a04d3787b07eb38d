package interp

import "emurun/emu/x86"

// nop implements NOP and the hints and fences that do nothing here.
func nop() {}

// xlat implements XLATB: AL = [RBX + AL].
func xlat(c *CPU, op *Op) bool {
	v, ok := load[uint8](c, segmented(c, op, c.R[x86.RBX]+c.R[x86.RAX]&0xff))
	if ok {
		setReg(c, x86.RAX, v)
	}
	return ok
}

// clflush implements CLFLUSH, which is a read here.
func clflush(v uint8) {}

// setPair writes v to EDX:EAX.
func setPair(c *CPU, v uint64) {
	c.R[x86.RAX], c.R[x86.RDX] = v&0xffffffff, v>>32
}

// stepsNow is the machine's step count before op.
func stepsNow(c *CPU, op *Op) uint64 {
	return c.StepLimit - uint64(c.Budget) - uint64(op.left)
}

// rdtsc implements RDTSC. The time stamp is the machine's step count.
func rdtsc(c *CPU, op *Op) bool {
	setPair(c, stepsNow(c, op))
	return true
}

// rdtscp implements RDTSCP, with processor 0 in ECX.
func rdtscp(c *CPU, op *Op) bool {
	setPair(c, stepsNow(c, op))
	c.R[x86.RCX] = 0
	return true
}

// xgetbv implements XGETBV: XCR0 has the x87 and SSE states.
func xgetbv(c *CPU, op *Op) bool {
	if c.R[x86.RCX]&0xffffffff != 0 {
		return fault(c, x86.VecGP, 0)
	}
	setPair(c, x86.XCR0)
	return true
}

// syscall implements SYSCALL: RCX = RIP, R11 = RFLAGS. The kernel does the rest.
func syscall(c *CPU, op *Op) bool {
	c.R[x86.RCX], c.R[x86.R11] = op.next, uint64(allFlags(c)&^x86.RF)
	c.RIP = op.next
	return true
}
