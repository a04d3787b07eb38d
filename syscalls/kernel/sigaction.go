package kernel

import "emurun/abi"

// sigActions are the dispositions of signals, which CLONE_SIGHAND shares.
type sigActions struct {
	act  [abi.SIGMAX + 1]abi.Sigaction
	refs int32
}

func (a *sigActions) clone() *sigActions {
	n := *a
	n.refs = 1
	return &n
}

// reset is what execve(2) does: handlers go, ignored signals stay ignored.
func (a *sigActions) reset() {
	for i := range a.act {
		h := a.act[i].Handler
		if h != abi.SIG_IGN {
			h = abi.SIG_DFL
		}
		a.act[i] = abi.Sigaction{Handler: h}
	}
}

// defaultAction is what a signal without handler does, signal(7).
type defaultAction uint8

const (
	actTerm defaultAction = iota
	actCore
	actIgnore
	actStop
	actCont
)

// actionOf returns the default action of sig.
func actionOf(sig abi.Signal) defaultAction {
	switch sig {
	case abi.SIGCHLD, abi.SIGURG, abi.SIGWINCH:
		return actIgnore
	case abi.SIGCONT:
		return actCont
	case abi.SIGSTOP, abi.SIGTSTP, abi.SIGTTIN, abi.SIGTTOU:
		return actStop
	case abi.SIGQUIT, abi.SIGILL, abi.SIGTRAP, abi.SIGABRT, abi.SIGBUS, abi.SIGFPE,
		abi.SIGSEGV, abi.SIGSYS, abi.SIGXCPU, abi.SIGXFSZ:
		return actCore
	}
	return actTerm
}

// ignores reports whether the process would do nothing on sig.
func (p *Process) ignores(sig abi.Signal) bool {
	switch p.actions.act[sig].Handler {
	case abi.SIG_IGN:
		return true
	case abi.SIG_DFL:
		a := actionOf(sig)
		return a == actIgnore || a == actCont
	}
	return false
}

// Action returns the disposition of sig.
func (p *Process) Action(sig abi.Signal) abi.Sigaction { return p.actions.act[sig] }

// SetAction changes the disposition of sig. Where that ignores the signal,
// pending ones are dropped (POSIX.1, 2.4.3).
func (p *Process) SetAction(sig abi.Signal, a abi.Sigaction) {
	a.Mask &^= unblockable
	p.actions.act[sig] = a
	if !p.ignores(sig) {
		return
	}
	p.pending.flush(sig.Bit())
	for _, t := range p.threads {
		t.pending.flush(sig.Bit())
	}
}

// SetSigMask sets the set of blocked signals.
func (t *Thread) SetSigMask(m uint64) { t.SigMask = m &^ unblockable }

// SuspendMask sets the mask for the time of the call in progress,
// sigsuspend(2); the old one is back when it is over, or after the handler.
func (t *Thread) SuspendMask(m uint64) {
	if t.restoreMask {
		return // the handler runs again
	}
	t.savedMask, t.restoreMask = t.SigMask, true
	t.SetSigMask(m)
}

// EndSuspend puts the mask back without a signal: the call ended by itself.
func (t *Thread) EndSuspend() {
	if t.restoreMask {
		t.SigMask, t.restoreMask = t.savedMask, false
	}
}
