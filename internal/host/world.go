package host

import (
	"fmt"
	"time"

	"emurun/abi"
	"emurun/vfs"
)

// World is what lies outside one machine: its inherited streams, its terminal,
// and the signals that come for it. It is not safe for concurrent use.
type World struct {
	streams []*Stream
	signals *signals
	start   time.Time
	timeout time.Duration // 0: no limit

	terminal *Terminal       // nil without one
	seekable []*vfs.OpenFile // whose positions the host's descriptors get back
}

// NewWorld returns a world that catches the signals a program may get, and
// expires after timeout if that is not 0.
func NewWorld(timeout time.Duration) *World {
	return &World{signals: catchSignals(), start: time.Now(), timeout: timeout}
}

// Now returns the time since the world began, in ns.
func (w *World) Now() int64 { return int64(time.Since(w.start)) }

// Expired reports whether the user's limit on real time has passed.
func (w *World) Expired() bool { return w.timeout > 0 && time.Since(w.start) >= w.timeout }

// Close gives signals their former meaning back, the terminal its modes, and
// shared descriptors the positions that the guest has reached.
func (w *World) Close() {
	w.signals.stop()
	w.terminal.suspend()
	for _, f := range w.seekable {
		if s := f.File.(*Stream); s.Seekable() {
			s.seek(f.Pos)
		}
	}
}

// Signals returns the numbers of the signals that have come since the last call,
// oldest first. It costs one atomic load when there is none.
func (w *World) Signals() []int { return w.signals.take() }

// Standard is what the descriptors 0, 1 and 2 are on the host.
type Standard struct {
	Files [3]*vfs.OpenFile // nil for one that is closed, or on the terminal
	// OnTerminal says which are the terminal, and Terminal what that is.
	OnTerminal [3]bool
	Terminal   *Terminal
}

// Standard inherits the descriptors 0, 1 and 2. Descriptors that share a
// description on the host share it in the guest.
func (w *World) Standard() (Standard, error) {
	var std Standard
	for fd := range std.Files {
		if isTerminal(fd) {
			if err := w.inheritTerminal(fd); err != nil {
				return std, err
			}
			std.OnTerminal[fd], std.Terminal = true, w.terminal
			continue
		}
		for earlier := range fd {
			if std.Files[earlier] != nil && sameDescription(earlier, fd) {
				std.Files[fd] = std.Files[earlier].Ref()
				break
			}
		}
		if std.Files[fd] != nil {
			continue
		}
		if s, err := w.Inherit(fd); err == nil {
			std.Files[fd] = s.open()
			s.pos = hostPosition(fd)
			std.Files[fd].Pos = s.pos
			w.seekable = append(w.seekable, std.Files[fd])
		}
	}
	return std, nil
}

// inheritTerminal makes fd, a terminal, the guest's, unless another is already.
func (w *World) inheritTerminal(fd int) error {
	if w.terminal != nil {
		return nil
	}
	s, err := w.Inherit(fd)
	if err != nil {
		return err
	}
	w.terminal, err = newTerminal(s)
	return err
}

// open returns the description of a stream. A redirected file or a device has its path
// in /proc/self/fd where the host tells it.
func (s *Stream) open() *vfs.OpenFile {
	n := &streamNode{stream: s}
	var d *vfs.Dentry
	if s.kind == abi.S_IFREG || s.kind == abi.S_IFCHR || s.kind == abi.S_IFBLK {
		if path := hostPath(s.fd); path != "" {
			d = vfs.NewDentry(path, n)
		}
	}
	return vfs.NewOpenFile(s, n, d, hostFlags(s.fd))
}

// streamNode is the inode of a Stream, for fstat(2).
type streamNode struct {
	vfs.NodeDefaults
	stream *Stream
}

// Attr implements vfs.Node.
func (n *streamNode) Attr() (vfs.Attr, error) { return n.stream.Attr(), nil }

// Open implements vfs.Node: /dev/stdout and the like can be opened once more, with
// the rights that the host's descriptor has. Each description of a file has its
// own position, for Stream moves the host's before every access.
func (n *streamNode) Open(flags uint32) (vfs.File, error) {
	s := n.stream
	has, want := hostFlags(s.fd)&abi.O_ACCMODE, flags&abi.O_ACCMODE
	switch {
	case s.kind == abi.S_IFSOCK:
		return nil, abi.ENXIO
	case has != abi.O_RDWR && has != want:
		return nil, abi.EACCES
	}
	return s, nil
}

// SetAttr implements vfs.Node: only the size of a redirected file changes.
func (n *streamNode) SetAttr(mask vfs.AttrMask, a vfs.Attr, _ vfs.Time) error {
	if mask != vfs.AttrSize || n.stream.kind != abi.S_IFREG {
		return abi.EPERM
	}
	return hostTruncate(n.stream.fd, a.Size)
}

// Inherit returns the stream behind an inherited host descriptor.
func (w *World) Inherit(fd int) (*Stream, error) {
	kind, err := hostKind(fd)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	s := &Stream{fd: fd, kind: kind, queue: vfs.Queue{External: true}}
	w.streams = append(w.streams, s)
	return s, nil
}

// Wait sleeps until a stream that the guest waits for is ready, a signal has
// come, or ns nanoseconds have passed; negative means without limit. It wakes
// the queues of the streams that became ready.
func (w *World) Wait(ns int64) {
	if w.timeout > 0 {
		left := int64(max(w.timeout-time.Since(w.start), 0))
		if ns < 0 || left < ns {
			ns = left
		}
	}
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

// Attr is what fstat(2) tells of a stream. A redirected file is as the host has
// it; of what is made anew for each run, only the kind.
func (s *Stream) Attr() vfs.Attr {
	a := vfs.Attr{Dev: streamDev, Ino: uint64(s.fd) + 1, Mode: s.kind | 0o600, Nlink: 1, Blksize: 4096}
	switch s.kind {
	case abi.S_IFIFO:
		var h vfs.Attr
		hostAttr(s.fd, &h)
		a.UID, a.GID = h.UID, h.GID // whoever has it may open it once more
	case abi.S_IFREG, abi.S_IFBLK:
		hostAttr(s.fd, &a)
	case abi.S_IFCHR:
		hostAttr(s.fd, &a)
		a.Mtime, a.Atime, a.Ctime = 0, 0, 0
	}
	return a
}

// streamDev is the device number of inherited streams: that of Linux's pipefs in
// a fresh system.
const streamDev = 13
