package host

import (
	"emurun/abi"
	"emurun/vfs"
)

// Stream is the file behind a descriptor inherited from the host: a pipe,
// socket, character device or redirected file. A terminal is a Terminal.
type Stream struct {
	vfs.FileDefaults
	fd    int
	kind  uint32 // abi.S_IFMT bits of the host's file
	queue vfs.Queue
	pos   int64 // of a seekable stream: where the guest takes the host's position to be
	// missing are the poll events that did not hold when the guest last looked:
	// what World.Wait waits for.
	missing uint32
}

// Read implements vfs.File.
func (s *Stream) Read(p []byte, off int64) (int, error) {
	if s.Seekable() {
		s.seek(off)
		n, err := hostRead(s.fd, p)
		s.pos += int64(n)
		return n, err
	}
	if s.Ready()&(abi.POLLIN|abi.POLLHUP|abi.POLLERR) == 0 {
		return 0, abi.EAGAIN
	}
	return hostRead(s.fd, p)
}

// seek moves the host's position to off where the guest does not go on from its
// last access. It is the host's own position that moves, so that whoever shares the
// description (emurun's own messages, the shell's next command) goes on behind
// what the guest wrote.
func (s *Stream) seek(off int64) {
	if off != s.pos {
		setHostPosition(s.fd, off)
		s.pos = off
	}
}

// Write implements vfs.File. A pipe whose reader is slow answers EAGAIN.
func (s *Stream) Write(p []byte, off int64) (int, error) {
	if s.Seekable() {
		s.seek(off)
		n, err := hostWrite(s.fd, p)
		s.pos += int64(n)
		return n, err
	}
	if s.Ready()&(abi.POLLOUT|abi.POLLERR) == 0 {
		return 0, abi.EAGAIN
	}
	if s.kind == abi.S_IFIFO && len(p) > pipeBuf {
		p = p[:pipeBuf] // a larger write could block with the pipe half full
	}
	return hostWrite(s.fd, p)
}

// pipeBuf is PIPE_BUF: the most that a writable pipe takes without blocking.
const pipeBuf = 4096

// Seekable implements vfs.File.
func (s *Stream) Seekable() bool { return s.kind == abi.S_IFREG || s.kind == abi.S_IFBLK }

// Ready implements vfs.File and remembers what was missing.
func (s *Stream) Ready() uint32 {
	if s.Seekable() {
		return abi.POLLIN | abi.POLLOUT
	}
	ready := hostPoll(s.fd, abi.POLLIN|abi.POLLOUT)
	s.missing = (abi.POLLIN | abi.POLLOUT) &^ ready
	return ready
}

// Queue implements vfs.File.
func (s *Stream) Queue() *vfs.Queue { return &s.queue }
