package kernel

import "emurun/abi"

// KillInfo is the information of a signal that t sends with kill(2).
func (t *Thread) KillInfo(sig abi.Signal) abi.Siginfo {
	return abi.KillInfo(sig, abi.SI_USER, t.Proc.PID, t.Proc.Cred.RUID)
}

// mayKill is the permission to signal p, kill(2).
func (t *Thread) mayKill(p *Process, sig abi.Signal) bool {
	c, o := &t.Proc.Cred, &p.Cred
	return p == t.Proc || c.Capable(abi.CAP_KILL) ||
		c.EUID == o.SUID || c.EUID == o.RUID || c.RUID == o.SUID || c.RUID == o.RUID ||
		sig == abi.SIGCONT && p.Session == t.Proc.Session
}

// Kill sends a signal to a process. Signal 0 checks only.
func (t *Thread) Kill(p *Process, info abi.Siginfo) error {
	if info.Signo != 0 && !info.Signo.Valid() {
		return abi.EINVAL
	}
	if !t.mayKill(p, info.Signo) {
		return abi.EPERM
	}
	if info.Signo == 0 {
		return nil
	}
	return p.Send(info)
}

// KillThread sends a signal to a thread, as Kill.
func (t *Thread) KillThread(x *Thread, info abi.Siginfo) error {
	if info.Signo != 0 && !info.Signo.Valid() {
		return abi.EINVAL
	}
	if !t.mayKill(x.Proc, info.Signo) {
		return abi.EPERM
	}
	if info.Signo == 0 {
		return nil
	}
	return x.Send(info)
}

// KillGroup sends a signal to a process group. It succeeds if one process gets it.
func (t *Thread) KillGroup(pgid int32, info abi.Siginfo) error {
	return t.killAll(t.k.Group(pgid), info)
}

// KillEveryone sends a signal to every process but t's, kill(2) with -1.
func (t *Thread) KillEveryone(info abi.Siginfo) error {
	var ps []*Process
	for _, p := range t.k.procs {
		if p != t.Proc {
			ps = append(ps, p)
		}
	}
	return t.killAll(ps, info)
}

func (t *Thread) killAll(ps []*Process, info abi.Siginfo) error {
	var result error = abi.ESRCH
	done := false
	for _, p := range ps {
		if err := t.Kill(p, info); err == nil {
			done = true
		} else {
			result = err
		}
	}
	if done {
		return nil
	}
	return result
}
