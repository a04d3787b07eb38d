package tty

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Limits of a pseudoterminal's buffers.
const (
	maxInput  = 4096  // N_TTY_BUF_SIZE
	maxOutput = 16384 // what the slave may write before the master reads
)

// pty is a pseudoterminal: the slave's line discipline between two buffers. It
// is the slave's Terminal.
type pty struct {
	tty     *TTY
	modes   abi.Termios
	size    abi.Winsize
	queue   vfs.Queue // of the slave
	mqueue  vfs.Queue // of the master
	locked  bool      // until unlockpt(3)
	slaves  int       // open slave descriptions
	opened  bool      // a slave was open once
	stopped bool      // ^S

	line    []byte  // being edited, ICANON
	ready   []chunk // finished input
	output  []byte  // for the master to read
	column  int     // of the output, for tabs and erasing
	literal bool    // ^V: the next character has no meaning
}

// chunk is input that is ready: a line, or bytes of noncanonical mode.
type chunk struct {
	data []byte
	line bool // a read never goes beyond its end; empty is end of file
}

func newPty() *pty { return &pty{modes: abi.DefaultTermios(), locked: true} }

// closeSlave notes that a slave description went.
func (p *pty) closeSlave() {
	p.slaves--
	p.mqueue.Wake()
}

// Queue implements Terminal.
func (p *pty) Queue() *vfs.Queue { return &p.queue }

// Termios implements Terminal.
func (p *pty) Termios() (abi.Termios, error) { return p.modes, nil }

// SetTermios implements Terminal. Leaving canonical mode makes the line being
// edited readable.
func (p *pty) SetTermios(m abi.Termios, how uint32) error {
	if how == abi.TCSETSF {
		p.line, p.ready = nil, nil
	}
	if p.modes.Lflag&abi.ICANON != 0 && m.Lflag&abi.ICANON == 0 {
		for i := range p.ready {
			p.ready[i].line = false
		}
		if len(p.line) > 0 {
			p.ready = append(p.ready, chunk{p.line, false})
			p.line = nil
		}
	}
	p.modes = m
	p.queue.Wake()
	return nil
}

// WindowSize implements Terminal.
func (p *pty) WindowSize() (abi.Winsize, error) { return p.size, nil }

// SetWindowSize implements Terminal.
func (p *pty) SetWindowSize(w abi.Winsize) error {
	p.size = w
	return nil
}

// Flush implements Terminal.
func (p *pty) Flush(queue uint64) error {
	if queue != abi.TCOFLUSH {
		p.line, p.ready = nil, nil
	}
	if queue != abi.TCIFLUSH {
		p.output = nil
	}
	p.mqueue.Wake()
	p.queue.Wake()
	return nil
}

// Buffered implements Terminal.
func (p *pty) Buffered() (in, out int) {
	for _, c := range p.ready {
		in += len(c.data)
	}
	return in, len(p.output)
}

// Read implements Terminal: one line of canonical input, or what is there once
// it is MIN bytes.
func (p *pty) Read(b []byte) (int, error) {
	if len(p.ready) == 0 {
		return 0, abi.EAGAIN
	}
	if p.modes.Lflag&abi.ICANON == 0 {
		if in, _ := p.Buffered(); in < min(int(p.modes.Cc[abi.VMIN]), len(b)) {
			return 0, abi.EAGAIN
		}
	}
	n := 0
	for n < len(b) && len(p.ready) > 0 {
		c := &p.ready[0]
		k := copy(b[n:], c.data)
		n += k
		line := c.line
		if c.data = c.data[k:]; len(c.data) == 0 {
			p.ready = p.ready[1:]
		}
		if line {
			break
		}
	}
	p.mqueue.WakeFor(abi.POLLOUT)
	return n, nil
}

// Write implements Terminal: output from the slave.
func (p *pty) Write(b []byte) (int, error) {
	if p.stopped {
		return 0, abi.EAGAIN
	}
	n := 0
	for n < len(b) && len(p.output) < maxOutput {
		p.put(b[n])
		n++
	}
	if n == 0 && len(b) > 0 {
		return 0, abi.EAGAIN
	}
	p.mqueue.WakeFor(abi.POLLIN)
	return n, nil
}

// Ready implements Terminal.
func (p *pty) Ready() uint32 {
	var ev uint32
	if in, _ := p.Buffered(); len(p.ready) > 0 && (p.modes.Lflag&abi.ICANON != 0 || in >= int(max(1, p.modes.Cc[abi.VMIN]))) {
		ev |= abi.POLLIN | abi.POLLRDNORM
	}
	if len(p.output) < maxOutput && !p.stopped {
		ev |= abi.POLLOUT | abi.POLLWRNORM
	}
	return ev
}

// Master is the open master side of a pseudoterminal.
type Master struct {
	vfs.FileDefaults
	pty *pty
}

// Read implements vfs.File: what the slave wrote. Once the last slave has
// closed it is EIO.
func (m *Master) Read(b []byte, _ int64) (int, error) {
	p := m.pty
	if len(p.output) == 0 {
		if p.opened && p.slaves == 0 {
			return 0, abi.EIO
		}
		return 0, abi.EAGAIN
	}
	n := copy(b, p.output)
	p.output = p.output[n:]
	p.queue.WakeFor(abi.POLLOUT)
	return n, nil
}

// Write implements vfs.File: what is typed.
func (m *Master) Write(b []byte, _ int64) (int, error) {
	p := m.pty
	n := 0
	for n < len(b) && p.room() {
		p.receive(b[n])
		n++
	}
	if n == 0 && len(b) > 0 {
		return 0, abi.EAGAIN
	}
	p.queue.WakeFor(abi.POLLIN)
	p.mqueue.WakeFor(abi.POLLIN) // echo
	return n, nil
}

// room reports whether the slave's input takes another character. While a line
// is edited it always does: what is beyond the limit is lost.
func (p *pty) room() bool {
	in, _ := p.Buffered()
	return in < maxInput || p.modes.Lflag&abi.ICANON != 0 && len(p.ready) == 0
}

// Ready implements vfs.File.
func (m *Master) Ready() uint32 {
	p := m.pty
	var ev uint32
	if len(p.output) > 0 {
		ev |= abi.POLLIN | abi.POLLRDNORM
	}
	if p.opened && p.slaves == 0 {
		ev |= abi.POLLHUP
	}
	if p.room() {
		ev |= abi.POLLOUT | abi.POLLWRNORM
	}
	return ev
}

// Queue implements vfs.File.
func (m *Master) Queue() *vfs.Queue { return &m.pty.mqueue }

// Release implements vfs.File: the terminal hangs up.
func (m *Master) Release() {
	t := m.pty.tty
	t.hung = true
	t.sys.ttys[t.index] = nil
	if s := t.session; s != nil {
		if s.Leader != nil {
			s.Leader.Send(kernel.KernelInfo(abi.SIGHUP))
			s.Leader.Send(kernel.KernelInfo(abi.SIGCONT))
		}
		t.signal(abi.SIGHUP)
		t.signal(abi.SIGCONT)
		s.TTY, s.Foreground = nil, 0
		t.session = nil
	}
	m.pty.queue.Wake()
}

// IoctlBy implements the requests of the master: those of pts(4), and those of
// the slave, whose modes, size and foreground group it shares.
func (m *Master) IoctlBy(th *kernel.Thread, of *vfs.OpenFile, req uint32, arg uint64) (uint64, bool, error) {
	p := m.pty
	switch req {
	case abi.TIOCGPTN:
		return 0, true, th.WriteU32(arg, uint32(p.tty.index))
	case abi.TIOCSPTLCK:
		v, err := th.ReadU32(arg)
		if err == nil {
			p.locked = v != 0
		}
		return 0, true, err
	case abi.TIOCGPTLCK:
		v := uint32(0)
		if p.locked {
			v = 1
		}
		return 0, true, th.WriteU32(arg, v)
	case abi.TIOCGPTPEER:
		ret, err := m.openPeer(th, uint32(arg))
		return ret, true, err
	case abi.TIOCGPGRP:
		return 0, true, th.WriteU32(arg, uint32(p.tty.foreground()))
	case abi.TIOCGSID:
		if p.tty.session == nil {
			return 0, true, abi.ENOTTY
		}
		return 0, true, th.WriteU32(arg, uint32(p.tty.session.SID))
	case abi.FIONREAD:
		return 0, true, th.WriteU32(arg, uint32(len(p.output)))
	case abi.TIOCSCTTY, abi.TIOCSPGRP, abi.TIOCNOTTY:
		return 0, true, abi.ENOTTY
	}
	ret, err := p.tty.ioctl(th, req, arg)
	return ret, true, err
}

// openPeer implements TIOCGPTPEER: a descriptor of the slave, whatever the path to
// it.
func (m *Master) openPeer(th *kernel.Thread, flags uint32) (uint64, error) {
	t := m.pty.tty
	f, err := t.open()
	if err != nil {
		return 0, err
	}
	n := t.Node()
	d, err := th.VFS().Walk(nil, "/dev/pts/"+itoa(t.index), true)
	if err != nil {
		d = vfs.NewDentry("/dev/pts/"+itoa(t.index), n)
	}
	of := vfs.NewOpenFile(f, n, d, flags&(abi.O_ACCMODE|abi.O_NONBLOCK)|abi.O_LARGEFILE)
	fd, err := th.Proc.FDs.Install(of, 0, th.Proc.Limits[abi.RLIMIT_NOFILE].Cur, flags&abi.O_CLOEXEC != 0)
	if err != nil {
		of.Unref()
	}
	return uint64(fd), err
}
