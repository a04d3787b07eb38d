package host

import (
	"time"

	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
)

// World is what lies outside one machine: its inherited streams, its terminal,
// and the signals that come for it. It implements machine.Outside. It is not safe for
// concurrent use, but for Wake.
type World struct {
	streams  [machine.Ports]*stream // nil for none
	terminal *terminal              // nil without one
	plain    plainScreen            // instead of it
	signals  *signals
	written  *Written // how far files are written; nil if nobody keeps that
	start    time.Time
	timeout  time.Duration // 0: no limit
}

var _ machine.Outside = (*World)(nil)

// NewWorld returns a world that catches the signals a program may get, and
// expires after timeout if that is not 0.
func NewWorld(timeout time.Duration) *World {
	return &World{signals: catchSignals(), start: time.Now(), timeout: timeout}
}

// Now implements machine.Outside: the time since the world began, in ns.
func (w *World) Now() int64 { return int64(time.Since(w.start)) }

// Expired implements machine.Outside.
func (w *World) Expired() bool { return w.timeout > 0 && time.Since(w.start) >= w.timeout }

// Wake ends the wait for something outside, from any goroutine.
func (w *World) Wake() { w.signals.wake.wake() }

// Close gives signals their former meaning back, and the terminal its modes.
func (w *World) Close() {
	w.signals.stop()
	w.terminal.suspend()
}

// Signals implements machine.Outside. It costs one atomic load when there is none.
func (w *World) Signals() []int { return w.signals.take() }

// Wait implements machine.Outside.
func (w *World) Wait(ns int64, missing [machine.Ports]uint32) (ready [machine.Ports]bool) {
	if w.timeout > 0 {
		left := int64(max(w.timeout-time.Since(w.start), 0))
		if ns < 0 || left < ns {
			ns = left
		}
	}
	for p := range missing {
		if w.streams[p] == nil {
			missing[p] = 0
		}
	}
	hostWait(&w.streams, missing, w.signals, ns, &ready)
	return ready
}

// Read implements machine.Outside.
func (w *World) Read(p machine.Port, b []byte, off int64) (int, error) {
	if w.streams[p] == nil {
		return 0, nil // as /dev/null
	}
	return w.streams[p].read(b, off)
}

// Write implements machine.Outside.
func (w *World) Write(p machine.Port, b []byte, off int64) (int, error) {
	if w.streams[p] == nil {
		return len(b), nil // as /dev/null
	}
	return w.streams[p].write(b, off)
}

// Ready implements machine.Outside.
func (w *World) Ready(p machine.Port) uint32 {
	if w.streams[p] == nil {
		return abi.POLLIN | abi.POLLOUT
	}
	return w.streams[p].ready()
}

// Attr implements machine.Outside.
func (w *World) Attr(p machine.Port) vfs.Attr {
	if w.streams[p] == nil {
		return vfs.Attr{Dev: streamDev, Ino: uint64(p) + 1, Mode: abi.S_IFREG | 0o600, Nlink: 1, Blksize: 4096}
	}
	return w.streams[p].attr()
}

// Truncate implements machine.Outside.
func (w *World) Truncate(p machine.Port, size int64) error {
	if w.streams[p] == nil {
		return nil
	}
	return hostTruncate(w.streams[p].fd, size+w.streams[p].base)
}

// Position implements machine.Outside.
func (w *World) Position(p machine.Port, off int64) {
	if s := w.streams[p]; s != nil && s.seekable() {
		s.seek(off)
	}
}
