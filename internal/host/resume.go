package host

import (
	"emurun/abi"
	"emurun/machine"
)

// Resume connects the descriptors 0, 1 and 2 with a machine that began elsewhere, whatever they
// are here. It reports whether the machine's terminal, if it has one, is on a terminal.
//
// A file that the guest writes or reads at positions is continued where the guest is. If it is
// the file that the machine began with, what is behind that is cut off: it was written after
// the checkpoint. Any other file is continued where it is. A machine that began on a terminal
// and has none now reads and writes the descriptors 0 and 1.
func (w *World) Resume(m *machine.Machine) (onTerminal bool, err error) {
	for _, s := range m.Streams() {
		x, err := inherit(int(s.Port()))
		if err != nil {
			continue // a closed descriptor is as /dev/null
		}
		w.streams[s.Port()] = x
		if err := x.goOn(s); err != nil {
			return false, err
		}
	}
	modes, size, has := m.Screen()
	if !has {
		return false, nil
	}
	for fd := range int(machine.OnTerminal) {
		if isTerminal(fd) {
			return true, w.inheritTerminal(fd)
		}
	}
	w.plain = plainScreen{modes, size}
	in, err := inherit(0)
	if err != nil {
		return false, nil
	}
	in.plain, in.out = true, 1
	w.streams[machine.OnTerminal] = in
	return false, nil
}

// goOn makes x what the guest takes s for.
func (x *stream) goOn(s *machine.Stream) error {
	if !s.Seekable() || !x.seekable() {
		x.plain = true
		return nil
	}
	x.pos = s.End()
	at := hostPosition(x.fd)
	size := x.attr().Size
	same := s.Path() != "" && hostPath(x.fd) == s.Path()
	if !same || size < s.End() {
		x.base = at - s.End()
		return nil
	}
	if hostFlags(x.fd)&abi.O_ACCMODE != abi.O_RDONLY && size > s.End() {
		if err := hostTruncate(x.fd, s.End()); err != nil {
			return err
		}
	}
	setHostPosition(x.fd, s.End())
	return nil
}
