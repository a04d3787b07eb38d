package kernel

import (
	"emurun/abi"
	"emurun/emu"
	"emurun/emu/x86"
	"emurun/vfs"
	"emurun/vfs/anon"
)

// Thread is a guest thread, clone(2).
type Thread struct {
	TID  int32
	Proc *Process
	CPU  *emu.CPU
	k    *Kernel

	state   threadState
	call    call
	restart restartBlock
	wait    waitState
	quantum uint64 // steps left of its turn
	steps   uint64 // retired
	queued  bool   // in the run queue
	listed  bool   // while thawing: a process has it

	SigMask     uint64
	savedMask   uint64 // to be restored once the call in progress is over
	restoreMask bool
	sigWait     uint64 // signals that sigtimedwait(2) waits for
	pending     sigQueue
	altStack    abi.StackT
	trap        trapInfo

	comm         string // at most 15 bytes
	clearTID     uint64 // CLONE_CHILD_CLEARTID
	robustHead   uint64
	robustLen    uint64
	rseq         rseqArea
	futex        futexWait
	PdeathSignal abi.Signal // PR_SET_PDEATHSIG
	Policy       int32      // sched(7): kept, but without effect
	Priority     int32
	switches     uint64      // voluntary context switches
	preemptions  uint64      // involuntary ones
	vfs          vfs.Context // of the call in progress
}

// threadState says whether the scheduler may choose a thread.
type threadState uint8

const (
	runnable threadState = iota
	parked
	stopped
	dead
)

// trapInfo is what a signal frame tells of the last CPU exception.
type trapInfo struct {
	vector, code uint64
	addr         uint64
}

// call is the system call in progress: from SYSCALL until the return to user code.
type call struct {
	active  bool
	waiting bool // parked: the handler is to run again
	again   bool // the handler has run before
	nr      uint64
	args    [6]uint64
	errno   abi.Errno // an ERESTART… result that the return to user code resolves

	timed    bool // deadline is set
	realtime bool // it is a time of CLOCK_REALTIME
	deadline int64
	done     uint64 // bytes already moved, or another mark of progress
	items    uint64 // whole messages already moved, recvmmsg(2)

	files  heldFiles
	polled []*vfs.OpenFile // see HoldPolled
	fifo   *anon.Pipe      // whose other end open(2) waits for
}

// restartBlock is what restart_syscall(2) goes on with.
type restartBlock struct {
	valid bool
	call  call
}

// Kernel returns the machine the thread lives in.
func (t *Thread) Kernel() *Kernel { return t.k }

// Comm returns the thread's name, PR_GET_NAME.
func (t *Thread) Comm() string { return t.comm }

// SetComm sets the thread's name, cut to 15 bytes.
func (t *Thread) SetComm(s string) { t.comm = s[:min(len(s), 15)] }

// Steps returns the instructions that the thread retired.
func (t *Thread) Steps() uint64 { return t.steps }

// Switches returns the voluntary and involuntary context switches.
func (t *Thread) Switches() (voluntary, involuntary uint64) { return t.switches, t.preemptions }

// PendingSignals returns the set of signals pending for the thread alone.
func (t *Thread) PendingSignals() uint64 { return t.pending.set }

// StateLetter returns the state as /proc/PID/stat shows it.
func (t *Thread) StateLetter() byte {
	switch t.state {
	case parked:
		return 'S'
	case stopped:
		return 'T'
	case dead:
		return 'Z'
	}
	return 'R'
}

// AltStack returns the alternate signal stack, sigaltstack(2).
func (t *Thread) AltStack() abi.StackT { return t.altStack }

// onAltStack reports whether sp is on the alternate signal stack.
func (t *Thread) onAltStack(sp uint64) bool {
	a := &t.altStack
	return a.Flags&abi.SS_AUTODISARM == 0 && sp > a.SP && sp-a.SP <= a.Size
}

// SetAltStack implements the setting half of sigaltstack(2).
func (t *Thread) SetAltStack(s abi.StackT) error {
	if t.onAltStack(t.CPU.R[x86.RSP]) {
		return abi.EPERM
	}
	switch s.Flags &^ abi.SS_AUTODISARM {
	case abi.SS_DISABLE:
		s.SP, s.Size = 0, 0
	case 0, abi.SS_ONSTACK:
		if s.Size < abi.MINSIGSTKSZ {
			return abi.ENOMEM
		}
	default:
		return abi.EINVAL
	}
	t.altStack = s
	return nil
}

// AltStackOut returns what sigaltstack(2) reports.
func (t *Thread) AltStackOut() abi.StackT {
	s := t.altStack
	flags := s.Flags & abi.SS_AUTODISARM
	switch {
	case s.Size == 0:
		flags |= abi.SS_DISABLE
	case t.onAltStack(t.CPU.R[x86.RSP]):
		flags |= abi.SS_ONSTACK
	}
	s.Flags = flags
	return s
}

// SetClearTID implements set_tid_address(2).
func (t *Thread) SetClearTID(addr uint64) { t.clearTID = addr }

// ClearTID returns what set_tid_address(2) or CLONE_CHILD_CLEARTID set.
func (t *Thread) ClearTID() uint64 { return t.clearTID }
