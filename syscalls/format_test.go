package syscalls

import (
	"encoding/binary"
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

// page is memory for printer tests: one page at pageBase.
type page [4096]byte

const pageBase = 0x1000

func (m *page) ReadAt(p []byte, a uint64) (int, error) {
	if a < pageBase || a+uint64(len(p)) > pageBase+uint64(len(m)) {
		return 0, abi.EFAULT
	}
	return copy(p, m[a-pageBase:]), nil
}

func (m *page) WriteAt(p []byte, a uint64) (int, error) {
	if a < pageBase || a+uint64(len(p)) > pageBase+uint64(len(m)) {
		return 0, abi.EFAULT
	}
	return copy(m[a-pageBase:], p), nil
}

// words is an array of 64-bit numbers in memory.
func words(v ...uint64) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

func TestFormat(t *testing.T) {
	const p, q = pageBase, pageBase + 256
	minus1 := ^uint64(0)
	st := make([]byte, abi.StatSize)
	(&abi.Stat{Mode: abi.S_IFREG | 0o644, Size: 33755}).Put(st)
	tests := []struct {
		want string
		nr   int
		a    Args
		ret  uint64
		err  abi.Errno
		mem  map[uint64][]byte
	}{
		{`ustat(makedev(0x8, 0x1), 0x1000) = -1 ENOSYS (Function not implemented)`, abi.SYS_ustat, Args{0x801, p}, 0, abi.ENOSYS, nil},
		{`brk(NULL) = 0x564ac2af5000`, abi.SYS_brk, Args{}, 0x564ac2af5000, 0, nil},
		{`close(3) = 0`, abi.SYS_close, Args{3}, 0, 0, nil},
		{`getpid() = 1000`, abi.SYS_getpid, Args{}, 1000, 0, nil},
		{`umask(022) = 022`, abi.SYS_umask, Args{0o22}, 0o22, 0, nil},
		{`umask(077) = 000`, abi.SYS_umask, Args{0o77}, 0, 0, nil},
		{`lseek(3, -1, SEEK_END) = 9`, abi.SYS_lseek, Args{3, minus1, 2}, 9, 0, nil},
		{`lseek(4, 0, SEEK_SET) = -1 EBADF (Bad file descriptor)`, abi.SYS_lseek, Args{4}, 0, abi.EBADF, nil},
		{`mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fd76b36a000`,
			abi.SYS_mmap, Args{0, 8192, 3, 0x22, minus1, 0}, 0x7fd76b36a000, 0, nil},
		{`access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)`,
			abi.SYS_access, Args{p, 4}, 0, abi.ENOENT, map[uint64][]byte{p: []byte("/etc/ld.so.preload\x00")}},
		{`openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3`,
			abi.SYS_openat, Args{0xffffff9c, p, 0x80000}, 3, 0, map[uint64][]byte{p: []byte("/etc/ld.so.cache\x00")}},
		{`openat(AT_FDCWD, "f", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3`,
			abi.SYS_openat, Args{0xffffff9c, p, 0x241, 0o666}, 3, 0, map[uint64][]byte{p: []byte("f\x00")}},
		{`newfstatat(3, "", {st_mode=S_IFREG|0644, st_size=33755, ...}, AT_EMPTY_PATH) = 0`,
			abi.SYS_newfstatat, Args{3, p, q, 0x1000}, 0, 0, map[uint64][]byte{q: st}},
		{`read(3, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\0\0\0\0\0\0\0\0"..., 832) = 832`,
			abi.SYS_read, Args{3, p, 832}, 832, 0, map[uint64][]byte{p: []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01")}},
		{`read(3, 0x1000, 10) = -1 EAGAIN (Resource temporarily unavailable)`, abi.SYS_read, Args{3, p, 10}, 0, abi.EAGAIN, nil},
		{`read(0, 0x1000, 1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`, abi.SYS_read, Args{0, p, 1}, 0, abi.ERESTARTSYS, nil},
		{`write(1, "hi \"\\\n", 6) = 6`, abi.SYS_write, Args{1, p, 6}, 6, 0, map[uint64][]byte{p: []byte("hi \"\\\n")}},
		{`write(1, "\00012", 3) = 3`, abi.SYS_write, Args{1, p, 3}, 3, 0, map[uint64][]byte{p: []byte("\x0012")}},
		{`getrandom("\x94\x0e\xbd", 3, GRND_NONBLOCK) = 3`, abi.SYS_getrandom, Args{p, 3, 1}, 3, 0, map[uint64][]byte{p: {0x94, 0x0e, 0xbd}}},
		{`pipe2([3, 4], O_CLOEXEC) = 0`, abi.SYS_pipe2, Args{p, 0x80000}, 0, 0, map[uint64][]byte{p: words(3 | 4<<32)}},
		{`execve("/bin/true", ["true", "-x"], 0x1200 /* 2 vars */) = 0`, abi.SYS_execve, Args{p, p + 0x100, p + 0x200}, 0, 0,
			map[uint64][]byte{p: []byte("/bin/true\x00true\x00-x\x00"), p + 0x100: words(p+10, p+15, 0), p + 0x200: words(1, 1, 0)}},
		{`rt_sigprocmask(SIG_BLOCK, [CHLD], ~[KILL], 8) = 0`, abi.SYS_rt_sigprocmask, Args{0, p, q, 8}, 0, 0,
			map[uint64][]byte{p: words(abi.SIGCHLD.Bit()), q: words(^abi.SIGKILL.Bit())}},
		{`rt_sigaction(SIGINT, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7fd76b188050}, NULL, 8) = 0`,
			abi.SYS_rt_sigaction, Args{2, p, 0, 8}, 0, 0, map[uint64][]byte{p: words(0, 0x14000000, 0x7fd76b188050, 0)}},
		{`prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0`,
			abi.SYS_prlimit64, Args{0, 3, 0, p}, 0, 0, map[uint64][]byte{p: words(8<<20, minus1)}},
		{`wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 1001`,
			abi.SYS_wait4, Args{minus1, p, 0, 0}, 1001, 0, map[uint64][]byte{p: words(0x300)}},
		{`clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, NULL, 0x7fd76b149a10, NULL) = 1001`,
			abi.SYS_clone, Args{0x1200011, 0, 0, 0x7fd76b149a10, 0}, 1001, 0, nil},
		{`futex(0x2000, FUTEX_WAKE_PRIVATE, 2147483647) = 0`, abi.SYS_futex, Args{0x2000, 129, 0x7fffffff}, 0, 0, nil},
		{`futex(0x2000, FUTEX_WAIT_PRIVATE, 2, NULL) = 0`, abi.SYS_futex, Args{0x2000, 128, 2}, 0, 0, nil},
		{`poll([{fd=5, events=POLLIN}, {fd=-1}], 2, 0) = 1 ([{fd=5, revents=POLLIN|POLLHUP}])`, abi.SYS_poll, Args{p, 2, 0}, 1, 0,
			map[uint64][]byte{p: words(5|1<<32|0x11<<48, 0xffffffff)}},
		{`fcntl(1, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)`, abi.SYS_fcntl, Args{1, 3, 0}, 0x8002, 0, nil},
		{`fcntl(1, F_SETFD, FD_CLOEXEC) = 0`, abi.SYS_fcntl, Args{1, 2, 1}, 0, 0, nil},
		{`epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, data={u32=4, u64=4}}) = 0`, abi.SYS_epoll_ctl, Args{3, 1, 4, p}, 0, 0,
			map[uint64][]byte{p: words(0x80000001|4<<32, 0)}},
		{`ioctl(0, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0`, abi.SYS_ioctl, Args{0, abi.TIOCGWINSZ, p}, 0, 0,
			map[uint64][]byte{p: words(24 | 80<<16)}},
		{`connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0`, abi.SYS_connect, Args{3, p, 16}, 0, 0,
			map[uint64][]byte{p: {2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}},
		{`getcwd("/tmp", 4096) = 5`, abi.SYS_getcwd, Args{p, 4096}, 5, 0, map[uint64][]byte{p: []byte("/tmp\x00")}},
		{`socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3`, abi.SYS_socket, Args{1, 0x80001, 0}, 3, 0, nil},
	}
	for _, tt := range tests {
		m := new(page)
		for a, b := range tt.mem {
			copy(m[a-pageBase:], b)
		}
		got := Format(&Table[tt.nr], tt.a, m, tt.ret, tt.err)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add(uint16(0), uint64(1), uint64(0x1000), uint64(5), uint64(0), uint64(0), uint64(0), uint64(3), uint16(0))
	f.Fuzz(func(t *testing.T, nr uint16, a0, a1, a2, a3, a4, a5, ret uint64, errno uint16) {
		if r := Lookup(uint64(nr)); r != nil {
			Format(r, Args{a0, a1, a2, a3, a4, a5}, new(page), ret, abi.Errno(errno))
		}
	})
}
