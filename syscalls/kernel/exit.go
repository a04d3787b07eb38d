package kernel

import (
	"slices"

	"emurun/abi"
)

// Exit ends one thread, exit(2). The last thread's status is the process's.
func (t *Thread) Exit(status int32) {
	p := t.Proc
	if len(p.threads) == 1 && !p.exiting {
		p.exiting, p.exitStatus = true, (status&0xff)<<8
	}
	t.exit()
}

// ExitGroup ends all threads of the process, exit_group(2).
func (t *Thread) ExitGroup(status int32) { t.k.killGroup(t.Proc, (status&0xff)<<8) }

// killGroup ends a process with the given wait status.
func (k *Kernel) killGroup(p *Process, status int32) {
	if p.state != alive {
		return
	}
	if !p.exiting {
		p.exiting, p.exitStatus = true, status
	}
	for len(p.threads) > 0 {
		p.threads[len(p.threads)-1].exit()
	}
}

// exit ends t: what other threads can see of its end happens here, at once.
func (t *Thread) exit() {
	k, p := t.k, t.Proc
	t.exitRobustList()
	t.futexExit()
	if t.clearTID != 0 && (p.mm.refs > 1 || len(p.threads) > 1) {
		// Only then can anyone look (set_tid_address(2)).
		t.WriteU32(t.clearTID, 0)
		t.FutexWake(t.clearTID, 1, abi.FUTEX_BITSET_MATCH_ANY, false)
	}
	if len(p.threads) == 1 && k.cfg.Exiting != nil {
		k.cfg.Exiting(t, p.exitStatus)
	}
	t.remove()
	if len(p.threads) > 0 {
		p.checkStop()
		return
	}
	k.exitProcess(p)
}

// remove takes t out of everything that holds threads.
func (t *Thread) remove() {
	if t.state == parked {
		t.unpark()
	}
	t.state = dead
	t.abandonWait()
	t.call = call{}
	t.k.dequeue(t)
	if t.k.current == t {
		t.k.current = nil
	}
	p := t.Proc
	i := slices.Index(p.threads, t)
	p.threads = slices.Delete(p.threads, i, i+1)
}

// checkStop completes a stop that waited for a thread that has now exited.
func (p *Process) checkStop() {
	if !p.stopping {
		return
	}
	for _, t := range p.threads {
		if t.state != stopped {
			return
		}
	}
	p.threads[0].stopThread()
}

// exitProcess makes a zombie of a process without threads.
func (k *Kernel) exitProcess(p *Process) {
	p.stopTimers()
	p.leaveMemory()
	p.vforkDone()
	p.FDs.release()
	p.FS.release()
	p.actions.refs--
	p.exe.release()
	p.Mem, p.Engine = nil, nil
	p.state = zombie
	p.stopping, p.stopped, p.report = false, false, reportNone
	k.leaveSession(p)
	k.orphanGroups(p, k.reparent(p))
	p.exitQueue.Wake()
	if p == k.root {
		k.rootStatus, k.rootDone = p.exitStatus, true
	}
	p.notifyExit()
}

// leaveSession hangs up the terminal of a session whose leader ends.
func (k *Kernel) leaveSession(p *Process) {
	s := p.Session
	if s.Leader != p {
		return
	}
	s.Leader = nil
	if s.TTY == nil {
		return
	}
	k.SendGroup(s.Foreground, KernelInfo(abi.SIGHUP))
	k.SendGroup(s.Foreground, KernelInfo(abi.SIGCONT))
	s.TTY.Disassociate()
	s.TTY, s.Foreground = nil, 0
}

// orphanGroups sends SIGHUP and SIGCONT to the stopped process groups that the
// end of p leaves without anyone to continue them: its own and those of the
// children it had (setpgid(2)).
func (k *Kernel) orphanGroups(p *Process, children []*Process) {
	hangup := func(pgid int32) {
		if k.hasStopped(pgid) && k.Orphaned(pgid, p) {
			k.SendGroup(pgid, KernelInfo(abi.SIGHUP))
			k.SendGroup(pgid, KernelInfo(abi.SIGCONT))
		}
	}
	if q := p.Parent; q != nil && q.PGID != p.PGID && q.Session == p.Session {
		hangup(p.PGID)
	}
	for _, c := range children {
		if c.PGID != p.PGID && c.Session == p.Session && c.state == alive {
			hangup(c.PGID)
		}
	}
}

// reparent gives the children of p to the nearest subreaper, or to init, and
// returns them.
func (k *Kernel) reparent(p *Process) []*Process {
	heir := p.Parent
	for heir != nil && (!heir.Subreaper || heir.state != alive) {
		heir = heir.Parent
	}
	children := p.children
	p.children = nil
	for _, c := range children {
		c.Parent = heir
		if heir != nil {
			heir.children = append(heir.children, c)
		}
		if c.state == alive {
			c.parentDied()
		}
		c.exitSignal = abi.SIGCHLD
		if c.state == zombie {
			c.notifyExit()
		}
	}
	return children
}

// parentDied sends the signals of PR_SET_PDEATHSIG.
func (p *Process) parentDied() {
	for _, t := range slices.Clone(p.threads) {
		if t.PdeathSignal != 0 {
			p.Send(abi.KillInfo(t.PdeathSignal, abi.SI_USER, 0, 0))
		}
	}
}

// notifyExit tells the parent that p has ended. A parent that ignores SIGCHLD
// never sees the zombie (wait(2), NOTES); neither does init leave one.
func (p *Process) notifyExit() {
	parent := p.Parent
	if parent == nil {
		p.reap()
		return
	}
	a := parent.Action(abi.SIGCHLD)
	auto := p.exitSignal == abi.SIGCHLD && (a.Handler == abi.SIG_IGN || a.Flags&abi.SA_NOCLDWAIT != 0)
	if p.exitSignal != 0 && !(auto && a.Handler == abi.SIG_IGN) {
		code, status := p.exitCode()
		parent.Send(p.childInfo(p.exitSignal, code, status))
	}
	if auto {
		p.reap()
	}
	parent.childQueue.Wake()
}

// exitCode returns si_code and si_status of the end of p.
func (p *Process) exitCode() (code, status int32) {
	sig := p.exitStatus & 0x7f
	switch {
	case sig == 0:
		return abi.CLD_EXITED, p.exitStatus >> 8 & 0xff
	case p.exitStatus&0x80 != 0:
		return abi.CLD_DUMPED, sig
	}
	return abi.CLD_KILLED, sig
}

// reap removes a zombie; its times go to the parent that waited for it.
func (p *Process) reap() {
	k := p.k
	p.state = reaped
	if q := p.Parent; q != nil {
		i := slices.Index(q.children, p)
		q.children = slices.Delete(q.children, i, i+1)
		p.Parent = nil // who remembers p does not need its ancestors
	}
	i, _ := k.findProc(p.PID)
	k.procs = slices.Delete(k.procs, i, i+1)
}
