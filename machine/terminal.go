package machine

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// terminal is the terminal of the outside, with its own line discipline, as the guest's. It
// implements tty.Terminal. All that it knows comes through the door.
type terminal struct {
	door    *door
	queue   vfs.Queue
	missing uint32 // the events for which somebody may wait; none after a wake
	in, out uint64 // bytes read and written since the beginning
}

func newTerminal(d *door) *terminal {
	return &terminal{door: d, queue: vfs.Queue{External: true}}
}

// Read implements tty.Terminal.
func (t *terminal) Read(p []byte) (int, error) {
	n, err := t.door.read(OnTerminal, p, 0)
	t.in += uint64(n)
	if err == abi.EAGAIN {
		t.missing |= abi.POLLIN
	}
	return n, err
}

// Write implements tty.Terminal.
func (t *terminal) Write(p []byte) (int, error) {
	n, err := t.door.writeTo(OnTerminal, p, 0)
	t.out += uint64(n)
	if err == abi.EAGAIN {
		t.missing |= abi.POLLOUT
	}
	return n, err
}

// Ready implements tty.Terminal.
func (t *terminal) Ready() uint32 {
	ready := t.door.readyAt(OnTerminal)
	t.missing |= (abi.POLLIN | abi.POLLOUT) &^ ready
	return ready
}

// Queue implements tty.Terminal.
func (t *terminal) Queue() *vfs.Queue { return &t.queue }

// Termios implements tty.Terminal.
func (t *terminal) Termios() (abi.Termios, error) { return t.door.modes() }

// SetTermios implements tty.Terminal.
func (t *terminal) SetTermios(m abi.Termios, how uint32) error {
	return t.door.plain(InputSetTermios, OnTerminal, func() error { return t.door.outside.SetTermios(m, how) })
}

// WindowSize implements tty.Terminal.
func (t *terminal) WindowSize() (abi.Winsize, error) { return t.door.windowSize() }

// SetWindowSize implements tty.Terminal.
func (t *terminal) SetWindowSize(w abi.Winsize) error {
	return t.door.plain(InputSetWinsize, OnTerminal, func() error { return t.door.outside.SetWindowSize(w) })
}

// Flush implements tty.Terminal.
func (t *terminal) Flush(queue uint64) error {
	return t.door.plain(InputFlush, OnTerminal, func() error { return t.door.outside.Flush(queue) })
}

// Buffered implements tty.Terminal.
func (t *terminal) Buffered() (in, out int) { return t.door.waiting() }

// Freeze implements wire.Object.
func (t *terminal) Freeze(e *wire.Encoder) {
	e.Ref(t.door)
	t.queue.Freeze(e)
	e.Uint32(t.missing)
	e.Uint64(t.in)
	e.Uint64(t.out)
}

// Thaw implements wire.Object.
func (t *terminal) Thaw(d *wire.Decoder) {
	t.door = wire.Ref[*door](d)
	t.queue.Thaw(d)
	t.missing = d.Uint32()
	t.in, t.out = d.Uint64(), d.Uint64()
	if t.door == nil {
		d.Fail("a terminal that leads nowhere")
	}
}
