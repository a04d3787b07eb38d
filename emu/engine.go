package emu

// Exit says why a run ended.
type Exit uint8

const (
	// ExitBudget: the budget is used up; RIP is the next instruction.
	ExitBudget Exit = iota
	// ExitSyscall: SYSCALL retired; RCX, R11 and RIP are as the SDM says.
	ExitSyscall
	// ExitFault: CPU.Exc says what; RIP is the faulting instruction and nothing of
	// it has happened (a trap such as INT3 or single step: RIP is behind it).
	ExitFault
)

// Engine executes the instructions of CPUs that share one address space.
type Engine interface {
	// Run retires at most budget instructions of c and returns how many it
	// retired and why it stopped. A faulting instruction does not retire.
	Run(c *CPU, budget uint64) (retired uint64, exit Exit)
}
