package freezetest

import (
	"bytes"

	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
)

// World is an outside that gives an input and collects output. It survives its machines.
type World struct {
	In  []byte // what is left of standard input
	Out [2]bytes.Buffer
}

var _ machine.Outside = (*World)(nil)

// Standard says what the standard descriptors are: three pipes.
func (w *World) Standard() machine.Standard {
	var s machine.Standard
	for i := range s.Streams {
		x := &s.Streams[i]
		x.Kind, x.Same = abi.S_IFIFO, machine.Port(i)
		x.Attr = vfs.Attr{Mode: abi.S_IFIFO | 0o600, Nlink: 1, Blksize: 4096}
		x.Ready = w.Ready(machine.Port(i))
		if i > 0 {
			x.Flags = abi.O_WRONLY
		}
	}
	return s
}

// Signals implements machine.Outside.
func (w *World) Signals() []int { return nil }

// Wait implements machine.Outside: everything is ready always.
func (w *World) Wait(_ int64, missing [machine.Ports]uint32) (ready [machine.Ports]bool) {
	for p := range ready {
		ready[p] = missing[p] != 0
	}
	return ready
}

// Now implements machine.Outside.
func (w *World) Now() int64 { return 0 }

// Stop implements machine.Outside.
func (w *World) Stop() {}

// Expired implements machine.Outside.
func (w *World) Expired() bool { return false }

// Read implements machine.Streams.
func (w *World) Read(p machine.Port, b []byte, _ int64) (int, error) {
	if p != machine.Stdin {
		return 0, abi.EBADF
	}
	n := copy(b, w.In)
	w.In = w.In[n:]
	return n, nil
}

// Write implements machine.Streams.
func (w *World) Write(p machine.Port, b []byte, _ int64) (int, error) {
	if p != machine.Stdout && p != machine.Stderr {
		return 0, abi.EBADF
	}
	return w.Out[p-machine.Stdout].Write(b)
}

// Ready implements machine.Streams.
func (w *World) Ready(p machine.Port) uint32 {
	if p == machine.Stdin {
		return abi.POLLIN
	}
	return abi.POLLOUT
}

// Attr implements machine.Streams.
func (w *World) Attr(machine.Port) vfs.Attr {
	return vfs.Attr{Mode: abi.S_IFIFO | 0o600, Nlink: 1, Blksize: 4096}
}

// Truncate implements machine.Streams.
func (w *World) Truncate(machine.Port, int64) error { return abi.EINVAL }

// Position implements machine.Streams.
func (w *World) Position(machine.Port, int64) {}

// Termios implements machine.Screen.
func (w *World) Termios() (abi.Termios, error) { return abi.Termios{}, abi.ENOTTY }

// SetTermios implements machine.Screen.
func (w *World) SetTermios(abi.Termios, uint32) error { return abi.ENOTTY }

// WindowSize implements machine.Screen.
func (w *World) WindowSize() (abi.Winsize, error) { return abi.Winsize{}, abi.ENOTTY }

// SetWindowSize implements machine.Screen.
func (w *World) SetWindowSize(abi.Winsize) error { return abi.ENOTTY }

// Flush implements machine.Screen.
func (w *World) Flush(uint64) error { return abi.ENOTTY }

// Buffered implements machine.Screen.
func (w *World) Buffered() (in, out int) { return 0, 0 }
