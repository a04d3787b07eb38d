package machine

import (
	"emurun/abi"
	"emurun/vfs"
)

// Port is a way between a machine and the outside: one of the standard descriptors, or
// the terminal.
type Port uint8

// The ports.
const (
	Stdin Port = iota
	Stdout
	Stderr
	OnTerminal // whichever descriptors are on it
	Ports
)

// Outside is the world around a machine. A machine asks it through its door only, which
// writes down what it answered.
type Outside interface {
	// Signals returns the signals that have come for the guest, without waiting.
	Signals() []int
	// Wait sleeps until an input may have come, or ns nanoseconds have passed;
	// negative is without limit. missing has the poll(2) events for which somebody waits
	// at each port; Wait returns the ports that became ready.
	Wait(ns int64, missing [Ports]uint32) [Ports]bool
	// Now returns the host's clock in ns, from any beginning.
	Now() int64
	// Stop stops the emulator as job control has stopped the guest, and returns
	// when it is continued.
	Stop()
	// Expired reports whether the user's limit on real time has passed.
	Expired() bool

	Streams
	Screen
}

// Streams is what the ports do. Like a vfs.File they do not block: Read and Write answer
// abi.EAGAIN.
type Streams interface {
	// Read reads at off, which only a seekable stream heeds; 0 is end of file.
	Read(p Port, b []byte, off int64) (int, error)
	Write(p Port, b []byte, off int64) (int, error)
	// Ready returns the poll(2) events that hold.
	Ready(p Port) uint32
	// Attr returns what fstat(2) tells of a redirected file now.
	Attr(p Port) vfs.Attr
	// Truncate sets the length of a redirected file.
	Truncate(p Port, size int64) error
	// Position tells where the guest has left a seekable stream, for whoever
	// shares it. It answers nothing.
	Position(p Port, off int64)
}

// Screen is what a terminal does besides. Only a machine that has one asks.
type Screen interface {
	Termios() (abi.Termios, error)
	// SetTermios changes the modes; how is abi.TCSETS, TCSETSW or TCSETSF.
	SetTermios(t abi.Termios, how uint32) error
	WindowSize() (abi.Winsize, error)
	SetWindowSize(w abi.Winsize) error
	// Flush implements TCFLSH.
	Flush(queue uint64) error
	// Buffered returns how many bytes of input, and of output, are waiting.
	Buffered() (in, out int)
}
