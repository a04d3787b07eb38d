package kernel

import "emurun/abi"

// Send sends a signal to a process: any thread that does not block it takes it.
func (p *Process) Send(info abi.Siginfo) error {
	if p.state != alive {
		return nil
	}
	return p.send(info, nil)
}

// Send sends a signal to one thread, tgkill(2).
func (t *Thread) Send(info abi.Siginfo) error {
	if t.state == dead {
		return nil
	}
	return t.Proc.send(info, t)
}

// SendGroup sends a signal to every process of a process group, as a terminal
// or kill(2) does. It returns false for an empty group.
func (k *Kernel) SendGroup(pgid int32, info abi.Siginfo) bool {
	group := k.Group(pgid)
	for _, p := range group {
		p.Send(info)
	}
	return len(group) > 0
}

// KernelInfo is the information of a signal that the kernel itself sends.
func KernelInfo(sig abi.Signal) abi.Siginfo { return abi.Siginfo{Signo: sig, Code: abi.SI_KERNEL} }

// send queues a signal for t, or for the process if t is nil.
func (p *Process) send(info abi.Siginfo, t *Thread) error {
	sig := info.Signo
	p.prepare(sig)
	q := &p.pending
	if t != nil {
		q = &t.pending
	}
	if p.discards(sig, t) {
		return nil
	}
	if sig >= abi.SIGRTMIN && uint64(len(q.items)) >= p.Limits[abi.RLIMIT_SIGPENDING].Cur {
		if info.Code != abi.SI_USER && info.Code != abi.SI_TKILL {
			return abi.EAGAIN
		}
		q.set |= sig.Bit() // kill(2) gets through without its information
	} else {
		q.push(info)
	}
	p.SigQueue.Wake()
	if t == nil {
		t = p.taker(sig)
	}
	if t != nil {
		t.signalWake()
	}
	return nil
}

// prepare does what a stop or continue signal does when it is sent, whether
// or not it is blocked or ignored: each undoes pending ones of the other kind.
func (p *Process) prepare(sig abi.Signal) {
	switch {
	case sig.Bit()&stopSignals != 0:
		p.flush(abi.SIGCONT.Bit())
	case sig == abi.SIGCONT:
		p.flush(stopSignals)
		p.cont()
	case sig == abi.SIGKILL:
		p.resume()
	}
}

// flush drops pending signals of the process and its threads.
func (p *Process) flush(set uint64) {
	p.pending.flush(set)
	for _, t := range p.threads {
		t.pending.flush(set)
	}
}

// discards reports whether sig is ignored and so not even queued. A blocked
// signal is queued: its disposition may change before it is unblocked.
func (p *Process) discards(sig abi.Signal, t *Thread) bool {
	if t == nil && len(p.threads) > 0 {
		t = p.threads[0]
	}
	if t != nil && (t.SigMask|t.sigWait)&sig.Bit() != 0 {
		return false
	}
	return p.ignores(sig)
}

// taker chooses the thread that takes a signal sent to the process: the first
// that does not block it.
func (p *Process) taker(sig abi.Signal) *Thread {
	for _, t := range p.threads {
		if t.blocked()&sig.Bit() == 0 || sig == abi.SIGKILL {
			return t
		}
	}
	return nil
}

// blocked is the set of signals the thread does not take now.
func (t *Thread) blocked() uint64 { return t.SigMask &^ t.sigWait }

// deliverable is the set of pending signals that the thread would take now.
func (t *Thread) deliverable() uint64 {
	return (t.pending.set | t.Proc.pending.set) &^ t.blocked()
}

// interrupted reports whether a call must not park: a signal or a stop waits.
func (t *Thread) interrupted() bool { return t.deliverable() != 0 || t.Proc.stopping }

// killed reports whether a pending signal will end the process.
func (t *Thread) killed() bool {
	set := t.deliverable()
	for sig := abi.Signal(1); set != 0 && sig <= abi.SIGMAX; sig++ {
		if set&sig.Bit() == 0 {
			continue
		}
		if sig == abi.SIGKILL || t.Proc.Action(sig).Handler == abi.SIG_DFL && actionOf(sig) <= actCore {
			return true
		}
	}
	return false
}

// signalWake makes a parked thread look at its signals.
func (t *Thread) signalWake() {
	if t.interrupted() {
		t.Wake()
	}
}

// DequeueSignal takes a pending signal out of the given set, as
// sigtimedwait(2) and signalfd(2) do.
func (t *Thread) DequeueSignal(set uint64) (abi.Siginfo, bool) {
	info, ok := t.pending.pop(set)
	if !ok {
		info, ok = t.Proc.pending.pop(set)
	}
	if ok {
		t.Proc.dequeued(&info)
	}
	return info, ok
}

// PendingIn reports whether a signal of the set is pending for the thread.
func (t *Thread) PendingIn(set uint64) bool { return (t.pending.set|t.Proc.pending.set)&set != 0 }

// force sends a signal that the thread cannot escape: where it is blocked or
// ignored, it gets its default action.
func (t *Thread) force(info abi.Siginfo) {
	p := t.Proc
	a := &p.actions.act[info.Signo]
	if t.SigMask&info.Signo.Bit() != 0 || a.Handler == abi.SIG_IGN {
		a.Handler = abi.SIG_DFL
		t.SigMask &^= info.Signo.Bit()
	}
	t.pending.push(info)
	p.SigQueue.Wake()
}

// SetSigWait sets the signals that sigtimedwait(2) waits for; 0 when it is over.
func (t *Thread) SetSigWait(set uint64) { t.sigWait = set }
