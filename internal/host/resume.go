package host

import (
	"emurun/machine"
)

// Resume connects the descriptors 0, 1 and 2 with a machine that began elsewhere, whatever they
// are here. It reports whether the machine's terminal, if it has one, is on a terminal.
//
// A file that the guest writes or reads at positions is continued where the guest is. If it is
// the file that the machine began with, what is behind that is cut off if it was the run that
// wrote it, after the checkpoint; see Written. If somebody else has written there, or that cannot be told,
// nothing is cut off, the run goes on at its end, and foreign says so. Any other file is continued where it is. A machine that began on a terminal
// and has none now reads and writes the descriptors 0 and 1.
func (w *World) Resume(m *machine.Machine, written *Written) (onTerminal, foreign bool, err error) {
	w.written = written
	for _, s := range m.Streams() {
		x, err := inherit(int(s.Port()))
		if err != nil {
			continue // a closed descriptor is as /dev/null
		}
		w.streams[s.Port()] = x
		other, err := x.goOn(s, written)
		if err != nil {
			return false, false, err
		}
		foreign = foreign || other
		x.track(s.Port(), written)
	}
	modes, size, has := m.Screen()
	if !has {
		return false, foreign, nil
	}
	for fd := range int(machine.OnTerminal) {
		if isTerminal(fd) {
			return true, foreign, w.inheritTerminal(fd)
		}
	}
	w.plain = plainScreen{modes, size}
	in, err := inherit(0)
	if err != nil {
		return false, foreign, nil
	}
	in.plain, in.out = true, 1
	w.streams[machine.OnTerminal] = in
	return false, foreign, nil
}

// goOn makes x what the guest takes s for. foreign says that there is something behind where the
// guest is that is not known to be its own.
func (x *stream) goOn(s *machine.Stream, written *Written) (foreign bool, err error) {
	if !s.Seekable() || !x.seekable() {
		x.plain = true
		return false, nil
	}
	x.pos = s.End()
	at := hostPosition(x.fd)
	size := x.attr().Size
	same := s.Path() != "" && hostPath(x.fd) == s.Path()
	end, known := written.end(s.Port())
	foreign = same && x.writable() && size > s.End() && (!known || size > end)
	if foreign {
		at = size
	}
	if foreign || !same || size < s.End() {
		x.base = at - s.End()
		setHostPosition(x.fd, at)
		return foreign, nil
	}
	if x.writable() && size > s.End() {
		if err := hostTruncate(x.fd, s.End()); err != nil {
			return false, err
		}
	}
	setHostPosition(x.fd, s.End())
	return false, nil
}
