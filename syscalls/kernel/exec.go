package kernel

import (
	"errors"
	"slices"
	"strings"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/syscalls/loader"
	"emurun/vfs"
)

// minSigStack is AT_MINSIGSTKSZ: the largest signal frame, with room for aligning it.
const minSigStack = sigFrameSize + fpFrameSize + redZone + 2*frameAlign

// ExecArgs is what execve(2) takes.
type ExecArgs struct {
	Dentry     *vfs.Dentry // the file
	Filename   string      // its name as AT_EXECFN has it
	Argv, Envp []string
}

// Exec implements execve(2): on success t runs the new program, alone in its
// process. Set-user-ID bits are ignored, as under no_new_privs.
func (t *Thread) Exec(a ExecArgs) error {
	p, err := t.load(t.VFS(), a)
	var bad *loader.Error
	if errors.As(err, &bad) && bad.Fatal {
		t.k.killGroup(t.Proc, int32(abi.SIGSEGV))
		return bad.Errno
	}
	if err != nil {
		return err
	}
	t.becomeLeader()
	t.replaceMemory(p.space)
	t.resetForExec(a, p)
	return nil
}

// program is a program that is ready to run.
type program struct {
	space *mem.Space
	start loader.Start
	exe   *vfs.Dentry // what is run: of a script, its interpreter
}

// load makes an address space out of the program.
func (t *Thread) load(c *vfs.Context, a ExecArgs) (*program, error) {
	k, p := t.k, t.Proc
	file, err := k.openExec(c, a.Dentry)
	if err != nil {
		return nil, err
	}
	places := map[*loader.File]*vfs.Dentry{file: a.Dentry}
	s := mem.NewSpace(k.cfg.Pool)
	s.Limits = p.memLimits()
	open := func(path string) (*loader.File, error) {
		d, err := c.Walk(nil, path, true)
		if err != nil {
			return nil, err
		}
		f, err := k.openExec(c, d)
		places[f] = d
		return f, err
	}
	info := loader.Info{
		UID: p.Cred.RUID, EUID: p.Cred.EUID, GID: p.Cred.RGID, EGID: p.Cred.EGID,
		Secure: p.Cred.RUID != p.Cred.EUID || p.Cred.RGID != p.Cred.EGID,
		HWCAP:  k.cfg.HWCAP, MinSigStack: minSigStack,
	}
	k.Random(info.Random[:])
	start, err := loader.Load(s, file, loader.Args{Filename: a.Filename, Argv: a.Argv, Envp: a.Envp}, open, info)
	if err != nil {
		s.Release()
		return nil, err
	}
	return &program{s, start, places[start.Exe]}, nil
}

// openExec opens the program or interpreter at d, with the checks of execve(2).
func (k *Kernel) openExec(c *vfs.Context, d *vfs.Dentry) (*loader.File, error) {
	at, err := d.Node.Attr()
	if err != nil {
		return nil, err
	}
	if at.Mode&abi.S_IFMT != abi.S_IFREG {
		return nil, abi.EACCES
	}
	if err := c.MayAccess(d, vfs.MayExec); err != nil {
		return nil, err
	}
	if err := vfs.MayRun(d.Node); err != nil {
		return nil, err
	}
	obj, err := k.FileObject(d.Node)
	if err != nil {
		return nil, abi.EACCES
	}
	path, _ := d.Path(c.Root)
	return &loader.File{Object: obj, Path: path, Dev: at.Dev, Ino: at.Ino}, nil
}

// memLimits are the resource limits that the memory itself enforces.
func (p *Process) memLimits() mem.Limits {
	return mem.Limits{
		AS:      p.Limits[abi.RLIMIT_AS].Cur,
		Data:    p.Limits[abi.RLIMIT_DATA].Cur,
		Stack:   p.Limits[abi.RLIMIT_STACK].Cur,
		Memlock: p.Limits[abi.RLIMIT_MEMLOCK].Cur,
	}
}

// becomeLeader ends all other threads of the process; t takes the leader's TID.
func (t *Thread) becomeLeader() {
	p := t.Proc
	for _, x := range slices.Backward(slices.Clone(p.threads)) {
		if x != t {
			x.exit()
		}
	}
	t.TID = p.PID
}

// replaceMemory gives the process a new address space and says good-bye to the old.
func (t *Thread) replaceMemory(s *mem.Space) {
	p := t.Proc
	t.exitRobustList()
	t.futexExit()
	if t.clearTID != 0 && p.mm.refs > 1 {
		t.WriteU32(t.clearTID, 0)
		t.FutexWake(t.clearTID, 1, abi.FUTEX_BITSET_MATCH_ANY, false)
	}
	p.leaveMemory()
	p.mm = t.k.newAddressSpace(s)
	p.Mem, p.Engine = p.mm.space, p.mm.engine
	p.vforkDone()
}

// resetForExec undoes what execve(2) does not preserve and sets the registers
// of a new program.
func (t *Thread) resetForExec(a ExecArgs, n *program) {
	p := t.Proc
	if p.actions.refs > 1 {
		p.actions.refs--
		p.actions = p.actions.clone()
	}
	p.actions.reset()
	p.FDs = p.FDs.Unshare()
	p.FDs.closeExec()
	p.deletePosixTimers()
	exe := Executable{Dentry: n.exe, Path: a.Filename}
	exe.hold()
	p.exe.release()
	p.exe = exe
	p.Auxv = n.start.Auxv
	p.Dumpable, p.execed, p.Membarrier = 1, true, 0
	p.exitSignal = abi.SIGCHLD
	p.Cred.KeepCaps = false
	t.altStack = abi.StackT{Flags: abi.SS_DISABLE}
	t.clearTID, t.robustHead, t.rseq = 0, 0, rseqArea{}
	t.SetComm(a.Filename[strings.LastIndexByte(a.Filename, '/')+1:])
	t.CPU = newCPU(p.mm)
	t.CPU.SetRegs(newRegs(n.start.RIP, n.start.RSP))
	t.EndSuspend()
	t.NoResult()
}

// newRegs are the registers of a program that begins.
func newRegs(rip, rsp uint64) *x86.Regs {
	r := &x86.Regs{RIP: rip, RFLAGS: x86.FixedFlags}
	r.GPR[x86.RSP] = rsp
	initFP(r)
	return r
}
