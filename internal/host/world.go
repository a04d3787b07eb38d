package host

import (
	"fmt"

	"emurun/abi"
	"emurun/vfs"
)

// World is what lies outside one machine: its inherited streams, its terminal,
// and the signals that come for it. It is not safe for concurrent use.
type World struct {
	streams []*Stream
	signals *signals
}

// NewWorld returns a world that catches the signals a program may get.
func NewWorld() *World { return &World{signals: catchSignals()} }

// Close gives signals their former meaning back.
func (w *World) Close() { w.signals.stop() }

// Signals returns the numbers of the signals that have come since the last call,
// oldest first. It costs one atomic load when there is none.
func (w *World) Signals() []int { return w.signals.take() }

// Inherit returns the stream behind an inherited host descriptor.
func (w *World) Inherit(fd int) (*Stream, error) {
	kind, err := hostKind(fd)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	s := &Stream{world: w, fd: fd, kind: kind, queue: vfs.Queue{External: true}}
	w.streams = append(w.streams, s)
	return s, nil
}

// Wait sleeps until a stream that the guest waits for is ready, a signal has
// come, or ns nanoseconds have passed; negative means without limit. It wakes
// the queues of the streams that became ready.
func (w *World) Wait(ns int64) {
	var waiting []*Stream
	for _, s := range w.streams {
		if !s.queue.Empty() && s.missing != 0 {
			waiting = append(waiting, s)
		}
	}
	for _, s := range hostWait(waiting, w.signals, ns) {
		s.queue.Wake()
	}
}

// Attr is what fstat(2) tells of a stream: its kind and nothing that differs
// between hosts.
func (s *Stream) Attr() vfs.Attr {
	a := vfs.Attr{Dev: streamDev, Ino: uint64(s.fd) + 1, Mode: s.kind | 0o600, Nlink: 1, Blksize: 4096}
	hostAttr(s.fd, &a)
	if s.kind == abi.S_IFIFO || s.kind == abi.S_IFSOCK {
		a.Size = 0
	}
	return a
}

// streamDev is the device number of inherited streams: that of Linux's pipefs in
// a fresh system.
const streamDev = 13
