package host

import "emurun/abi"

// terminal is the host's terminal, with its own line discipline.
type terminal struct {
	stream *stream
	found  abi.Termios // the modes in which emurun found it
	guest  abi.Termios // the modes that the guest set, if changed
	// changed says that the modes are the guest's and have to be put back.
	changed bool
}

// newTerminal returns the terminal behind a stream.
func newTerminal(s *stream) (*terminal, error) {
	t := &terminal{stream: s}
	var err error
	t.found, err = hostTermios(s.fd)
	return t, err
}

// set changes the modes.
func (t *terminal) set(m abi.Termios, how uint32) error {
	if err := setHostTermios(t.stream.fd, m, how); err != nil {
		return err
	}
	t.guest, t.changed = m, m != t.found
	return nil
}

// suspend puts the terminal back as emurun found it.
func (t *terminal) suspend() {
	if t != nil && t.changed {
		_ = setHostTermios(t.stream.fd, t.found, abi.TCSETSW) // it may have gone away
	}
}

// resume gives the terminal the guest's modes again.
func (t *terminal) resume() {
	if t != nil && t.changed {
		_ = setHostTermios(t.stream.fd, t.guest, abi.TCSETSW)
	}
}
