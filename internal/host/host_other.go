//go:build !linux

package host

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
)

// Hosts other than Linux have no poll(2) that this package uses: their streams
// are always ready and a read waits inside the host. The guest sees the same bytes.

func guestSignals() []os.Signal { return []os.Signal{os.Interrupt} }

func signalNumber(s os.Signal) int {
	if s == os.Interrupt {
		return int(abi.SIGINT)
	}
	n, _ := s.(syscall.Signal)
	return int(n)
}

type waker struct{ ch chan struct{} }

func newWaker() waker { return waker{make(chan struct{}, 1)} }

func (w waker) wake() {
	select {
	case w.ch <- struct{}{}:
	default:
	}
}

func (w waker) close() {}

// hostPath returns "": the host does not tell.
func hostPath(int) string { return "" }

// hostTruncate sets the length of the file behind fd.
func hostTruncate(fd int, size int64) error {
	f, err := file(fd)
	if err != nil {
		return err
	}
	return errno(f.Truncate(size))
}

// file returns the os.File of a standard descriptor.
func file(fd int) (*os.File, error) {
	switch fd {
	case 0:
		return os.Stdin, nil
	case 1:
		return os.Stdout, nil
	case 2:
		return os.Stderr, nil
	}
	return nil, abi.EBADF
}

func errno(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	if errors.Is(err, syscall.EPIPE) {
		return abi.EPIPE
	}
	return abi.EIO
}

func hostRead(fd int, p []byte) (int, error) {
	f, err := file(fd)
	if err != nil {
		return 0, err
	}
	n, err := f.Read(p)
	return n, errno(err)
}

func hostWrite(fd int, p []byte) (int, error) {
	f, err := file(fd)
	if err != nil {
		return 0, err
	}
	n, err := f.Write(p)
	return n, errno(err)
}

func hostKind(fd int) (uint32, error) {
	f, err := file(fd)
	if err != nil {
		return 0, err
	}
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	switch m := st.Mode(); {
	case m.IsRegular():
		return abi.S_IFREG, nil
	case m&os.ModeNamedPipe != 0:
		return abi.S_IFIFO, nil
	case m&os.ModeSocket != 0:
		return abi.S_IFSOCK, nil
	}
	return abi.S_IFCHR, nil
}

func hostAttr(fd int, a *vfs.Attr) {
	f, err := file(fd)
	if err != nil {
		return
	}
	if st, err := f.Stat(); err == nil {
		a.Size = st.Size()
		a.Mtime = vfs.Time(st.ModTime().UnixNano())
		a.Atime, a.Ctime = a.Mtime, a.Mtime
	}
}

func hostPoll(_ int, events uint32) uint32 { return events }

func hostWait(_ *[machine.Ports]*stream, _ [machine.Ports]uint32, s *signals, ns int64, _ *[machine.Ports]bool) {
	var limit <-chan time.Time
	if ns >= 0 {
		limit = time.After(time.Duration(ns))
	}
	select {
	case <-s.wake.ch:
	case <-limit:
	}
}

func hostPosition(fd int) int64 {
	f, err := file(fd)
	if err != nil {
		return 0
	}
	n, _ := f.Seek(0, io.SeekCurrent)
	return n
}

func setHostPosition(fd int, off int64) {
	if f, err := file(fd); err == nil {
		_, _ = f.Seek(off, io.SeekStart)
	}
}

func hostFlags(int) uint32 { return abi.O_RDWR }

func sameDescription(a, b int) bool { return a == b }

// Umask returns the file mode creation mask of a new login.
func Umask() uint32 { return 0o022 }

// IDs returns the user and groups that the guest runs as.
func IDs() (uid, gid uint32, groups []uint32) {
	return uint32(max(os.Getuid(), 0)), uint32(max(os.Getgid(), 0)), nil
}

// Memory returns what the guest may count on where the host does not tell.
func Memory() uint64 { return 4 << 30 }

// Stop does nothing: this host has no job control.
func (w *World) Stop() {}

// hostMap stands in for a mapped file: what is written there is forgotten.
func hostMap(_ *os.File, size int) (p []byte, unmap func() error, err error) {
	return make([]byte, size), func() error { return nil }, nil
}
