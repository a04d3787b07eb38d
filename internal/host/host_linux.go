package host

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
)

// guestSignals are the signals that a shell or a user sends to a program.
func guestSignals() []os.Signal {
	return []os.Signal{
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGTSTP, unix.SIGCONT,
		unix.SIGWINCH, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM,
	}
}

func signalNumber(s os.Signal) int {
	n, _ := s.(syscall.Signal)
	return int(n)
}

// waker ends a poll(2) from another goroutine, through a pipe.
type waker struct{ r, w int }

func newWaker() waker {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return waker{-1, -1} // Wait then sleeps in short turns
	}
	return waker{p[0], p[1]}
}

func (w waker) wake() {
	if w.w >= 0 {
		_, _ = unix.Write(w.w, []byte{1}) // a full pipe wakes as well
	}
}

func (w waker) drain() {
	var b [64]byte
	for {
		if n, err := unix.Read(w.r, b[:]); n <= 0 || err != nil {
			return
		}
	}
}

func (w waker) close() {
	if w.r >= 0 {
		_ = unix.Close(w.r)
		_ = unix.Close(w.w)
	}
}

// errno turns a host error into the guest's: the numbers agree on Linux, but for
// architectures that deviate, so it goes by name.
func errno(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(unix.Errno); ok {
		if n := abi.ErrnoByName(unix.ErrnoName(e)); n != 0 {
			return n
		}
	}
	return abi.EIO
}

// again repeats an interrupted call.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return max(n, 0), errno(err)
		}
	}
}

func hostRead(fd int, p []byte) (int, error) {
	return again(func() (int, error) { return unix.Read(fd, p) })
}

func hostWrite(fd int, p []byte) (int, error) {
	return again(func() (int, error) { return unix.Write(fd, p) })
}

// hostTruncate sets the length of the file behind fd.
func hostTruncate(fd int, size int64) error {
	_, err := again(func() (int, error) { return 0, unix.Ftruncate(fd, size) })
	return err
}

// hostKind returns the file type of fd.
func hostKind(fd int) (uint32, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	return st.Mode & unix.S_IFMT, nil
}

// hostPath returns the path of the file behind fd, or "" for one without.
func hostPath(fd int) string {
	path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil || !filepath.IsAbs(path) {
		return ""
	}
	return path
}

// hostAttr fills what of a's fields is a property of the file, not of the host.
func hostAttr(fd int, a *vfs.Attr) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return
	}
	a.Mode = st.Mode
	a.UID, a.GID = st.Uid, st.Gid
	a.Size = st.Size
	a.Blocks = (st.Size + 511) / 512
	a.Rdev = st.Rdev
	a.Mtime = vfs.Time(st.Mtim.Nano())
	a.Atime, a.Ctime = a.Mtime, a.Mtime
}

// hostPoll returns which of events hold for fd now.
func hostPoll(fd int, events uint32) uint32 {
	f := []unix.PollFd{{Fd: int32(fd), Events: int16(events)}}
	for {
		if _, err := unix.Poll(f, 0); err != unix.EINTR {
			return uint32(uint16(f[0].Revents))
		}
	}
}

// hostWait waits for the missing events of streams, a signal, or ns nanoseconds,
// and says which streams are ready.
func hostWait(streams *[machine.Ports]*stream, missing [machine.Ports]uint32, s *signals, ns int64, ready *[machine.Ports]bool) {
	f := []unix.PollFd{{Fd: int32(s.wake.r), Events: unix.POLLIN}}
	of := []machine.Port{machine.Ports}
	add := func(p machine.Port, fd int, events uint32) {
		if events != 0 {
			f, of = append(f, unix.PollFd{Fd: int32(fd), Events: int16(events)}), append(of, p)
		}
	}
	for p, x := range streams {
		switch p, events := machine.Port(p), missing[p]; {
		case events == 0:
		case x.out == x.fd:
			add(p, x.fd, events)
		default:
			add(p, x.fd, events&abi.POLLIN)
			add(p, x.out, events&abi.POLLOUT)
		}
	}
	var ts *unix.Timespec
	if ns >= 0 {
		t := unix.NsecToTimespec(ns)
		ts = &t
	}
	if s.wake.r < 0 && (ns < 0 || ns > int64(100*time.Millisecond)) {
		t := unix.NsecToTimespec(int64(100 * time.Millisecond))
		ts = &t
	}
	if _, err := unix.Ppoll(f, ts, nil); err != nil {
		return // interrupted: the caller looks again
	}
	if f[0].Revents != 0 {
		s.wake.drain()
	}
	for i, p := range of[1:] {
		ready[p] = ready[p] || f[i+1].Revents != 0
	}
}

// hostPosition returns the file position of fd, 0 where it has none.
func hostPosition(fd int) int64 {
	n, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	if err != nil {
		return 0
	}
	return n
}

// setHostPosition moves the file position of fd, so that whoever shares the
// description goes on where the guest stopped.
func setHostPosition(fd int, off int64) { _, _ = unix.Seek(fd, off, unix.SEEK_SET) }

// hostFlags returns the status flags of fd, open(2).
func hostFlags(fd int) uint32 {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return abi.O_RDWR
	}
	return uint32(n) & (abi.O_ACCMODE | abi.O_APPEND | abi.O_NONBLOCK)
}

// sameDescription reports whether two descriptors share one open file
// description, as 1 and 2 do after 2>&1.
func sameDescription(a, b int) bool {
	const kcmpFile = 0
	pid := uintptr(os.Getpid())
	r, _, e := unix.Syscall6(unix.SYS_KCMP, pid, pid, kcmpFile, uintptr(a), uintptr(b), 0)
	if e == 0 {
		return r == 0
	}
	var x, y unix.Stat_t
	return unix.Fstat(a, &x) == nil && unix.Fstat(b, &y) == nil && x.Dev == y.Dev && x.Ino == y.Ino && hostFlags(a) == hostFlags(b)
}

// Umask returns the file mode creation mask emurun was started with.
func Umask() uint32 {
	m := unix.Umask(0)
	unix.Umask(m)
	return uint32(m)
}

// IDs returns the user and groups that emurun runs as.
func IDs() (uid, gid uint32, groups []uint32) {
	list, _ := unix.Getgroups()
	for _, g := range list {
		groups = append(groups, uint32(g))
	}
	return uint32(unix.Geteuid()), uint32(unix.Getegid()), groups
}

// Memory returns the size of the host's memory in bytes.
func Memory() uint64 {
	var si unix.Sysinfo_t
	if unix.Sysinfo(&si) != nil {
		return 4 << 30
	}
	return uint64(si.Totalram) * uint64(si.Unit)
}

// Stop stops emurun the way its guest stopped, with the terminal as emurun found
// it, and returns when the shell continues it.
func (w *World) Stop() {
	w.terminal.suspend()
	_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
	w.terminal.resume()
}

// hostMap maps the first size bytes of f, for all processes that do so.
func hostMap(f *os.File, size int) (p []byte, unmap func() error, err error) {
	p, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return p, func() error { return unix.Munmap(p) }, err
}
