package kernel

import (
	"slices"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// CloneArgs is what clone3(2) takes; clone, fork and vfork fill it in.
type CloneArgs struct {
	Flags      uint64
	PIDFD      uint64
	ChildTID   uint64
	ParentTID  uint64
	ExitSignal uint64
	Stack      uint64 // the initial stack pointer; 0 keeps the parent's
	TLS        uint64
}

// check refuses combinations that clone(2) refuses.
func (a *CloneArgs) check() error {
	f := a.Flags
	switch {
	case f&abi.CLONE_THREAD != 0 && f&abi.CLONE_SIGHAND == 0,
		f&abi.CLONE_SIGHAND != 0 && f&abi.CLONE_VM == 0,
		f&(abi.CLONE_NEWNS|abi.CLONE_FS) == abi.CLONE_NEWNS|abi.CLONE_FS,
		f&abi.CLONE_SIGHAND != 0 && f&abi.CLONE_CLEAR_SIGHAND != 0,
		f&abi.CLONE_PIDFD != 0 && f&abi.CLONE_DETACHED != 0,
		a.ExitSignal > uint64(abi.SIGMAX):
		return abi.EINVAL
	case f&(abi.CLONE_NEWNS|abi.CLONE_NEWUTS|abi.CLONE_NEWIPC|abi.CLONE_NEWUSER|
		abi.CLONE_NEWPID|abi.CLONE_NEWNET|abi.CLONE_NEWCGROUP|abi.CLONE_NEWTIME) != 0:
		return abi.EPERM // no name spaces
	}
	return nil
}

// Clone makes a new thread or process and returns it. It does not wait for a
// vfork(2) child: the caller does, with WaitVfork.
func (t *Thread) Clone(a *CloneArgs) (*Thread, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	k := t.k
	if err := k.admit(t.Proc, a.memory(t.Proc)); err != nil {
		return nil, err
	}
	var c *Thread
	if a.Flags&abi.CLONE_THREAD != 0 {
		c = t.newThread()
	} else {
		c = t.newProcess(a)
	}
	c.TID = k.newID()
	if a.Flags&abi.CLONE_THREAD == 0 {
		c.Proc.PID = c.TID
		k.addProcess(c.Proc)
	}
	c.Proc.threads = append(c.Proc.threads, c)
	t.copyRegs(c, a)
	if a.Flags&abi.CLONE_CHILD_CLEARTID != 0 {
		c.clearTID = a.ChildTID
	}
	if a.Flags&abi.CLONE_PARENT_SETTID != 0 {
		t.WriteU32(a.ParentTID, uint32(c.TID)) // a bad address is ignored
	}
	if a.Flags&abi.CLONE_CHILD_SETTID != 0 {
		c.WriteU32(a.ChildTID, uint32(c.TID))
	}
	k.enqueue(c)
	return c, nil
}

// MaxThreads is /proc/sys/kernel/threads-max: a fork bomb ends there.
const MaxThreads = 32768

// processMemory is what must be left of the machine's memory for one more process.
const processMemory = 256 << 10

// memory returns how much of the machine's memory the clone of a thread of p is charged: a
// copy of an address space counts in full, as with vm.overcommit_memory 2.
func (a *CloneArgs) memory(p *Process) uint64 {
	if a.Flags&abi.CLONE_VM != 0 {
		return processMemory
	}
	return processMemory + p.Mem.Anonymous()
}

// admit checks that there may be one more thread: RLIMIT_NPROC, which root does
// not feel, and the machine's limits, with this much memory.
func (k *Kernel) admit(p *Process, memory uint64) error {
	total := len(k.procs)
	for _, q := range k.procs {
		total += max(len(q.threads), 1) - 1
	}
	if total >= MaxThreads {
		return abi.EAGAIN
	}
	if k.cfg.Pool.Available() < memory {
		return abi.ENOMEM
	}
	if p.Cred.Capable(abi.CAP_SYS_RESOURCE) || p.Cred.Capable(abi.CAP_SYS_ADMIN) {
		return nil
	}
	n := uint64(0)
	for _, q := range k.procs {
		if q.Cred.RUID == p.Cred.RUID {
			n += uint64(len(q.threads))
		}
	}
	if n >= p.Limits[abi.RLIMIT_NPROC].Cur {
		return abi.EAGAIN
	}
	return nil
}

// newThread returns a copy of t in the same process.
func (t *Thread) newThread() *Thread {
	c := t.copyThread(t.Proc)
	c.CPU = newCPU(t.Proc.mm)
	c.altStack = abi.StackT{Flags: abi.SS_DISABLE}
	return c
}

// copyThread returns a thread of p with what every child inherits from t.
func (t *Thread) copyThread(p *Process) *Thread {
	return &Thread{
		Proc: p, k: t.k,
		SigMask:  t.SigMask,
		altStack: t.altStack,
		comm:     t.comm,
		Policy:   t.Policy,
		Priority: t.Priority,
	}
}

// newProcess returns the first thread of a child process.
func (t *Thread) newProcess(a *CloneArgs) *Thread {
	k, p := t.k, t.Proc
	c := &Process{
		k: k, PGID: p.PGID, Session: p.Session, Parent: p,
		Cred: p.Cred.clone(), Limits: p.Limits, Nice: p.Nice, Dumpable: p.Dumpable,
		Personality: p.Personality, TimerSlackNs: p.TimerSlackNs,
		exitSignal: abi.Signal(a.ExitSignal), start: k.Now(),
		Membarrier: p.Membarrier, exe: p.exe,
	}
	c.exe.hold()
	if a.Flags&abi.CLONE_PARENT != 0 {
		c.Parent, c.exitSignal = p.Parent, p.exitSignal
	}
	t.shareMemory(c, a.Flags)
	t.shareTables(c, a.Flags)
	child := t.copyThread(c)
	child.CPU = newCPU(c.mm)
	if a.Flags&(abi.CLONE_VM|abi.CLONE_VFORK) == abi.CLONE_VM {
		child.altStack = abi.StackT{Flags: abi.SS_DISABLE}
	}
	if a.Flags&abi.CLONE_VM == 0 {
		child.rseq = t.rseq // it points into the child's own copy
	}
	if a.Flags&abi.CLONE_VFORK != 0 {
		c.vforkParent = t
	}
	return child
}

// shareMemory gives c the address space of t's process, or a copy.
func (t *Thread) shareMemory(c *Process, flags uint64) {
	p := t.Proc
	if flags&abi.CLONE_VM != 0 {
		c.mm = p.mm
		c.mm.refs++
	} else {
		c.mm = t.k.newAddressSpace(p.Mem.Fork())
		t.k.Shm.attached(p, t.k.Realtime()/1e9)
		c.Membarrier = 0
	}
	c.Mem, c.Engine = c.mm.space, c.mm.engine
}

// shareTables gives c descriptors, file system context and signal
// dispositions of t's process, or copies.
func (t *Thread) shareTables(c *Process, flags uint64) {
	p := t.Proc
	if flags&abi.CLONE_FILES != 0 {
		c.FDs = p.FDs
		c.FDs.refs++
	} else {
		c.FDs = p.FDs.clone()
	}
	if flags&abi.CLONE_FS != 0 {
		c.FS = p.FS
		c.FS.refs++
	} else {
		c.FS = p.FS.clone()
	}
	if flags&abi.CLONE_SIGHAND != 0 {
		c.actions = p.actions
		c.actions.refs++
	} else {
		c.actions = p.actions.clone()
	}
	if flags&abi.CLONE_CLEAR_SIGHAND != 0 {
		c.actions.reset()
	}
}

// copyRegs gives child the registers of t, with result 0, its stack and TLS.
func (t *Thread) copyRegs(child *Thread, a *CloneArgs) {
	r := t.CPU.Regs()
	r.GPR[x86.RAX] = 0
	if a.Stack != 0 {
		r.GPR[x86.RSP] = a.Stack
	}
	if a.Flags&abi.CLONE_SETTLS != 0 {
		r.FSBase = a.TLS
	}
	child.CPU.SetRegs(&r)
}

// addProcess enters p among its parent's children and in the table.
func (k *Kernel) addProcess(p *Process) {
	if p.Parent != nil {
		p.Parent.children = append(p.Parent.children, p)
	}
	i, _ := k.findProc(p.PID)
	k.procs = slices.Insert(k.procs, i, p)
}

// WaitVfork parks t until the child of vfork(2) has released the memory they
// share. pid is the child's.
func (t *Thread) WaitVfork(pid int32) error {
	c := t.k.Process(pid)
	if c == nil || c.vforkParent != t {
		return nil
	}
	return t.ParkKillable(&c.vforkQueue)
}

// vforkDone lets the vfork(2) parent go on.
func (p *Process) vforkDone() {
	if p.vforkParent != nil {
		p.vforkParent = nil
		p.vforkQueue.Wake()
	}
}

// newAddressSpace wraps a space with an engine of its own.
func (k *Kernel) newAddressSpace(s *mem.Space) *addressSpace {
	return &addressSpace{k: k, space: s, engine: k.cfg.NewEngine(s), refs: 1}
}

// release ends one use of the address space; the last frees it. Dead processes may be
// remembered for long, by names in /proc, and must not keep it.
func (m *addressSpace) release() {
	m.refs--
	if m.refs == 0 {
		m.space.Release()
		m.space, m.engine = nil, nil
	}
}

// Abandon undoes a Clone whose child has not run: its parent could not be told.
func (t *Thread) Abandon() {
	p := t.Proc
	t.clearTID = 0
	if p.threads[0] == t {
		p.exitSignal = 0
		p.exiting = true
		t.exit()
		if p.state == zombie {
			p.reap()
		}
		return
	}
	t.remove()
}

// leaveMemory ends p's use of its address space.
func (p *Process) leaveMemory() {
	if p.mm.refs == 1 {
		p.k.Shm.detached(p, p.k.Realtime()/1e9)
	}
	p.mm.release()
}
