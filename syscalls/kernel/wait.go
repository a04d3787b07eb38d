package kernel

import "emurun/abi"

// WaitWho says for which children wait4(2) or waitid(2) waits.
type WaitWho struct {
	IDType int32 // abi.P_ALL, P_PID or P_PGID
	ID     int32
}

func (w WaitWho) matches(p *Process) bool {
	switch w.IDType {
	case abi.P_PID:
		return p.PID == w.ID
	case abi.P_PGID:
		return p.PGID == w.ID
	}
	return true
}

// WaitResult is a state change of a child.
type WaitResult struct {
	PID, UID     int32
	Code, Status int32 // si_code and si_status
	WaitStatus   int32 // as wait4(2) has it
	Steps        uint64
}

// Wait looks for a child that has changed its state, and takes the change
// unless options has WNOWAIT. Without one it parks the thread; with WNOHANG
// it returns PID 0. A thread without a child that could match gets ECHILD.
func (t *Thread) Wait(w WaitWho, options uint32) (WaitResult, error) {
	found := false
	p := t.Proc
	for _, c := range p.children {
		if !w.matches(c) || !kindMatches(c, options) {
			continue
		}
		found = true
		if r, ok := c.changed(options); ok {
			return r, nil
		}
	}
	switch {
	case !found:
		return WaitResult{}, abi.ECHILD
	case options&abi.WNOHANG != 0:
		return WaitResult{}, nil
	}
	return WaitResult{}, t.Park(Forever, &p.childQueue)
}

// kindMatches applies __WALL and __WCLONE: a clone child is one that does not
// send SIGCHLD at its end.
func kindMatches(c *Process, options uint32) bool {
	if options&abi.WALL != 0 {
		return true
	}
	return (c.exitSignal != abi.SIGCHLD) == (options&abi.WCLONE != 0)
}

// changed returns the change of state of c that options asks for.
func (c *Process) changed(options uint32) (WaitResult, bool) {
	keep := options&abi.WNOWAIT != 0
	r := WaitResult{PID: c.PID, UID: int32(c.Cred.RUID)}
	switch {
	case c.state == zombie && options&abi.WEXITED != 0:
		r.Code, r.Status = c.exitCode()
		r.WaitStatus = c.exitStatus
		r.Steps = c.steps + c.childSteps
		if !keep {
			c.Parent.childSteps += r.Steps
			c.reap()
		}
		return r, true
	case c.report == reportStopped && options&abi.WSTOPPED != 0:
		r.Code, r.Status = abi.CLD_STOPPED, int32(c.stopSignal)
		r.WaitStatus = r.Status<<8 | 0x7f
	case c.report == reportContinued && options&abi.WCONTINUED != 0:
		r.Code, r.Status = abi.CLD_CONTINUED, int32(abi.SIGCONT)
		r.WaitStatus = 0xffff
	default:
		return r, false
	}
	r.Steps = c.steps + c.childSteps
	if !keep {
		c.report = reportNone
	}
	return r, true
}
