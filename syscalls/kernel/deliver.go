package kernel

import (
	"emurun/abi"
	"emurun/emu/x86"
)

// ReturnToUser does what Linux does before a thread returns to its own code: it
// delivers signals, stops for job control, and resolves how an interrupted
// system call goes on. It returns false if the thread cannot run: it died or stopped.
func (t *Thread) ReturnToUser() bool {
	if t.rseq.check {
		t.rseqReturn()
	}
	for t.Proc.stopping || t.deliverable() != 0 {
		if !t.signals() {
			return false
		}
	}
	if t.call.active {
		t.finishCall()
	}
	return t.state == runnable
}

// signals takes one signal, or stops. It returns false if the thread cannot run.
func (t *Thread) signals() bool {
	p := t.Proc
	if p.stopping && t.deliverable()&abi.SIGKILL.Bit() == 0 {
		t.stopThread()
		return false
	}
	info, ok := t.next()
	if !ok {
		return true
	}
	if t.k.cfg.Taking != nil {
		t.k.cfg.Taking(t, &info)
	}
	sig := info.Signo
	act := p.Action(sig)
	switch {
	case act.Handler == abi.SIG_IGN:
		return true
	case act.Handler != abi.SIG_DFL:
		t.handle(&info, act)
		return t.state == runnable
	}
	switch actionOf(sig) {
	case actIgnore, actCont:
		return true
	case actStop:
		if sig == abi.SIGSTOP || !t.k.Orphaned(p.PGID, nil) {
			p.stop(sig)
		}
		return true
	case actCore:
		t.k.killGroup(p, int32(sig)|coreFlag(p))
	default:
		t.k.killGroup(p, int32(sig))
	}
	return false
}

// next takes the next deliverable signal: SIGKILL above all, those for the
// thread before those for the process.
func (t *Thread) next() (abi.Siginfo, bool) {
	set := t.deliverable()
	if set&abi.SIGKILL.Bit() != 0 {
		set = abi.SIGKILL.Bit()
	}
	return t.DequeueSignal(set)
}

// coreFlag is the bit of a wait status that says a core file was written; with
// RLIMIT_CORE 0 none is.
func coreFlag(p *Process) int32 {
	const wcoreflag = 0x80
	if p.Limits[abi.RLIMIT_CORE].Cur == 0 || p.Dumpable == 0 {
		return 0
	}
	return wcoreflag
}

// handle makes the thread run a signal handler.
func (t *Thread) handle(info *abi.Siginfo, act abi.Sigaction) {
	t.resolveForHandler(act.Flags&abi.SA_RESTART != 0)
	if act.Flags&abi.SA_RESETHAND != 0 {
		t.Proc.actions.act[info.Signo].Handler = abi.SIG_DFL
	}
	t.rseqReturn()
	saved := t.SigMask
	if t.restoreMask {
		saved, t.restoreMask = t.savedMask, false
	}
	if !t.pushFrame(info, act, saved) {
		t.SigMask = saved
		t.forceSegv(info.Signo)
		return
	}
	m := t.SigMask | act.Mask
	if act.Flags&abi.SA_NODEFER == 0 {
		m |= info.Signo.Bit()
	}
	t.SetSigMask(m)
}

// forceSegv reports that the frame of sig could not be written. If that was
// SIGSEGV itself, its handler cannot run either.
func (t *Thread) forceSegv(sig abi.Signal) {
	if sig == abi.SIGSEGV {
		t.Proc.actions.act[abi.SIGSEGV].Handler = abi.SIG_DFL
	}
	t.force(KernelInfo(abi.SIGSEGV))
}

// resolveForHandler decides what the handler's return finds as the result of the
// interrupted call: EINTR, or the call once more (signal(7), "Interruption of system
// calls").
func (t *Thread) resolveForHandler(restart bool) {
	c := &t.call
	if !c.active {
		return
	}
	switch c.errno {
	case abi.ERESTARTNOHAND, abi.ERESTARTRESTARTBLOCK:
		t.setErrno(abi.EINTR)
	case abi.ERESTARTSYS:
		if restart {
			t.repeatCall()
		} else {
			t.setErrno(abi.EINTR)
		}
	case abi.ERESTARTNOINTR:
		t.repeatCall()
	}
	*c = call{}
}

// finishCall ends the system call in progress without a handler having run.
func (t *Thread) finishCall() {
	c := &t.call
	switch c.errno {
	case abi.ERESTARTSYS, abi.ERESTARTNOHAND, abi.ERESTARTNOINTR:
		t.repeatCall()
	case abi.ERESTARTRESTARTBLOCK:
		t.repeatCall()
		t.CPU.R[x86.RAX] = abi.SYS_restart_syscall
	}
	t.EndSuspend()
	*c = call{}
}

// repeatCall puts the thread back at its SYSCALL instruction.
func (t *Thread) repeatCall() {
	const syscallLen = 2 // 0F 05
	t.CPU.R[x86.RAX] = t.call.nr
	t.CPU.RIP -= syscallLen
}
