package kernel

import "emurun/abi"

// Session is a session of process groups, setsid(2), with its controlling
// terminal.
type Session struct {
	SID        int32
	Leader     *Process // nil once it has ended
	TTY        Terminal // the controlling terminal, or nil
	Foreground int32    // the terminal's foreground process group
}

// Terminal is a controlling terminal as a session sees it.
type Terminal interface {
	// Disassociate tells the terminal that its session has given it up.
	Disassociate()
	// Number returns the device number, for /proc/PID/stat.
	Number() uint64
}

// Setsid implements setsid(2) for p: a new session and group, without a terminal.
func (k *Kernel) Setsid(p *Process) bool {
	for _, q := range k.procs {
		if q.PGID == p.PID {
			return false
		}
	}
	p.Session = &Session{SID: p.PID, Leader: p}
	p.PGID = p.PID
	return true
}

// Group returns the living and dead processes of a process group by PID.
func (k *Kernel) Group(pgid int32) []*Process {
	var g []*Process
	for _, p := range k.procs {
		if p.PGID == pgid {
			g = append(g, p)
		}
	}
	return g
}

// Orphaned reports whether the group has no member whose parent is in another
// group of the same session: nobody would continue it if it stopped
// (setpgid(2)). Process except counts as gone; it may be nil. The parent of the
// first process is whoever runs the machine, who can.
func (k *Kernel) Orphaned(pgid int32, except *Process) bool {
	for _, p := range k.procs {
		if p.PGID != pgid || p == except || p.state != alive {
			continue
		}
		if p == k.root {
			return false
		}
		if p.Parent == nil {
			continue
		}
		if p.Parent.PGID != pgid && p.Parent.Session == p.Session {
			return false
		}
	}
	return true
}

// hasStopped reports whether a member of the group is stopped.
func (k *Kernel) hasStopped(pgid int32) bool {
	for _, p := range k.procs {
		if p.PGID == pgid && p.state == alive && p.stopped {
			return true
		}
	}
	return false
}

// Setpgid implements setpgid(2): p, the caller itself or a child that has not
// executed yet, moves to an existing group of its session or to a new one.
func (caller *Process) Setpgid(p *Process, pgid int32) error {
	if p != caller {
		switch {
		case p.Parent != caller:
			return abi.ESRCH
		case p.Session != caller.Session:
			return abi.EPERM
		case p.execed:
			return abi.EACCES
		}
	}
	if p.Session.Leader == p {
		return abi.EPERM
	}
	if pgid != p.PID {
		g := p.k.Group(pgid)
		if len(g) == 0 || g[0].Session != caller.Session {
			return abi.EPERM
		}
	}
	p.PGID = pgid
	return nil
}
