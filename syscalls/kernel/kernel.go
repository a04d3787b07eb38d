package kernel

import (
	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/vfs"
	"emurun/vfs/anon"
	"emurun/vfs/lock"
	"emurun/vfs/socket"
)

// FirstPID is the process ID of the first program: high enough to look like a
// PID of a running system, and the same in every run.
const FirstPID = 1000

// PIDMax is the number after the last process ID, /proc/sys/kernel/pid_max.
const PIDMax = 4194304

// bootNs is what CLOCK_MONOTONIC reads when the machine boots. Not 0, which
// programs take for "not set".
const bootNs = 1e9

// Config is what a machine is made of; it does not change while it runs.
type Config struct {
	Seed      uint64 // of the random numbers programs get
	EpochNs   int64  // real time at boot, ns since 1970
	NsPerStep int64  // default 1
	Quantum   uint64 // steps a thread runs before the next one's turn; default 50,000
	Hostname  string // default "emurun"
	Level     int    // level of the CPU model: 2 is x86-64-v2
	HWCAP     uint64 // CPUID.1:EDX, AT_HWCAP
	Memory    uint64 // bytes of memory programs believe the machine has; default 4 GiB

	Pool      *mem.Pool
	NS        *vfs.Namespace
	NewEngine func(*mem.Space) emu.Engine

	// Exiting, if set, sees each process's last thread before its memory goes.
	Exiting func(t *Thread, status int32)
	// Taking, if set, sees each signal that a thread takes.
	Taking func(t *Thread, info *abi.Siginfo)
}

// Kernel is all processes of one machine with their clock and scheduler.
type Kernel struct {
	cfg Config

	steps  uint64 // instructions retired
	skipNs int64  // time that passed while every thread waited
	timers timerHeap
	seq    uint64 // orders timers and parked threads

	procs   []*Process // by PID, ascending; zombies too
	root    *Process
	lastPID int32

	runq    []*Thread // runnable threads, the next first; the current one is not in it
	current *Thread

	futexes map[futexKey]*futexQueue // never ranged over
	random  uint64                   // state of the random number generator
	boot    bootID

	rootStatus int32
	rootDone   bool
	caches     []*fileCache // of files that were mapped, by age
	hostname   string
	domainname string

	Shm   ShmTable   // System V shared memory
	Anon  anon.State // pipes and other files without a name
	Locks lock.Table // advisory file locks
	Net   socket.Net // addresses of sockets

	checkpoint checkpointState
	cancelable []*Timerfd // that TFD_TIMER_CANCEL_ON_SET watches the clock for, by age

	wanted  bool        // see TakeCheckpointRequest
	thawed  *thawedFrom // nil unless the machine was thawed
	scratch []byte      // see Scratch
}

// bootID is the random part of names that must not repeat between machines.
type bootID struct{ hi, lo uint64 }

// New returns a machine without processes.
func New(c Config) *Kernel {
	if c.NsPerStep == 0 {
		c.NsPerStep = 1
	}
	if c.Quantum == 0 {
		c.Quantum = 50_000
	}
	if c.HWCAP == 0 {
		_, _, _, edx := x86.CPUID(x86.LevelV2, 1, 0)
		c.HWCAP = uint64(edx)
	}
	if c.Hostname == "" {
		c.Hostname = "emurun"
	}
	if c.Memory == 0 {
		c.Memory = 4 << 30
	}
	k := &Kernel{
		cfg:        c,
		lastPID:    FirstPID - 1,
		futexes:    map[futexKey]*futexQueue{},
		random:     c.Seed,
		hostname:   c.Hostname,
		domainname: "(none)",
	}
	k.boot = bootID{k.rand64(), k.rand64()}
	return k
}

// Config returns what the machine is made of.
func (k *Kernel) Config() *Config { return &k.cfg }

// Steps returns the number of instructions retired so far.
func (k *Kernel) Steps() uint64 { return k.steps }

// Hostname returns the node name of uname(2).
func (k *Kernel) Hostname() string { return k.hostname }

// Current returns the thread whose turn it is, or nil between turns.
func (k *Kernel) Current() *Thread { return k.current }

// Processes returns all processes, zombies too, by ascending PID.
func (k *Kernel) Processes() []*Process { return k.procs }

// Process returns the process with the given PID, or nil.
func (k *Kernel) Process(pid int32) *Process {
	if i, ok := k.findProc(pid); ok {
		return k.procs[i]
	}
	return nil
}

// Thread returns the living thread with the given TID, or nil.
func (k *Kernel) Thread(tid int32) *Thread {
	if p := k.Process(tid); p != nil {
		if t := p.thread(tid); t != nil {
			return t
		}
	}
	for _, p := range k.procs {
		if t := p.thread(tid); t != nil {
			return t
		}
	}
	return nil
}

// RootStatus returns the wait status of the first process once it has ended.
func (k *Kernel) RootStatus() (status int32, ended bool) { return k.rootStatus, k.rootDone }

// findProc returns where pid is, or belongs, in procs.
func (k *Kernel) findProc(pid int32) (int, bool) {
	lo, hi := 0, len(k.procs)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if k.procs[m].PID < pid {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < len(k.procs) && k.procs[lo].PID == pid
}

// newID returns a free process or thread ID: the next in a row, as Linux does it.
func (k *Kernel) newID() int32 {
	for {
		k.lastPID++
		if k.lastPID >= PIDMax {
			k.lastPID = 300 // RESERVED_PIDS: Linux never reuses lower ones
		}
		if !k.idInUse(k.lastPID) {
			return k.lastPID
		}
	}
}

// idInUse reports whether id names a process, thread, group or session.
func (k *Kernel) idInUse(id int32) bool {
	if k.Thread(id) != nil {
		return true
	}
	for _, p := range k.procs {
		if p.PID == id || p.PGID == id || p.Session.SID == id {
			return true
		}
	}
	return false
}

// SetHostname implements sethostname(2).
func (k *Kernel) SetHostname(s string) { k.hostname = s }

// Domainname returns the domain name of uname(2).
func (k *Kernel) Domainname() string { return k.domainname }

// SetDomainname implements setdomainname(2).
func (k *Kernel) SetDomainname(s string) { k.domainname = s }

// MemoryInfo returns how much memory the machine has and how much is free.
func (k *Kernel) MemoryInfo() (total, free uint64) {
	total = k.cfg.Memory
	return total, total - min(total, k.cfg.Pool.Used())
}
