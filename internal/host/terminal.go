package host

import (
	"emurun/abi"
	"emurun/vfs"
)

// Terminal is the host's terminal, with its own line discipline. It implements
// tty.Terminal of the system calls.
type Terminal struct {
	stream *Stream
	found  abi.Termios // the modes in which emurun found it
	guest  abi.Termios // the modes that the guest set, if changed
	// changed says that the modes are the guest's and have to be put back.
	changed bool
}

// newTerminal returns the terminal behind a stream.
func newTerminal(s *Stream) (*Terminal, error) {
	t := &Terminal{stream: s}
	var err error
	t.found, err = hostTermios(s.fd)
	return t, err
}

// Read implements tty.Terminal.
func (t *Terminal) Read(p []byte) (int, error) { return t.stream.Read(p, 0) }

// Write implements tty.Terminal.
func (t *Terminal) Write(p []byte) (int, error) { return t.stream.Write(p, 0) }

// Ready implements tty.Terminal.
func (t *Terminal) Ready() uint32 { return t.stream.Ready() }

// Queue implements tty.Terminal.
func (t *Terminal) Queue() *vfs.Queue { return t.stream.Queue() }

// Termios implements tty.Terminal.
func (t *Terminal) Termios() (abi.Termios, error) { return hostTermios(t.stream.fd) }

// SetTermios implements tty.Terminal.
func (t *Terminal) SetTermios(m abi.Termios, how uint32) error {
	if err := setHostTermios(t.stream.fd, m, how); err != nil {
		return err
	}
	t.guest, t.changed = m, m != t.found
	return nil
}

// WindowSize implements tty.Terminal.
func (t *Terminal) WindowSize() (abi.Winsize, error) { return hostWindowSize(t.stream.fd) }

// SetWindowSize implements tty.Terminal.
func (t *Terminal) SetWindowSize(w abi.Winsize) error { return setHostWindowSize(t.stream.fd, w) }

// Flush implements tty.Terminal.
func (t *Terminal) Flush(queue uint64) error { return hostFlush(t.stream.fd, queue) }

// Buffered implements tty.Terminal.
func (t *Terminal) Buffered() (in, out int) { return hostBuffered(t.stream.fd) }

// suspend puts the terminal back as emurun found it.
func (t *Terminal) suspend() {
	if t != nil && t.changed {
		_ = setHostTermios(t.stream.fd, t.found, abi.TCSETSW) // it may have gone away
	}
}

// resume gives the terminal the guest's modes again.
func (t *Terminal) resume() {
	if t != nil && t.changed {
		_ = setHostTermios(t.stream.fd, t.guest, abi.TCSETSW)
	}
}
