package host

import (
	"golang.org/x/sys/unix"

	"emurun/abi"
)

// isTerminal reports whether fd is a terminal.
func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// hostTermios returns the modes of a terminal. Their numbers are the same on
// every Linux that Go runs on, but for mips and ppc64.
func hostTermios(fd int) (abi.Termios, error) {
	h, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return abi.Termios{}, errno(err)
	}
	t := abi.Termios{Iflag: h.Iflag, Oflag: h.Oflag, Cflag: h.Cflag, Lflag: h.Lflag, Line: h.Line}
	copy(t.Cc[:], h.Cc[:])
	return t, nil
}

// setHostTermios changes the modes of a terminal.
func setHostTermios(fd int, t abi.Termios, how uint32) error {
	h, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return errno(err)
	}
	h.Iflag, h.Oflag, h.Cflag, h.Lflag, h.Line = t.Iflag, t.Oflag, t.Cflag, t.Lflag, t.Line
	copy(h.Cc[:], t.Cc[:])
	req := uint(unix.TCSETS)
	switch how {
	case abi.TCSETSW:
		req = unix.TCSETSW
	case abi.TCSETSF:
		req = unix.TCSETSF
	}
	return errno(unix.IoctlSetTermios(fd, req, h))
}

func hostWindowSize(fd int) (abi.Winsize, error) {
	w, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return abi.Winsize{}, errno(err)
	}
	return abi.Winsize{Row: w.Row, Col: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel}, nil
}

func setHostWindowSize(fd int, w abi.Winsize) error {
	return errno(unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: w.Row, Col: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel}))
}

func hostFlush(fd int, queue uint64) error {
	return errno(unix.IoctlSetInt(fd, unix.TCFLSH, int(queue)))
}

func hostBuffered(fd int) (in, out int) {
	in, _ = unix.IoctlGetInt(fd, unix.TIOCINQ)
	out, _ = unix.IoctlGetInt(fd, unix.TIOCOUTQ)
	return in, out
}
