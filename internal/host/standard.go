package host

import (
	"fmt"

	"emurun/abi"
	"emurun/machine"
)

// Standard inherits the descriptors 0, 1 and 2, and says what they are. Descriptors that
// share a description on the host share it in the guest.
func (w *World) Standard() (machine.Standard, error) {
	var std machine.Standard
	for fd := range std.Streams {
		x := &std.Streams[fd]
		x.Same = machine.Port(fd)
		if isTerminal(fd) {
			if err := w.inheritTerminal(fd); err != nil {
				return std, err
			}
			x.Terminal, x.Kind = true, abi.S_IFCHR
			continue
		}
		for earlier := range fd {
			if e := &std.Streams[earlier]; e.Kind != 0 && !e.Terminal && sameDescription(earlier, fd) {
				*x = *e
				break
			}
		}
		if x.Kind != 0 {
			continue
		}
		if s, err := inherit(fd); err == nil {
			w.streams[fd] = s
			s.describe(x)
		}
	}
	return std, w.describeTerminal(&std)
}

// describe fills what the machine is told of a stream that is no terminal.
func (s *stream) describe(x *machine.StreamConfig) {
	x.Kind, x.Flags = s.kind, hostFlags(s.fd)
	if s.kind == abi.S_IFREG || s.kind == abi.S_IFCHR || s.kind == abi.S_IFBLK {
		x.Path = hostPath(s.fd)
	}
	if s.seekable() {
		s.pos = hostPosition(s.fd)
		x.Pos = s.pos
	}
	x.Ready, x.Attr = s.ready(), s.attr()
}

// describeTerminal fills what the machine is told of the terminal.
func (w *World) describeTerminal(std *machine.Standard) (err error) {
	if w.terminal == nil {
		return nil
	}
	std.Termios = w.terminal.found
	std.Winsize, err = w.WindowSize()
	return err
}

// inheritTerminal makes fd, a terminal, the guest's, unless another is already.
func (w *World) inheritTerminal(fd int) error {
	if w.terminal != nil {
		return nil
	}
	s, err := inherit(fd)
	if err != nil {
		return err
	}
	w.streams[machine.OnTerminal] = s
	w.terminal, err = newTerminal(s)
	return err
}

// inherit returns the stream behind an inherited host descriptor.
func inherit(fd int) (*stream, error) {
	kind, err := hostKind(fd)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	return &stream{fd: fd, out: fd, kind: kind}, nil
}
