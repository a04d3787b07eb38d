package kernel

import "emurun/abi"

// stop begins a job-control stop by sig. Every thread stops when it comes by;
// the parent hears of it once all have.
func (p *Process) stop(sig abi.Signal) {
	if p.stopping || p.stopped {
		return
	}
	p.stopping = true
	p.stopSignal = sig
	for _, t := range p.threads {
		t.signalWake()
	}
}

// stopThread stops t; the last one completes the stop.
func (t *Thread) stopThread() {
	t.state = stopped
	p := t.Proc
	for _, x := range p.threads {
		if x.state != stopped {
			return
		}
	}
	p.stopping, p.stopped = false, true
	p.report = reportStopped
	p.notifyParent(abi.CLD_STOPPED, int32(p.stopSignal))
}

// cont is what sending SIGCONT does at once: the process runs again.
func (p *Process) cont() {
	was := p.stopped || p.stopping
	p.resume()
	if was {
		p.report = reportContinued
		p.notifyParent(abi.CLD_CONTINUED, int32(abi.SIGCONT))
	}
}

// resume lets stopped threads run.
func (p *Process) resume() {
	p.stopping, p.stopped = false, false
	if p.report == reportStopped {
		p.report = reportNone
	}
	for _, t := range p.threads {
		if t.state == stopped {
			t.state = runnable
			p.k.enqueue(t)
		}
	}
}

// notifyParent tells the parent of a stop or continuation: SIGCHLD, unless its
// disposition has SA_NOCLDSTOP, and the end of its wait(2).
func (p *Process) notifyParent(code, status int32) {
	parent := p.Parent
	if parent == nil {
		return
	}
	a := parent.Action(abi.SIGCHLD)
	if a.Handler != abi.SIG_IGN && a.Flags&abi.SA_NOCLDSTOP == 0 {
		parent.Send(p.childInfo(abi.SIGCHLD, code, status))
	}
	parent.childQueue.Wake()
}

// childInfo is the information of a signal about p to its parent.
func (p *Process) childInfo(sig abi.Signal, code, status int32) abi.Siginfo {
	info := abi.KillInfo(sig, code, p.PID, p.Cred.RUID)
	info.Data[1] = uint64(uint32(status))
	info.Data[2] = uint64(p.k.cpuNs(p.steps) / (1e9 / abi.CLK_TCK))
	return info
}
