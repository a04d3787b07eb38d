package kernel

import (
	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/vfs"
)

// Process is a thread group with what its threads share, clone(2).
type Process struct {
	PID     int32
	PGID    int32
	Parent  *Process // nil: the virtual init
	Session *Session

	Mem    *mem.Space
	Engine emu.Engine
	FDs    *FDTable
	FS     *FSContext
	Cred   Cred
	mm     *addressSpace
	k      *Kernel

	threads  []*Thread // the leader first, then by age
	children []*Process
	state    procState

	actions    *sigActions
	pending    sigQueue  // signals for the process as a whole
	SigQueue   vfs.Queue // woken when a signal arrives: signalfd(2)
	childQueue vfs.Queue // woken when a child changes state: wait(2)
	exitQueue  vfs.Queue // woken when the process ends: pidfd_open(2)
	exitSignal abi.Signal

	// Job control. stopping: a stop signal was taken, threads stop as they come
	// by; stopped: all have.
	stopping, stopped bool
	stopSignal        abi.Signal
	report            childReport // what WUNTRACED or WCONTINUED has not fetched yet

	exiting    bool // exit_group(2) or a fatal signal has begun
	exitStatus int32

	steps, childSteps uint64 // retired by this process; by its waited-for children
	start             int64  // clock at creation
	realTimer         intervalTimer
	cpuTimers         [numCPUTimers]cpuTimer
	posixTimers       []*posixTimer
	cpuPosix          int32 // how many of them count CPU time
	nextTimerID       int32

	Limits       [abi.RLIM_NLIMITS]abi.Rlimit
	Nice         int32
	Dumpable     int32
	Personality  uint32
	TimerSlackNs uint64
	Subreaper    bool
	execed       bool // since it was forked: setpgid(2) by the parent is EACCES
	vforkParent  *Thread
	vforkQueue   vfs.Queue
	Membarrier   uint32 // what the process registered for
	exe          Executable
	Auxv         []byte // /proc/PID/auxv
}

// procState is a process's place in its life.
type procState uint8

const (
	alive procState = iota
	zombie
	reaped
)

// childReport is a state change of a child that its parent has not fetched.
type childReport uint8

const (
	reportNone childReport = iota
	reportStopped
	reportContinued
)

// addressSpace counts the processes that share a Space, CLONE_VM.
type addressSpace struct {
	k      *Kernel
	space  *mem.Space
	engine emu.Engine
	refs   int32
}

// Kernel returns the machine the process lives in.
func (p *Process) Kernel() *Kernel { return p.k }

// PPID returns the parent's process ID: 1 for the first process and orphans.
func (p *Process) PPID() int32 {
	if p.Parent == nil {
		return 1
	}
	return p.Parent.PID
}

// Threads returns the living threads, the leader first if it lives.
func (p *Process) Threads() []*Thread { return p.threads }

// Children returns the living and dead children by age.
func (p *Process) Children() []*Process { return p.children }

// Leader returns the thread group leader, or nil if it has exited.
func (p *Process) Leader() *Thread { return p.thread(p.PID) }

// Zombie reports whether the process has ended and waits to be waited for.
func (p *Process) Zombie() bool { return p.state == zombie }

// Stopped reports whether job control has stopped the process.
func (p *Process) Stopped() bool { return p.stopped }

// Steps returns the instructions that the process's threads retired.
func (p *Process) Steps() uint64 { return p.steps }

// ChildSteps returns what the waited-for children retired.
func (p *Process) ChildSteps() uint64 { return p.childSteps }

// Start returns the time of Now at which the process began.
func (p *Process) Start() int64 { return p.start }

// PendingSignals returns the set of signals pending for the whole process.
func (p *Process) PendingSignals() uint64 { return p.pending.set }

// SignalSets returns which signals are ignored and which have a handler.
func (p *Process) SignalSets() (ignored, caught uint64) {
	for s := abi.Signal(1); s <= abi.SIGMAX; s++ {
		switch p.actions.act[s].Handler {
		case abi.SIG_DFL:
		case abi.SIG_IGN:
			ignored |= s.Bit()
		default:
			caught |= s.Bit()
		}
	}
	return ignored, caught
}

func (p *Process) thread(tid int32) *Thread {
	for _, t := range p.threads {
		if t.TID == tid {
			return t
		}
	}
	return nil
}

// SharesSignals reports whether p and q share their dispositions, CLONE_SIGHAND.
func (p *Process) SharesSignals(q *Process) bool { return p.actions == q.actions }

// DefaultTimerSlack is the timer slack of a new program, prctl(2), in ns.
const DefaultTimerSlack = 50_000
