package host

import "emurun/abi"

// A machine that began on a terminal may go on where there is none. Then it keeps one that
// has the modes and the size that it was given last: input and output are those of the
// descriptors 0 and 1, and nothing is done with either.
type plainScreen struct {
	modes abi.Termios
	size  abi.Winsize
}

// Termios implements machine.Outside.
func (w *World) Termios() (abi.Termios, error) {
	if w.terminal == nil {
		return w.plain.modes, nil
	}
	return hostTermios(w.terminal.stream.fd)
}

// SetTermios implements machine.Outside.
func (w *World) SetTermios(m abi.Termios, how uint32) error {
	if w.terminal == nil {
		w.plain.modes = m
		return nil
	}
	return w.terminal.set(m, how)
}

// WindowSize implements machine.Outside.
func (w *World) WindowSize() (abi.Winsize, error) {
	if w.terminal == nil {
		return w.plain.size, nil
	}
	return hostWindowSize(w.terminal.stream.fd)
}

// SetWindowSize implements machine.Outside.
func (w *World) SetWindowSize(z abi.Winsize) error {
	if w.terminal == nil {
		w.plain.size = z
		return nil
	}
	return setHostWindowSize(w.terminal.stream.fd, z)
}

// Flush implements machine.Outside.
func (w *World) Flush(queue uint64) error {
	if w.terminal == nil {
		return nil
	}
	return hostFlush(w.terminal.stream.fd, queue)
}

// Buffered implements machine.Outside.
func (w *World) Buffered() (in, out int) {
	if w.terminal == nil {
		return 0, 0
	}
	return hostBuffered(w.terminal.stream.fd)
}
