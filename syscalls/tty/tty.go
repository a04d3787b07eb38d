package tty

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Terminal is what is behind a terminal device. Like a vfs.File it does not
// block: Read and Write answer abi.EAGAIN.
type Terminal interface {
	// Read returns input as the discipline delivers it; 0 is end of file.
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	// Ready returns the poll(2) events that hold.
	Ready() uint32
	Queue() *vfs.Queue
	Termios() (abi.Termios, error)
	// SetTermios changes the modes; how is abi.TCSETS, TCSETSW or TCSETSF.
	SetTermios(t abi.Termios, how uint32) error
	WindowSize() (abi.Winsize, error)
	SetWindowSize(w abi.Winsize) error
	// Flush implements TCFLSH: queue is abi.TCIFLUSH, TCOFLUSH or TCIOFLUSH.
	Flush(queue uint64) error
	// Buffered returns how many bytes of input, and of output, are waiting.
	Buffered() (in, out int)
}

// TTY is a terminal device. It implements kernel.Terminal.
type TTY struct {
	sys     *System
	term    Terminal
	index   int // its name in /dev/pts
	session *kernel.Session
	attr    vfs.Attr
	hung    bool // the other side of a pseudoterminal is gone
	pty     *pty // nil for the host's terminal
	node    *ttyNode
}

// Number implements kernel.Terminal.
func (t *TTY) Number() uint64 { return t.attr.Rdev }

// Disassociate implements kernel.Terminal.
func (t *TTY) Disassociate() { t.session = nil }

// Adopt makes t the controlling terminal of session s, as Boot's does of the
// first session.
func (t *TTY) Adopt(s *kernel.Session) { t.session, s.TTY = s, t }

// foreground is the foreground process group, or 0.
func (t *TTY) foreground() int32 {
	if t.session == nil {
		return 0
	}
	return t.session.Foreground
}

// signal sends sig to the foreground process group.
func (t *TTY) signal(sig abi.Signal) {
	if pgid := t.foreground(); pgid != 0 {
		t.sys.k.SendGroup(pgid, kernel.KernelInfo(sig))
	}
}

// File is an open terminal device.
type File struct {
	vfs.FileDefaults
	*TTY
}

// Queue implements vfs.File.
func (f *File) Queue() *vfs.Queue { return f.term.Queue() }

// Ready implements vfs.File.
func (f *File) Ready() uint32 {
	if f.hung {
		return abi.POLLIN | abi.POLLOUT | abi.POLLHUP | abi.POLLERR
	}
	return f.term.Ready()
}

// Read implements vfs.File.
func (f *File) Read(p []byte, _ int64) (int, error) {
	if f.hung || len(p) == 0 {
		return 0, nil
	}
	n, err := f.term.Read(p)
	if err == abi.EAGAIN && f.readNs() == 0 {
		return 0, nil
	}
	return n, err
}

// Write implements vfs.File.
func (f *File) Write(p []byte, _ int64) (int, error) {
	if f.hung {
		return 0, abi.EIO
	}
	return f.term.Write(p)
}

// Release implements vfs.File.
func (f *File) Release() {
	if f.pty != nil {
		f.pty.closeSlave()
	}
}

// readNs is how long a read waits for its first byte: with MIN 0 in
// noncanonical mode at most TIME tenths of a second (termios(3)); -1 is no limit.
func (f *File) readNs() int64 {
	m, err := f.term.Termios()
	if err != nil || m.Lflag&abi.ICANON != 0 || m.Cc[abi.VMIN] != 0 {
		return -1
	}
	return int64(m.Cc[abi.VTIME]) * 1e8
}

// TimeoutsNs tells read(2) how long to wait.
func (f *File) TimeoutsNs() (read, write int64) { return f.readNs(), -1 }

// TimedOut tells read(2) that a wait of TimeoutsNs that ends is the end of file.
func (f *File) TimedOut() error { return nil }

// background reports whether t's process may not use the terminal as the
// foreground does.
func (t *TTY) background(th *kernel.Thread) bool {
	s := th.Proc.Session
	return s.TTY == kernel.Terminal(t) && s.Foreground != 0 && s.Foreground != th.Proc.PGID
}

// deaf reports whether the thread blocks or ignores sig.
func deaf(th *kernel.Thread, sig abi.Signal) bool {
	return th.SigMask&sig.Bit() != 0 || th.Proc.Action(sig).Handler == abi.SIG_IGN
}

// stopGroup sends sig to the process group of the thread, whose call begins
// again when it is continued.
func stopGroup(th *kernel.Thread, sig abi.Signal) error {
	if th.Kernel().Orphaned(th.Proc.PGID, nil) {
		return abi.EIO
	}
	th.Kernel().SendGroup(th.Proc.PGID, kernel.KernelInfo(sig))
	return abi.ERESTARTSYS
}

// MayRead checks job control: reading in the background stops the process group.
func (f *File) MayRead(th *kernel.Thread) error {
	switch {
	case !f.background(th):
		return nil
	case deaf(th, abi.SIGTTIN):
		return abi.EIO
	}
	return stopGroup(th, abi.SIGTTIN)
}

// MayWrite checks job control: writing in the background is free unless TOSTOP is set.
func (f *File) MayWrite(th *kernel.Thread) error {
	m, err := f.term.Termios()
	if err != nil || m.Lflag&abi.TOSTOP == 0 {
		return nil
	}
	return f.mayChange(th)
}

// mayChange checks job control for changing the terminal's state.
func (t *TTY) mayChange(th *kernel.Thread) error {
	if !t.background(th) || deaf(th, abi.SIGTTOU) {
		return nil
	}
	return stopGroup(th, abi.SIGTTOU)
}

// Opened makes the terminal the controlling one of a session leader without
// one, unless it opened with O_NOCTTY (tty(4)).
func (f *File) Opened(th *kernel.Thread, flags uint32) {
	if flags&(abi.O_NOCTTY|abi.O_PATH) == 0 {
		f.TTY.control(th)
	}
}

// control makes t the controlling terminal of the thread's session if that may be.
func (t *TTY) control(th *kernel.Thread) bool {
	s := th.Proc.Session
	if s.Leader != th.Proc || s.TTY != nil || t.session != nil {
		return false
	}
	t.Adopt(s)
	s.Foreground = th.Proc.PGID
	return true
}
