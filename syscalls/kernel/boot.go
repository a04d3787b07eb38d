package kernel

import (
	"fmt"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/vfs"
)

// BootArgs is how the first program starts.
type BootArgs struct {
	Path       string // of the program, looked up from Cwd
	Argv, Envp []string
	Cwd        string // default "/"
	Umask      uint32
	Cred       Cred
	Files      []*vfs.OpenFile // descriptors 0, 1, 2…; nil leaves one closed
	TTY        Terminal        // the controlling terminal, or nil
	Limits     *[abi.RLIM_NLIMITS]abi.Rlimit
}

// Boot starts the first program. It is the leader of its own session and group,
// with the terminal's foreground, as a shell would have started it.
func (k *Kernel) Boot(a BootArgs) (*Process, error) {
	root := k.cfg.NS.Root()
	if a.Cwd == "" {
		a.Cwd = "/"
	}
	ctx := &vfs.Context{NS: k.cfg.NS, Root: root, Cwd: root, Cred: vfs.Cred{UID: a.Cred.FSUID, GID: a.Cred.FSGID, Groups: a.Cred.Groups}}
	cwd, err := ctx.Walk(nil, a.Cwd, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Cwd, err)
	}
	ctx.Cwd = cwd
	d, err := ctx.Walk(nil, a.Path, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Path, err)
	}
	t := k.firstThread(a, NewFSContext(k.cfg.NS, root, cwd, a.Umask))
	p := t.Proc
	prog, err := t.load(ctx, ExecArgs{d, a.Path, a.Argv, a.Envp})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Path, err)
	}
	p.mm = k.newAddressSpace(prog.space)
	p.Mem, p.Engine = p.mm.space, p.mm.engine
	t.resetForExec(ExecArgs{d, a.Path, a.Argv, a.Envp}, prog)
	k.adopt(t)
	return p, nil
}

// Spawn starts a first process in memory that the caller has made, running at
// rip with the stack at rsp: a program without a file, for tests and experiments.
func (k *Kernel) Spawn(s *mem.Space, rip, rsp uint64, cred Cred) *Process {
	t := k.firstThread(BootArgs{Cred: cred}, NewFSContext(k.cfg.NS, nil, nil, 0o22))
	p := t.Proc
	p.mm = k.newAddressSpace(s)
	p.Mem, p.Engine = p.mm.space, p.mm.engine
	t.CPU = newCPU(p.mm)
	t.CPU.SetRegs(newRegs(rip, rsp))
	k.adopt(t)
	return p
}

// firstThread returns the first thread of the machine, without memory.
func (k *Kernel) firstThread(a BootArgs, fs *FSContext) *Thread {
	p := &Process{
		k: k, FS: fs, FDs: NewFDTable(), Cred: a.Cred.clone(), actions: &sigActions{refs: 1},
		exitSignal: abi.SIGCHLD, start: k.Now(), Dumpable: 1, TimerSlackNs: DefaultTimerSlack,
		Limits: defaultLimits(),
	}
	if a.Limits != nil {
		p.Limits = *a.Limits
	}
	for fd, f := range a.Files {
		if f != nil {
			p.FDs.Set(int32(fd), f, false)
		}
	}
	t := &Thread{Proc: p, k: k, TID: k.newID(), altStack: abi.StackT{Flags: abi.SS_DISABLE}}
	p.PID, p.PGID = t.TID, t.TID
	p.Session = &Session{SID: p.PID, Leader: p, TTY: a.TTY, Foreground: p.PID}
	return t
}

// adopt enters the first thread in the machine.
func (k *Kernel) adopt(t *Thread) {
	p := t.Proc
	p.threads = []*Thread{t}
	k.addProcess(p)
	k.root = p
	p.limitCPU()
	k.enqueue(t)
}

// defaultLimits are the resource limits of a login on Debian.
func defaultLimits() [abi.RLIM_NLIMITS]abi.Rlimit {
	var l [abi.RLIM_NLIMITS]abi.Rlimit
	for i := range l {
		l[i] = abi.Rlimit{Cur: abi.RLIM_INFINITY, Max: abi.RLIM_INFINITY}
	}
	l[abi.RLIMIT_STACK].Cur = 8 << 20
	l[abi.RLIMIT_CORE].Cur = 0
	l[abi.RLIMIT_NPROC] = abi.Rlimit{Cur: 63449, Max: 63449}
	l[abi.RLIMIT_NOFILE] = abi.Rlimit{Cur: 1024, Max: 1 << 20}
	l[abi.RLIMIT_MEMLOCK] = abi.Rlimit{Cur: 8 << 20, Max: 8 << 20}
	l[abi.RLIMIT_SIGPENDING] = abi.Rlimit{Cur: 63449, Max: 63449}
	l[abi.RLIMIT_MSGQUEUE] = abi.Rlimit{Cur: 819200, Max: 819200}
	l[abi.RLIMIT_NICE] = abi.Rlimit{}
	l[abi.RLIMIT_RTPRIO] = abi.Rlimit{}
	return l
}
