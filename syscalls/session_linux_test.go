//go:build linux && amd64

package syscalls

import (
	"bytes"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// host is the process of the test itself, in an empty directory.
type host struct{ mem []byte }

// newHost maps the memory of sessions.
func newHost() (*host, error) {
	p, err := unix.MmapPtr(-1, 0, unsafe.Add(nil, sessionBase), sessionSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE)
	if err != nil {
		return nil, err
	}
	return &host{unsafe.Slice((*byte)(p), sessionSize)}, nil
}

func (h *host) call(nr uint64, a Args) int64 {
	r, _, errno := syscall.RawSyscall6(uintptr(nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	if errno != 0 {
		return -int64(errno)
	}
	return int64(r)
}

func (h *host) pid() int { return os.Getpid() }

func (h *host) ReadAt(p []byte, addr uint64) (int, error) {
	if addr < sessionBase || addr+uint64(len(p)) > sessionBase+sessionSize {
		return 0, abi.EFAULT
	}
	return copy(p, h.mem[addr-sessionBase:]), nil
}

func (h *host) WriteAt(p []byte, addr uint64) (int, error) {
	if addr < sessionBase || addr+uint64(len(p)) > sessionBase+sessionSize {
		return 0, abi.EFAULT
	}
	return copy(h.mem[addr-sessionBase:], p), nil
}

// TestMain is the session's process when it is asked to be: with descriptors 0
// to 2 only, its lines on standard input.
func TestMain(m *testing.M) {
	if os.Getenv("SYSCALLS_SESSION") == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	var in []byte
	b := make([]byte, 1<<16)
	for {
		n, err := syscall.Read(0, b)
		if n <= 0 || err != nil {
			break
		}
		in = append(in, b[:n]...)
	}
	syscall.Umask(0o22)
	for fd := 3; fd < 20; fd++ {
		_ = syscall.Close(fd) // whatever the runtime or the starter left
	}
	h, err := newHost()
	out := []string{}
	if err == nil {
		out, err = runSession(h, strings.Split(string(in), "\n"))
	}
	if err != nil {
		_, _ = syscall.Write(2, []byte(err.Error()))
		syscall.Exit(1)
	}
	_, _ = syscall.Write(1, []byte(strings.Join(out, "\n")))
	syscall.Exit(0)
}

// hostSession runs a session on the host's kernel.
func hostSession(t *testing.T, lines []string) []string {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/dev/shm", "session")
	if err != nil {
		t.Skip("no /dev/shm: ", err)
	}
	defer os.RemoveAll(dir)
	c := osexec.Command(exe)
	c.Dir = dir
	c.Env = append(os.Environ(), "SYSCALLS_SESSION=1")
	c.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatal(err, errs.String())
	}
	return strings.Split(out.String(), "\n")
}

// TestSessionsHost checks that the sessions say what the host's kernel does.
func TestSessionsHost(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("sessions are recorded as root")
	}
	for _, file := range sessionFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := readSession(t, file)
			got := hostSession(t, want)
			if *update {
				if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-recorded +kernel)\n%s", diff)
			}
		})
	}
}
