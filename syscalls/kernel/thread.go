package kernel

import (
	"emurun/abi"
	"emurun/emu"
	"emurun/vfs"
)

// Thread is a guest thread, clone(2).
type Thread struct {
	TID  int32
	Proc *Process
	CPU  *emu.CPU

	// SigMask, pending signals, alternate stack, robust list, clear_child_tid,
	// rseq area, scheduling state, restart block… (see thread_*.go)

	wait waitState
}

// waitState is what must survive between parking and running again.
type waitState struct {
	deadline int64 // absolute time in ns, or Forever
	queues   []*vfs.Queue
	woken    bool
	done     uint64 // bytes already moved by the call being restarted
}

// Forever is the deadline of a wait without a time limit.
const Forever int64 = 1<<63 - 1

// errPark is what Park returns: the dispatcher sees it, leaves RIP at the
// SYSCALL instruction and suspends the thread. No program ever sees it.
var errPark error = abi.ERESTARTSYS

// Park suspends the thread until one of the queues is woken, the absolute
// deadline (ns since the machine's epoch base) passes, or a signal arrives. A
// handler returns its result at once, changing nothing else, and is run again from
// its first line afterwards:
//
//	return 0, t.Park(deadline, f.Queue())
func (t *Thread) Park(deadline int64, queues ...*vfs.Queue) error {
	t.wait.deadline = deadline
	t.wait.queues = queues
	for _, q := range queues {
		q.Add(t)
	}
	return errPark
}

// Wake implements vfs.Waiter.
func (t *Thread) Wake() { t.wait.woken = true }
