package tty

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// IoctlBy implements ioctl_tty(2) for the thread that asks.
func (f *File) IoctlBy(th *kernel.Thread, of *vfs.OpenFile, req uint32, arg uint64) (uint64, bool, error) {
	if f.hung {
		return 0, true, abi.EIO
	}
	ret, err := f.TTY.ioctl(th, req, arg)
	if err == abi.ENOTTY {
		ret, err = f.TTY.jobIoctl(th, req, arg)
	}
	return ret, true, err
}

// ioctl is the requests about modes, size and buffers.
func (t *TTY) ioctl(th *kernel.Thread, req uint32, arg uint64) (uint64, error) {
	switch req {
	case abi.TCGETS, abi.TCGETS2:
		return 0, t.getModes(th, req, arg)
	case abi.TCSETS, abi.TCSETSW, abi.TCSETSF, abi.TCSETS2, abi.TCSETSW2, abi.TCSETSF2:
		return 0, t.setModes(th, req, arg)
	case abi.TIOCGWINSZ:
		w, err := t.term.WindowSize()
		if err != nil {
			return 0, err
		}
		var b [abi.WinsizeSize]byte
		w.Put(b[:])
		return 0, th.Write(b[:], arg)
	case abi.TIOCSWINSZ:
		return 0, t.setWindowSize(th, arg)
	case abi.TCFLSH:
		if err := t.mayChange(th); err != nil {
			return 0, err
		}
		if arg > abi.TCIOFLUSH {
			return 0, abi.EINVAL
		}
		return 0, t.term.Flush(arg)
	case abi.TCSBRK, abi.TCSBRKP, abi.TCXONC:
		return 0, t.mayChange(th) // nothing is ever left to be sent
	case abi.FIONREAD:
		in, _ := t.term.Buffered()
		return 0, th.WriteU32(arg, uint32(in))
	case abi.TIOCOUTQ:
		_, out := t.term.Buffered()
		return 0, th.WriteU32(arg, uint32(out))
	case abi.TIOCGETD:
		return 0, th.WriteU32(arg, 0) // N_TTY
	case abi.TIOCEXCL, abi.TIOCNXCL:
		return 0, nil
	}
	return 0, abi.ENOTTY
}

func (t *TTY) getModes(th *kernel.Thread, req uint32, arg uint64) error {
	m, err := t.term.Termios()
	if err != nil {
		return err
	}
	var b [abi.Termios2Size]byte
	if req == abi.TCGETS2 {
		m.PutTermios2(b[:])
		return th.Write(b[:], arg)
	}
	m.Put(b[:])
	return th.Write(b[:abi.TermiosSize], arg)
}

// setModes implements TCSETS and its kin; those with a 2 carry speeds, which
// the baud bits have too.
func (t *TTY) setModes(th *kernel.Thread, req uint32, arg uint64) error {
	var b [abi.TermiosSize]byte
	if err := th.Read(b[:], arg); err != nil {
		return err
	}
	if err := t.mayChange(th); err != nil {
		return err
	}
	var m abi.Termios
	m.Decode(b[:])
	how := map[uint32]uint32{abi.TCSETS2: abi.TCSETS, abi.TCSETSW2: abi.TCSETSW, abi.TCSETSF2: abi.TCSETSF}[req]
	if how == 0 {
		how = req
	}
	return t.term.SetTermios(m, how)
}

func (t *TTY) setWindowSize(th *kernel.Thread, arg uint64) error {
	var b [abi.WinsizeSize]byte
	if err := th.Read(b[:], arg); err != nil {
		return err
	}
	var w abi.Winsize
	w.Decode(b[:])
	old, err := t.term.WindowSize()
	if err != nil || old == w {
		return err
	}
	if err := t.term.SetWindowSize(w); err != nil {
		return err
	}
	t.signal(abi.SIGWINCH)
	return nil
}

// jobIoctl is the requests about sessions and process groups.
func (t *TTY) jobIoctl(th *kernel.Thread, req uint32, arg uint64) (uint64, error) {
	s := th.Proc.Session
	mine := s.TTY == kernel.Terminal(t)
	switch req {
	case abi.TIOCSCTTY:
		return 0, t.setControlling(th, arg)
	case abi.TIOCNOTTY:
		if !mine {
			return 0, abi.ENOTTY
		}
		if s.Leader == th.Proc {
			t.signal(abi.SIGHUP)
			t.signal(abi.SIGCONT)
			t.Disassociate()
			s.TTY, s.Foreground = nil, 0
		}
		return 0, nil
	case abi.TIOCGPGRP:
		if !mine {
			return 0, abi.ENOTTY
		}
		return 0, th.WriteU32(arg, uint32(s.Foreground))
	case abi.TIOCGSID:
		if !mine {
			return 0, abi.ENOTTY
		}
		return 0, th.WriteU32(arg, uint32(s.SID))
	case abi.TIOCSPGRP:
		return 0, t.setForeground(th, arg, mine)
	}
	return 0, abi.ENOTTY
}

// setControlling implements TIOCSCTTY. With arg 1 root takes the terminal away
// from another session.
func (t *TTY) setControlling(th *kernel.Thread, arg uint64) error {
	s := th.Proc.Session
	if s.Leader == th.Proc && s.TTY == kernel.Terminal(t) {
		return nil
	}
	if s.Leader != th.Proc || s.TTY != nil {
		return abi.EPERM
	}
	if old := t.session; old != nil {
		if arg != 1 || !th.Proc.Cred.Capable(abi.CAP_SYS_ADMIN) {
			return abi.EPERM
		}
		old.TTY, old.Foreground = nil, 0
		t.session = nil
	}
	t.control(th)
	return nil
}

// setForeground implements TIOCSPGRP.
func (t *TTY) setForeground(th *kernel.Thread, arg uint64, mine bool) error {
	if err := t.mayChange(th); err != nil {
		return err
	}
	if !mine {
		return abi.ENOTTY
	}
	v, err := th.ReadU32(arg)
	if err != nil {
		return err
	}
	pgid := int32(v)
	if pgid < 0 {
		return abi.EINVAL
	}
	group := th.Kernel().Group(pgid)
	if len(group) == 0 {
		return abi.ESRCH
	}
	if group[0].Session != th.Proc.Session {
		return abi.EPERM
	}
	th.Proc.Session.Foreground = pgid
	return nil
}
