package host

import (
	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
)

// stream is a descriptor inherited from the host: a pipe, socket, character device,
// redirected file or terminal.
type stream struct {
	fd   int
	out  int    // what is written goes there: fd, but for a machine that has lost its terminal
	kind uint32 // abi.S_IFMT bits of the host's file
	pos  int64  // of a seekable stream: where the guest takes the host's position to be
	base int64  // where the guest's position 0 is in a file that another run began
	// plain says that the guest takes s for a pipe, whatever it is here.
	plain   bool
	port    machine.Port
	written *Written // how far it is written; nil if nobody keeps that
}

// writable reports whether s can be written.
func (s *stream) writable() bool { return hostFlags(s.fd)&abi.O_ACCMODE != abi.O_RDONLY }

// appends reports whether all that is written goes to the end.
func (s *stream) appends() bool { return hostFlags(s.fd)&abi.O_APPEND != 0 }

// seekable reports whether s has a position.
func (s *stream) seekable() bool {
	return !s.plain && (s.kind == abi.S_IFREG || s.kind == abi.S_IFBLK)
}

// read reads at off.
func (s *stream) read(p []byte, off int64) (int, error) {
	if s.seekable() {
		s.seek(off)
		n, err := hostRead(s.fd, p)
		s.pos += int64(n)
		return n, err
	}
	if s.ready()&(abi.POLLIN|abi.POLLHUP|abi.POLLERR) == 0 {
		return 0, abi.EAGAIN
	}
	return hostRead(s.fd, p)
}

// seek moves the host's position to off where the guest does not go on from its
// last access. It is the host's own position that moves, so that whoever shares the
// description (emurun's own messages, the shell's next command) goes on behind
// what the guest wrote.
func (s *stream) seek(off int64) {
	if off != s.pos {
		setHostPosition(s.fd, off+s.base)
		s.pos = off
	}
}

// write writes at off. A pipe whose reader is slow answers EAGAIN.
func (s *stream) write(p []byte, off int64) (int, error) {
	if s.seekable() {
		s.seek(off)
		s.announce(int64(len(p)))
		n, err := hostWrite(s.out, p)
		s.pos += int64(n)
		s.note()
		return n, err
	}
	if s.ready()&(abi.POLLOUT|abi.POLLERR) == 0 {
		return 0, abi.EAGAIN
	}
	if s.kind == abi.S_IFIFO && len(p) > pipeBuf {
		p = p[:pipeBuf] // a larger write could block with the pipe half full
	}
	return hostWrite(s.out, p)
}

// pipeBuf is PIPE_BUF: the most that a writable pipe takes without blocking.
const pipeBuf = 4096

// ready returns the poll(2) events that hold.
func (s *stream) ready() uint32 {
	if s.out != s.fd {
		return hostPoll(s.fd, abi.POLLIN)&^abi.POLLOUT | hostPoll(s.out, abi.POLLOUT)&^abi.POLLIN
	}
	return hostPoll(s.fd, abi.POLLIN|abi.POLLOUT)
}

// attr is what fstat(2) tells of a stream. A redirected file is as the host has
// it; of what is made anew for each run, only the kind.
func (s *stream) attr() vfs.Attr {
	a := vfs.Attr{Dev: streamDev, Ino: uint64(s.fd) + 1, Mode: s.kind | 0o600, Nlink: 1, Blksize: 4096}
	switch s.kind {
	case abi.S_IFIFO:
		var h vfs.Attr
		hostAttr(s.fd, &h)
		a.UID, a.GID = h.UID, h.GID // whoever has it may open it once more
	case abi.S_IFREG, abi.S_IFBLK:
		hostAttr(s.fd, &a)
		a.Size = max(a.Size-s.base, 0)
		if hostFlags(s.fd)&abi.O_ACCMODE == abi.O_WRONLY {
			// The host's clock stamps what the guest writes: no two runs would be the same.
			a.Mtime, a.Atime, a.Ctime = 0, 0, 0
		}
	case abi.S_IFCHR:
		hostAttr(s.fd, &a)
		a.Mtime, a.Atime, a.Ctime = 0, 0, 0
	}
	return a
}

// streamDev is the device number of inherited streams: that of Linux's pipefs in
// a fresh system.
const streamDev = 13
