package hostfs

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/vfstest"
)

// TestOracle runs the sessions against the kernel of the host, in a directory
// that all paths begin in.
func TestOracle(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the oracle changes credentials: run as root")
	}
	runtime.LockOSThread() // for good: the thread's credentials are its own
	old := unix.Umask(0o022)
	defer unix.Umask(old)
	for _, s := range vfstest.Sessions(t) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Run(s.File+"/"+s.Name, func(t *testing.T) {
			runtime.LockOSThread()
			fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			sys := &hostSystem{fd: fd}
			defer sys.As(0, 0)
			unix.Umask(0o022)
			vfstest.RunSession(t, sys, &s)
		})
	}
}

// hostSystem is a vfstest.System below a directory of the host.
type hostSystem struct{ fd int }

func errno(err error) error {
	if e, ok := err.(unix.Errno); ok {
		return abi.Errno(e)
	}
	return err
}

func (s *hostSystem) Mkdir(path string, mode uint32) error {
	return errno(unix.Mkdirat(s.fd, path, mode))
}
func (s *hostSystem) Mknod(path string, mode uint32) error {
	return errno(unix.Mknodat(s.fd, path, mode, 0))
}
func (s *hostSystem) Symlink(target, path string) error {
	return errno(unix.Symlinkat(target, s.fd, path))
}
func (s *hostSystem) Link(old, path string) error {
	return errno(unix.Linkat(s.fd, old, s.fd, path, 0))
}
func (s *hostSystem) Unlink(path string) error { return errno(unix.Unlinkat(s.fd, path, 0)) }
func (s *hostSystem) Rmdir(path string) error {
	return errno(unix.Unlinkat(s.fd, path, unix.AT_REMOVEDIR))
}
func (s *hostSystem) Rename(path, newPath string, flags uint32) error {
	return errno(unix.Renameat2(s.fd, path, s.fd, newPath, uint(flags)))
}

func (s *hostSystem) Stat(path string, follow bool) (vfs.Attr, error) {
	var st unix.Stat_t
	flags := unix.AT_SYMLINK_NOFOLLOW
	if follow {
		flags = 0
	}
	err := unix.Fstatat(s.fd, path, &st, flags)
	return vfs.Attr{
		Ino: st.Ino, Mode: st.Mode, Nlink: uint32(st.Nlink), UID: st.Uid, GID: st.Gid, Size: st.Size,
		Atime: vfs.Time(st.Atim.Nano()), Mtime: vfs.Time(st.Mtim.Nano()),
	}, errno(err)
}

func (s *hostSystem) Readlink(path string) (string, error) {
	p := make([]byte, 4096)
	n, err := unix.Readlinkat(s.fd, path, p)
	return string(p[:max(n, 0)]), errno(err)
}

func (s *hostSystem) Chmod(path string, mode uint32) error {
	return errno(unix.Fchmodat(s.fd, path, mode, 0))
}
func (s *hostSystem) Chown(path string, uid, gid uint32) error {
	return errno(unix.Fchownat(s.fd, path, int(int32(uid)), int(int32(gid)), 0))
}
func (s *hostSystem) Utimens(path string, atime, mtime int64) error {
	ts := []unix.Timespec{unix.NsecToTimespec(atime), unix.NsecToTimespec(mtime)}
	return errno(unix.UtimesNanoAt(s.fd, path, ts, 0))
}

// at opens the place with O_PATH, and names it for calls without an "at" form.
func (s *hostSystem) at(path string) (string, func(), error) {
	fd, err := unix.Openat(s.fd, path, unix.O_PATH, 0)
	if err != nil {
		return "", func() {}, errno(err)
	}
	return "/proc/self/fd/" + itoa(fd), func() { unix.Close(fd) }, nil
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func (s *hostSystem) Truncate(path string, size int64) error {
	p, done, err := s.at(path)
	defer done()
	if err != nil {
		return err
	}
	return errno(unix.Truncate(p, size))
}
func (s *hostSystem) Access(path string, mode uint32) error {
	return errno(unix.Faccessat2(s.fd, path, mode, unix.AT_EACCESS))
}
func (s *hostSystem) Setxattr(path, name, value string, flags int) error {
	p, done, err := s.at(path)
	defer done()
	if err != nil {
		return err
	}
	return errno(unix.Setxattr(p, name, []byte(value), flags))
}
func (s *hostSystem) Getxattr(path, name string) (string, error) {
	p, done, err := s.at(path)
	defer done()
	if err != nil {
		return "", err
	}
	b := make([]byte, 65536)
	n, err := unix.Getxattr(p, name, b)
	return string(b[:max(n, 0)]), errno(err)
}
func (s *hostSystem) Listxattr(path string) ([]string, error) {
	p, done, err := s.at(path)
	defer done()
	if err != nil {
		return nil, err
	}
	b := make([]byte, 65536)
	n, err := unix.Listxattr(p, b)
	return strings.Split(strings.TrimRight(string(b[:max(n, 0)]), "\x00"), "\x00"), errno(err)
}
func (s *hostSystem) Removexattr(path, name string) error {
	p, done, err := s.at(path)
	defer done()
	if err != nil {
		return err
	}
	return errno(unix.Removexattr(p, name))
}

// As sets the file system IDs of the thread, which also takes away or gives
// back the capabilities over files.
func (s *hostSystem) As(uid, gid uint32) {
	if uid == 0 {
		unix.Setfsuid(0)
	}
	unix.Setfsgid(int(gid))
	unix.Setfsuid(int(uid))
}
func (s *hostSystem) Umask(mask uint32) { unix.Umask(int(mask)) }

func (s *hostSystem) Open(path string, flags, mode uint32) (vfstest.Handle, error) {
	fd, err := unix.Openat(s.fd, path, int(flags), mode)
	if err != nil {
		return nil, errno(err)
	}
	return hostHandle(fd), nil
}

// hostHandle is an open file of the host.
type hostHandle int

func (h hostHandle) Pread(n int, off int64) (string, error) {
	p := make([]byte, n)
	n, err := unix.Pread(int(h), p, off)
	return string(p[:max(n, 0)]), errno(err)
}
func (h hostHandle) Pwrite(text string, off int64) error {
	_, err := unix.Pwrite(int(h), []byte(text), off)
	return errno(err)
}
func (h hostHandle) Append(text string) error {
	_, err := unix.Write(int(h), []byte(text))
	return errno(err)
}
func (h hostHandle) Allocate(mode uint32, off, length int64) error {
	return errno(unix.Fallocate(int(h), mode, off, length))
}
func (h hostHandle) Truncate(size int64) error { return errno(unix.Ftruncate(int(h), size)) }
func (h hostHandle) Seek(off int64, whence int) (int64, error) {
	n, err := unix.Seek(int(h), off, whence)
	return n, errno(err)
}
func (h hostHandle) Size() (int64, error) {
	var st unix.Stat_t
	err := unix.Fstat(int(h), &st)
	return st.Size, errno(err)
}
func (h hostHandle) List() ([]string, error) {
	var names []string
	buf := make([]byte, 8192)
	for {
		n, err := unix.ReadDirent(int(h), buf)
		if err != nil || n == 0 {
			return names, errno(err)
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}
func (h hostHandle) Close() { unix.Close(int(h)) }
