package syscalls

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/anon"
	"emurun/vfs/lock"
	"emurun/vfs/memfs"
	"emurun/vfs/overlay"
	"emurun/vfs/socket"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A stage is a machine whose threads do nothing but make the calls of a script, each the next
// of its own calls when its turn comes.
type stage struct {
	k      *kernel.Kernel
	ns     *vfs.Namespace
	script map[int32][]act // by thread
	log    []string
	failed error // what the emulator could not go on with
}

// act is a system call, and what is in memory before it.
type act struct {
	nr    uint64
	args  Args
	bytes []poke
}

type poke struct {
	at uint64
	p  []byte
}

// do is an act without memory.
func do(nr uint64, args ...uint64) act {
	a := act{nr: nr}
	copy(a.args[:], args)
	return a
}

// with adds numbers in memory, 8 bytes each.
func (a act) with(at uint64, v ...uint64) act {
	a.bytes = append(a.bytes[:len(a.bytes):len(a.bytes)], poke{at, words(v...)})
	return a
}

// text adds a string in memory.
func (a act) text(at uint64, s string) act {
	a.bytes = append(a.bytes[:len(a.bytes):len(a.bytes)], poke{at, []byte(s + "\x00")})
	return a
}

// run lets the machine take n turns, or until nothing can go on.
func (s *stage) run(t testing.TB, n int) {
	t.Helper()
	if s.try(n); s.failed != nil {
		t.Fatal(s.failed)
	}
}

func (s *stage) try(n int) {
	for i := 0; i < n && s.failed == nil; i++ {
		turn := s.k.Next()
		th := turn.Thread
		switch turn.Kind {
		case kernel.TurnCall:
			s.dispatch(th, "again")
		case kernel.TurnRun:
			calls := s.script[th.TID]
			if len(calls) == 0 {
				s.k.Advance(th, turn.Budget)
				s.note("%d runs for %d", th.TID, turn.Budget)
				continue
			}
			s.k.Advance(th, 1)
			s.script[th.TID] = calls[1:]
			s.begin(th, calls[0])
		default:
			s.note("turn %d until %d", turn.Kind, turn.Until)
			if turn.Kind != kernel.TurnIdle {
				return
			}
		}
	}
}

func (s *stage) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf("%d ", s.k.Now())+fmt.Sprintf(format, args...))
}

func (s *stage) begin(th *kernel.Thread, a act) {
	for _, b := range a.bytes {
		if s.failed = th.Write(b.p, b.at); s.failed != nil {
			return
		}
	}
	r := &th.CPU.R
	r[x86.RAX], r[x86.RDI], r[x86.RSI], r[x86.RDX], r[x86.R10], r[x86.R8], r[x86.R9] =
		a.nr, a.args[0], a.args[1], a.args[2], a.args[3], a.args[4], a.args[5]
	s.dispatch(th, "calls")
}

func (s *stage) dispatch(th *kernel.Thread, what string) {
	nr := th.CPU.R[x86.RAX]
	if th.InCall() {
		nr, _ = th.CallNumber()
	}
	if s.failed = Dispatch(th); s.failed != nil {
		return
	}
	result := fmt.Sprintf("gives %d", int64(th.CPU.R[x86.RAX]))
	if th.InCall() {
		result = "waits"
	}
	sum := fnv.New32()
	var b [0x4000]byte
	if m := th.Proc.Mem; m != nil {
		m.ReadAt(b[:], base)
	}
	sum.Write(b[:])
	s.note("%d %s %s and %s, memory %08x", th.TID, what, callName(nr), result, sum.Sum32())
}

func callName(nr uint64) string {
	if row := Lookup(nr); row != nil {
		return row.Name
	}
	return fmt.Sprint("call ", nr)
}

// waiting lists the threads that wait, with their calls.
func (s *stage) waiting() []string {
	var out []string
	for _, p := range s.k.Processes() {
		if p.Zombie() {
			out = append(out, fmt.Sprintf("%d zombie", p.PID))
		}
		if p.Stopped() {
			out = append(out, fmt.Sprintf("%d stopped", p.PID))
		}
		for _, t := range p.Threads() {
			if t.InCall() {
				nr, _ := t.CallNumber()
				out = append(out, fmt.Sprintf("%d %s", t.TID, callName(nr)))
			}
		}
	}
	return out
}

// newStage returns a machine of one process, thread 1000.
func newStage(t testing.TB) *stage {
	t.Helper()
	s := bareStage(newPool(t))
	ctx := &vfs.Context{NS: s.ns, Root: s.ns.Root(), Cwd: s.ns.Root()}
	f, err := ctx.Open(nil, "/init", vfs.How{Flags: abi.O_CREAT | abi.O_RDWR, Mode: 0o755})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(tinyELF()); err != nil {
		t.Fatal(err)
	}
	f.Unref()
	p, err := s.k.Boot(kernel.BootArgs{Path: "/init", Argv: []string{"init"}, Cred: kernel.NewCred(0, 0, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Mem.Map(mem.Mapping{Start: base, End: base + 0x4000, Prot: mem.Read | mem.Write}); err != nil {
		t.Fatal(err)
	}
	return s
}

// bareStage is a machine to boot or to thaw into.
func bareStage(pool *mem.Pool) *stage {
	s := &stage{script: map[int32][]act{}}
	clock := func() vfs.Time {
		if s.k == nil {
			return 0
		}
		return vfs.Time(s.k.Realtime())
	}
	s.ns = vfs.NewNamespace(memfs.New(memfs.Options{Dev: 1, Mode: 0o755, Clock: clock}), "none", "tmpfs", 0)
	s.k = kernel.New(kernel.Config{
		Seed: 7, EpochNs: 1_700_000_000e9, Pool: pool, Memory: stageMemory, Quantum: 1000, NsPerStep: 100_000, NS: s.ns,
		NewEngine: func(*mem.Space) emu.Engine { return stillEngine{} },
	})
	s.ns.Special = Special(s.k)
	return s
}

const stageMemory = 64 << 20

func newPool(t testing.TB) *mem.Pool {
	pool := mem.NewPool(stageMemory)
	t.Cleanup(pool.Close)
	return pool
}

// Where the calls of a stage have their memory.
const (
	at0 = base + 0x1000*iota
	at1
	at2
	at3
)

// Descriptors of the stage's first process, in the order in which it opens them.
const (
	fdPipe = iota // and its writing end
	fdPipeW
	fdEvent
	fdMem
	fdListen
	fdPair
	fdPair2
	fdTimer
	fdSignal
	fdEpoll
	fdOther // another description of fdMem
	fdIdle  // a pipe into which nothing is written
	fdIdleW
	fdFile // mapped and unlinked
	fdSpare
)

const (
	rwShared = abi.PROT_READ | abi.PROT_WRITE
	unixAny  = "\x01\x00\x00x" // sockaddr_un with the abstract name "x"
)

// setup is what the first process does before its children come.
func setup() []act {
	return []act{
		do(abi.SYS_rt_sigprocmask, abi.SIG_BLOCK, at0, 0, 8).with(at0, ^uint64(0)&^(abi.SIGCHLD.Bit())),
		do(abi.SYS_pipe2, at0, 0),
		do(abi.SYS_eventfd2, 0, 0),
		do(abi.SYS_memfd_create, at0, abi.MFD_ALLOW_SEALING).text(at0, "m"),
		do(abi.SYS_socket, abi.AF_UNIX, abi.SOCK_STREAM, 0),
		do(abi.SYS_socketpair, abi.AF_UNIX, abi.SOCK_STREAM, 0, at0),
		do(abi.SYS_timerfd_create, abi.CLOCK_REALTIME, 0),
		do(abi.SYS_signalfd4, ^uint64(0), at0, 8, 0).with(at0, abi.SIGUSR2.Bit()),
		do(abi.SYS_epoll_create1, 0),
		do(abi.SYS_dup, fdMem),
		do(abi.SYS_pipe2, at0, 0),
		do(abi.SYS_bind, fdListen, at0, 4).text(at0, unixAny),
		do(abi.SYS_listen, fdListen, 3),
		do(abi.SYS_ftruncate, fdMem, 0x3000),
		do(abi.SYS_pwrite64, fdMem, at0, 5, 0x1001).text(at0, "hello"),
		do(abi.SYS_mmap, 0x500000, 0x3000, rwShared, abi.MAP_SHARED|abi.MAP_FIXED, fdMem, 0),
		do(abi.SYS_flock, fdMem, abi.LOCK_EX),
		do(abi.SYS_timerfd_settime, fdTimer, abi.TFD_TIMER_ABSTIME, at0, 0).with(at0, 0, 30, 1_700_000_090, 0),
		do(abi.SYS_setitimer, abi.ITIMER_REAL, at0, 0).with(at0, 25, 0, 40, 0),
		do(abi.SYS_setitimer, abi.ITIMER_PROF, at0, 0).with(at0, 0, 0, 0, 900_000),
		do(abi.SYS_timer_create, abi.CLOCK_MONOTONIC, at0, at1).with(at0, 77, 35),
		do(abi.SYS_timer_settime, 0, 0, at0, 0).with(at0, 3, 0, 2, 500),
		do(abi.SYS_timer_create, abi.CLOCK_PROCESS_CPUTIME_ID, at0, at1).with(at0, 78, 36),
		do(abi.SYS_timer_settime, 1, 0, at0, 0).with(at0, 0, 500_000_000, 0, 700_000_000),
		do(abi.SYS_rt_sigaction, uint64(abi.SIGCHLD), at0, 0, 8).with(at0, abi.SIG_DFL, 0, 0, 0),
		do(abi.SYS_epoll_ctl, fdEpoll, abi.EPOLL_CTL_ADD, fdIdle, at0).with(at0, abi.EPOLLIN|11<<32, 0),
		do(abi.SYS_epoll_ctl, fdEpoll, abi.EPOLL_CTL_ADD, fdEvent, at0).with(at0, abi.EPOLLIN|12<<32, 0),
		do(abi.SYS_epoll_ctl, fdEpoll, abi.EPOLL_CTL_ADD, fdTimer, at0).with(at0, abi.EPOLLIN|13<<32, 0),
		do(abi.SYS_epoll_ctl, fdEpoll, abi.EPOLL_CTL_ADD, fdSignal, at0).with(at0, abi.EPOLLIN|14<<32, 0),
		do(abi.SYS_shmget, 5, 0x2000, abi.IPC_CREAT|0o600),
		do(abi.SYS_shmat, 0, 0x600000, 0),
		do(abi.SYS_prctl, abi.PR_SET_NAME, at0).text(at0, "the actor"),
		do(abi.SYS_fcntl, fdMem, abi.F_SETLK, at0).with(at0, abi.F_WRLCK, 0, 10, 0),
		do(abi.SYS_mkdir, at0, 0o700).text(at0, "/dir"),
		do(abi.SYS_chdir, at0).text(at0, "dir"),
		do(abi.SYS_mknod, at0, abi.S_IFIFO|0o600, 0).text(at0, "fifo"),
		do(abi.SYS_openat, ^uint64(99), at0, abi.O_RDWR|abi.O_CREAT, 0o600).text(at0, "file"),
		do(abi.SYS_ftruncate, fdFile, 0x2345),
		do(abi.SYS_mmap, 0x700000, 0x3000, rwShared, abi.MAP_SHARED|abi.MAP_FIXED, fdFile, 0),
		do(abi.SYS_pwrite64, fdFile, at0, 9, 0x1001).text(at0, "file text"),
		do(abi.SYS_unlink, at0).text(at0, "file"),
		do(abi.SYS_futex, 0x700000, abi.FUTEX_WAKE, 9, 0),
		do(abi.SYS_openat, ^uint64(99), at0, abi.O_DIRECTORY, 0).text(at0, "."),
		do(abi.SYS_getdents64, fdFile+1, at0, 40),
		do(abi.SYS_close, fdFile+1),
	}
}

// fork makes a child, thread it makes a thread. Children are numbered from 1001.
const (
	firstGrand  = 1027 + iota // of vfork(2)
	secondGrand               // waited for
	aThread
	aSharer
)

var (
	forkAct   = do(abi.SYS_fork)
	threadAct = do(abi.SYS_clone, abi.CLONE_VM|abi.CLONE_FS|abi.CLONE_FILES|abi.CLONE_SIGHAND|abi.CLONE_THREAD|abi.CLONE_SYSVSEM)
)

// children is what each child does until it waits.
func children() [][]act {
	return [][]act{
		{do(abi.SYS_futex, at0, abi.FUTEX_WAIT|abi.FUTEX_PRIVATE_FLAG, 0, 0).with(at0, 0)},
		{do(abi.SYS_futex, at0, abi.FUTEX_WAIT_BITSET|abi.FUTEX_CLOCK_REALTIME|abi.FUTEX_PRIVATE_FLAG, 0, at1, 0, 6).with(at0, 0).with(at1, 1_700_000_020, 0)},
		{do(abi.SYS_futex, 0x500000, abi.FUTEX_WAIT, 0, 0)}, // in shared memory
		{do(abi.SYS_futex, 0x500000, abi.FUTEX_WAIT, 0, 0)},
		{do(abi.SYS_read, fdPipe, at0, 100)},
		{do(abi.SYS_read, fdPipe, at0, 100)},
		{do(abi.SYS_nanosleep, at0, at1).with(at0, 10, 5)},
		{do(abi.SYS_clock_nanosleep, abi.CLOCK_REALTIME, abi.TIMER_ABSTIME, at0, 0).with(at0, 1_700_000_012, 0)},
		{do(abi.SYS_epoll_wait, fdEpoll, at0, 10, ^uint64(0))},
		{do(abi.SYS_poll, at0, 2, 60_000).with(at0, fdIdle|abi.POLLIN<<32, fdEvent|abi.POLLIN<<32)},
		{do(abi.SYS_pselect6, 16, at0, 0, 0, at1, 0).with(at0, 1<<fdIdle).with(at1, 50, 0)},
		{do(abi.SYS_rt_sigtimedwait, at0, at1, at2, 8).with(at0, abi.SIGUSR1.Bit()).with(at2, 33, 0)},
		{do(abi.SYS_rt_sigprocmask, abi.SIG_BLOCK, at0, 0, 8).with(at0, ^uint64(0)), do(abi.SYS_rt_sigsuspend, at0, 8).with(at0, ^uint64(0)&^abi.SIGTERM.Bit())},
		{do(abi.SYS_openat, 0, 0, 0), do(abi.SYS_fcntl, fdMem, abi.F_SETLKW, at0).with(at0, abi.F_RDLCK, 5, 1, 0)},
		{do(abi.SYS_accept, fdListen, 0, 0)},
		{do(abi.SYS_recvmsg, fdPair, at0, 0).with(at0, 0, 0, at1, 1, at2, 64, 0).with(at1, at3, 100)},
		{do(abi.SYS_vfork)},
		{do(abi.SYS_exit_group, 3)},
		{do(abi.SYS_kill, 0, 0), do(abi.SYS_rt_sigprocmask, abi.SIG_BLOCK, at0, 0, 8).with(at0, ^uint64(0))},
		{do(abi.SYS_kill, 1020, uint64(abi.SIGSTOP)), do(abi.SYS_getpid)},
		{do(abi.SYS_fork), do(abi.SYS_wait4, ^uint64(0), 0, 0, 0)},
		{do(abi.SYS_setsid), do(abi.SYS_timerfd_settime, fdTimer, 0, at0, 0).with(at0, 0, 0, 88, 0), do(abi.SYS_pause)},
		{do(abi.SYS_pidfd_open, 1019, 0), do(abi.SYS_read, fdIdle, at0, 1)},
		{threadAct, do(abi.SYS_set_robust_list, at1, 24), do(abi.SYS_futex, at0, abi.FUTEX_LOCK_PI, 0, 0, 0).with(at0, aThread), do(abi.SYS_exit, 0)},
		{do(abi.SYS_openat, ^uint64(99), at0, abi.O_RDONLY, 0).text(at0, "fifo"), do(abi.SYS_read, fdSpare, at0, 30)},
		{do(abi.SYS_clone, abi.CLONE_VM|abi.CLONE_FILES|abi.CLONE_FS|abi.CLONE_SIGHAND|uint64(abi.SIGCHLD)), do(abi.SYS_rt_sigsuspend, at0, 8).with(at0, ^uint64(0))},
	}
}

// freezing is the kernel's machine with everybody waiting.
func freezingStage(t testing.TB) *stage {
	s := newStage(t)
	main := setup()
	for i, c := range children() {
		main = append(main, forkAct)
		s.script[int32(1001+i)] = c
	}
	// Signals with values for 1019, which blocks them, and messages with a descriptor.
	for i := range uint64(3) {
		main = append(main, do(abi.SYS_rt_sigqueueinfo, 1019, 40, at0).with(at0, 40|0<<32, 0xffff_ffff, 1000, i))
	}
	s.script[1000] = main
	s.run(t, 140)
	return s
}

// goOn is what the first process does then: it wakes everybody.
func goOn() map[int32][]act {
	return map[int32][]act{
		1000: {
			do(abi.SYS_futex, 0x500000, abi.FUTEX_WAKE, 1, 0),
			do(abi.SYS_write, fdPipeW, at0, 150).text(at0, "some bytes"),
			do(abi.SYS_write, fdEvent, at0, 8).with(at0, 5),
			do(abi.SYS_kill, 1012, uint64(abi.SIGUSR1)),
			do(abi.SYS_kill, 1013, uint64(abi.SIGTERM)),
			do(abi.SYS_kill, 1009, uint64(abi.SIGUSR2)),
			do(abi.SYS_fcntl, fdMem, abi.F_SETLK, at0).with(at0, abi.F_UNLCK, 0, 10, 0),
			do(abi.SYS_socket, abi.AF_UNIX, abi.SOCK_STREAM, 0),
			do(abi.SYS_connect, fdSpare, at0, 4).text(at0, unixAny),
			do(abi.SYS_sendmsg, fdPair2, at0, 0).with(at0, 0, 0, at1, 1, at2, 20, 0).with(at1, at3, 6).
				with(at2, 20, abi.SOL_SOCKET|abi.SCM_RIGHTS<<32, fdMem).text(at3, "rights"),
			do(abi.SYS_kill, 1020, uint64(abi.SIGCONT)),
			do(abi.SYS_wait4, ^uint64(0), at0, 0, at1),
			do(abi.SYS_kill, secondGrand, uint64(abi.SIGKILL)),
			do(abi.SYS_pread64, fdOther, at0, 16, 0x1000),
			do(abi.SYS_mmap, 0, 0x3000, rwShared, abi.MAP_SHARED, fdMem, 0),
			do(abi.SYS_getrandom, at0, 32, 0),
			do(abi.SYS_shmdt, 0x600000),
			do(abi.SYS_shmget, 5, 0x2000, 0),
			do(abi.SYS_fork),
			do(abi.SYS_timer_gettime, 0, at0),
			do(abi.SYS_getitimer, abi.ITIMER_REAL, at0),
			do(abi.SYS_clock_gettime, abi.CLOCK_REALTIME, at0),
			do(abi.SYS_clock_gettime, abi.CLOCK_PROCESS_CPUTIME_ID, at0),
			do(abi.SYS_close, fdListen),
			do(abi.SYS_openat, ^uint64(99), at0, abi.O_WRONLY, 0).text(at0, "fifo"),
			do(abi.SYS_write, 4, at0, 20).text(at0, "through the fifo"),
			do(abi.SYS_futex, 0x700000, abi.FUTEX_WAKE_OP, 1, 1, 0x700004, 5<<12|1<<28),
			do(abi.SYS_pread64, fdFile, at0, 32, 0),
			do(abi.SYS_pread64, fdFile, at0, 32, 0x1000),
			do(abi.SYS_munmap, 0x700000, 0x3000),
			do(abi.SYS_fstat, fdFile, at0),
			do(abi.SYS_getcwd, at0, 100),
			do(abi.SYS_openat, ^uint64(99), at0, abi.O_RDWR|abi.O_CREAT, 0o600).text(at0, "new"),
			do(abi.SYS_wait4, ^uint64(0), at0, abi.WNOHANG|abi.WUNTRACED|abi.WCONTINUED, at1),
			do(abi.SYS_eventfd2, 0, 0),
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
		},
		1001: {do(abi.SYS_getppid)},
		1014: {do(abi.SYS_exit, 9)},
		1019: {
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
			do(abi.SYS_rt_sigtimedwait, at0, at1, 0, 8).with(at0, ^uint64(0)),
			do(abi.SYS_exit_group, 1),
		},
		1020:       {do(abi.SYS_getpid), do(abi.SYS_exit_group, 2)},
		1021:       {do(abi.SYS_wait4, ^uint64(0), 0, 0, 0)},
		firstGrand: {do(abi.SYS_getpid), do(abi.SYS_exit, 0)},
		aThread:    {do(abi.SYS_gettid), do(abi.SYS_futex, at0, abi.FUTEX_UNLOCK_PI), do(abi.SYS_exit, 0)},
		aSharer:    {do(abi.SYS_close, fdIdle), do(abi.SYS_umask, 0o77), do(abi.SYS_pipe2, at0, 0), do(abi.SYS_rt_sigaction, 10, at0, 0, 8).with(at0, 1, 0, 0, 0)},
	}
}

// thaw freezes the machine of a stage and lets it go on as another, fresh one.
func (s *stage) thaw(t testing.TB, pages *wiretest.Pages) {
	t.Helper()
	fresh := bareStage(newPool(t))
	s.freeze(t, pages).Thaw(t, stageKinds(fresh.k))
	s.k, s.ns = fresh.k, fresh.ns
}

// freeze freezes the machine of a stage.
func (s *stage) freeze(t testing.TB, pages *wiretest.Pages) *wiretest.Snapshot {
	t.Helper()
	pool := s.k.Config().Pool
	pool.BeginFreeze()
	defer pool.EndFreeze()
	return pages.Freeze(t, stageKinds(s.k), s.k)
}

// stageKinds are the kinds of objects that a stage has.
func stageKinds(k *kernel.Kernel) *wire.Kinds {
	kinds := new(wire.Kinds)
	kernel.Kinds(kinds, k)
	Kinds(kinds, k)
	mem.Kinds(kinds, k.Config().Pool)
	vfs.Kinds(kinds, k.Config().NS)
	anon.Kinds(kinds, &k.Anon)
	lock.Kinds(kinds, &k.Locks)
	socket.Kinds(kinds, &k.Net)
	overlay.Kinds(kinds, vfs.Mounted[*overlay.FS](k.Config().NS))
	return kinds
}

// A machine that is frozen and thawed goes on as if nothing had happened, wherever that is
// done, and reaches the same state.
func TestFreezeAnywhere(t *testing.T) {
	whole := freezingStage(t)
	waiting := whole.waiting()
	whole.log, whole.script = nil, goOn()
	whole.run(t, 1500)
	want := whole.freeze(t, new(wiretest.Pages))
	for _, every := range []int{1500, 130, 7} {
		t.Run(fmt.Sprintf("every %d turns", every), func(t *testing.T) {
			s, pages := freezingStage(t), new(wiretest.Pages)
			if diff := cmp.Diff(waiting, s.waiting()); diff != "" {
				t.Fatalf("others wait (-want +got)\n%s", diff)
			}
			s.log, s.script = nil, goOn()
			for done := 0; done < 1500; done += every {
				s.thaw(t, pages)
				s.run(t, min(every, 1500-done))
			}
			if diff := cmp.Diff(whole.log, s.log); diff != "" {
				t.Errorf("it goes on differently (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(want, s.freeze(t, pages), cmpopts.IgnoreUnexported(wiretest.Snapshot{})); diff != "" {
				t.Errorf("it ends in another state (-want +got)\n%s", diff)
			}
		})
	}
}

// thawAndRun thaws bytes that may be anything. What thaws goes on for a while, and freezes: it
// must neither panic nor hang.
func thawAndRun(t testing.TB, frozen []byte, open func(string) (wire.Source, error)) (thawed bool) {
	pool := mem.NewPool(stageMemory)
	defer pool.Close()
	s := bareStage(pool)
	s.script = goOn()
	if _, err := wire.ThawGraph(frozen, stageKinds(s.k), open); err != nil {
		return false
	}
	if s.try(60); s.failed != nil {
		return true
	}
	g, err := wire.FreezeGraph(stageKinds(s.k), s.k)
	for _, c := range g.Contents {
		c.Release(false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

// FuzzThaw: bytes that are no frozen machine give an error.
func FuzzThaw(f *testing.F) {
	one := newStage(f).freeze(f, new(wiretest.Pages))
	many := freezingStage(f).freeze(f, new(wiretest.Pages))
	f.Add(one.Encoding)
	f.Add(many.Encoding)
	f.Fuzz(func(t *testing.T, frozen []byte) { thawAndRun(t, frozen, many.Open) })
}

// A wrong byte anywhere gives an error, or another machine that works.
func TestThawWrongByte(t *testing.T) {
	s := freezingStage(t).freeze(t, new(wiretest.Pages))
	thawed := 0
	for i := 0; i < len(s.Encoding); i += 1 + len(s.Encoding)/200 {
		wrong := bytes.Clone(s.Encoding)
		wrong[i] ^= 1 << (i % 8)
		if thawAndRun(t, wrong, s.Open) {
			thawed++
		}
	}
	if thawed == 0 {
		t.Error("nothing thaws")
	}
}
