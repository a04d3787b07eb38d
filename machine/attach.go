package machine

import "emurun/abi"

// Streams returns the standard descriptors that are no terminal, each once.
func (m *Machine) Streams() (list []*Stream) {
	for _, s := range m.door.streams {
		if s != nil {
			list = append(list, s)
		}
	}
	return list
}

// Screen returns the modes and the size that the machine's terminal had last; has reports
// whether it has one.
func (m *Machine) Screen() (modes abi.Termios, size abi.Winsize, has bool) {
	d := m.door
	return d.termios, d.size, d.terminal != nil
}

// Attach makes the outside of a machine that was thawed as the guest left its own: its terminal
// gets the modes that the guest's had. Where that is a terminal, onTerminal, the guest hears of
// another size by SIGWINCH, and SIGCONT makes it draw the screen again.
func (m *Machine) Attach(onTerminal bool) {
	d := m.door
	if d.terminal == nil || d.outside == nil {
		return
	}
	if d.noModes == 0 {
		_ = d.outside.SetTermios(d.termios, abi.TCSETSW) // a terminal that refuses keeps its own
	}
	if !onTerminal {
		return
	}
	if size, err := d.outside.WindowSize(); err == nil && size != d.size {
		d.pending = append(d.pending, int(abi.SIGWINCH))
	}
	d.pending = append(d.pending, int(abi.SIGCONT))
}
