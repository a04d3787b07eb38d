package syscalls

import (
	"errors"
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"

	"github.com/google/go-cmp/cmp"
)

// stillEngine retires what it may and changes nothing.
type stillEngine struct{}

func (stillEngine) Run(_ *emu.CPU, n uint64) (uint64, emu.Exit) { return n, emu.ExitBudget }

// base is where the guest of newThread has readable and writable memory.
const base = 0x10000

// newThread returns the only thread of a new machine, with memory at base.
func newThread(t *testing.T, uid uint32) *kernel.Thread {
	t.Helper()
	pool := mem.NewPool(16 << 20)
	t.Cleanup(pool.Close)
	k := kernel.New(kernel.Config{
		Seed: 7, EpochNs: 1_700_000_000e9, Pool: pool, Memory: 1 << 30,
		NewEngine: func(*mem.Space) emu.Engine { return stillEngine{} },
	})
	s := mem.NewSpace(pool)
	if err := s.Map(mem.Mapping{Start: base, End: base + 0x4000, Prot: mem.Read | mem.Write}); err != nil {
		t.Fatal(err)
	}
	p := k.Spawn(s, base, base+0x3000, kernel.NewCred(uid, uid, []uint32{uid, 20}))
	return p.Threads()[0]
}

// step is a call of a session: its number, its arguments, and the strace line it
// must print with its result. set writes to memory before it.
type step struct {
	nr   int
	args Args
	want string
	set  []uint64 // at base, 8 bytes each
}

// session runs calls on one thread, in order.
func session(t *testing.T, uid uint32, steps []step) {
	t.Helper()
	th := newThread(t, uid)
	for _, s := range steps {
		for i, v := range s.set {
			if err := th.WriteU64(base+8*uint64(i), v); err != nil {
				t.Fatal(err)
			}
		}
		ret, err := Run(th, uint64(s.nr), s.args)
		var errno abi.Errno
		if err != nil && !errors.As(err, &errno) {
			t.Errorf("%s: %v", s.want, err)
			continue
		}
		got := Format(Lookup(uint64(s.nr)), s.args, th.Mem(), ret, errno)
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestKill(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_kill, Args{1000, 0}, "kill(1000, 0) = 0", nil},
		{abi.SYS_kill, Args{999999, 15}, "kill(999999, SIGTERM) = -1 ESRCH (No such process)", nil},
		{abi.SYS_kill, Args{1000, 65}, "kill(1000, 65) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_kill, Args{0, 0}, "kill(0, 0) = 0", nil},
		{abi.SYS_kill, Args{minusOne, 0}, "kill(-1, 0) = -1 ESRCH (No such process)", nil},
		{abi.SYS_kill, Args{^uint64(4999), 9}, "kill(-5000, SIGKILL) = -1 ESRCH (No such process)", nil},
		{abi.SYS_kill, Args{1, 0}, "kill(1, 0) = 0", nil},
		{abi.SYS_tgkill, Args{1000, 1000, 0}, "tgkill(1000, 1000, 0) = 0", nil},
		{abi.SYS_tgkill, Args{0, 1000, 0}, "tgkill(0, 1000, 0) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_tgkill, Args{1001, 1000, 0}, "tgkill(1001, 1000, 0) = -1 ESRCH (No such process)", nil},
		{abi.SYS_tkill, Args{minusOne, 0}, "tkill(-1, 0) = -1 EINVAL (Invalid argument)", nil},
	})
	session(t, 500, []step{
		{abi.SYS_kill, Args{1, 15}, "kill(1, SIGTERM) = -1 EPERM (Operation not permitted)", nil},
	})
}

func TestSetpgid(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_getpgrp, Args{}, "getpgrp() = 1000", nil},
		{abi.SYS_setsid, Args{}, "setsid() = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_setpgid, Args{0, 0}, "setpgid(0, 0) = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_setpgid, Args{0, minusOne}, "setpgid(0, -1) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_setpgid, Args{1, 1}, "setpgid(1, 1) = -1 ESRCH (No such process)", nil},
		{abi.SYS_getpgid, Args{0}, "getpgid(0) = 1000", nil},
		{abi.SYS_getsid, Args{1}, "getsid(1) = -1 ESRCH (No such process)", nil},
		{abi.SYS_getppid, Args{}, "getppid() = 1", nil},
		{abi.SYS_gettid, Args{}, "gettid() = 1000", nil},
	})
}

// credentials(7): root gives its rights away for good.
func TestSetuid(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_setresuid, Args{minusOne, 100, 200}, "setresuid(-1, 100, 200) = 0", nil},
		{abi.SYS_getresuid, Args{base, base + 4, base + 8}, "getresuid([0], [100], [200]) = 0", nil},
		{abi.SYS_setuid, Args{300}, "setuid(300) = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_setuid, Args{0}, "setuid(0) = 0", nil},
		{abi.SYS_geteuid, Args{}, "geteuid() = 0", nil},
		{abi.SYS_setreuid, Args{5, 6}, "setreuid(5, 6) = 0", nil},
		{abi.SYS_getresuid, Args{base, base + 4, base + 8}, "getresuid([5], [6], [6]) = 0", nil},
		{abi.SYS_setuid, Args{0}, "setuid(0) = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_setfsuid, Args{5}, "setfsuid(5) = 6", nil},
		{abi.SYS_setfsuid, Args{77}, "setfsuid(77) = 5", nil},
		{abi.SYS_setfsuid, Args{minusOne}, "setfsuid(-1) = 5", nil},
		{abi.SYS_setgroups, Args{0, 0}, "setgroups(0, NULL) = -1 EPERM (Operation not permitted)", nil},
	})
	session(t, 500, []step{
		{abi.SYS_getgroups, Args{0, 0}, "getgroups(0, NULL) = 2", nil},
		{abi.SYS_getgroups, Args{1, base}, "getgroups(1, 0x10000) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_getgroups, Args{8, base}, "getgroups(8, 0x10000) = 2", nil},
		{abi.SYS_setgid, Args{0}, "setgid(0) = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_setgid, Args{minusOne}, "setgid(-1) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_setresgid, Args{500, 500, 500}, "setresgid(500, 500, 500) = 0", nil},
	})
}

func TestClock(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_clock_gettime, Args{0, base}, "clock_gettime(CLOCK_REALTIME, {tv_sec=1700000000, tv_nsec=0}) = 0", nil},
		{abi.SYS_clock_gettime, Args{1, base}, "clock_gettime(CLOCK_MONOTONIC, {tv_sec=1, tv_nsec=0}) = 0", nil},
		{abi.SYS_clock_gettime, Args{99, base}, "clock_gettime(0x63 /* CLOCK_??? */, 0x10000) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_clock_gettime, Args{0, 8}, "clock_gettime(CLOCK_REALTIME, 0x8) = -1 EFAULT (Bad address)", nil},
		{abi.SYS_clock_getres, Args{1, base}, "clock_getres(CLOCK_MONOTONIC, {tv_sec=0, tv_nsec=1}) = 0", nil},
		{abi.SYS_nanosleep, Args{base, 0}, "nanosleep({tv_sec=0, tv_nsec=1000000000}, NULL) = -1 EINVAL (Invalid argument)", []uint64{0, 1e9}},
		{abi.SYS_nanosleep, Args{base, 0}, "nanosleep({tv_sec=0, tv_nsec=0}, NULL) = 0", []uint64{0, 0}},
		{abi.SYS_alarm, Args{10}, "alarm(10) = 0", nil},
		{abi.SYS_alarm, Args{0}, "alarm(0) = 10", nil},
		{abi.SYS_setitimer, Args{9, 0, 0}, "setitimer(0x9 /* ITIMER_??? */, NULL, NULL) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_timer_delete, Args{5}, "timer_delete(5) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_settimeofday, Args{0, 0}, "settimeofday(NULL, NULL) = -1 EPERM (Operation not permitted)", nil},
	})
}

func TestSched(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_sched_getaffinity, Args{0, 128, base}, "sched_getaffinity(0, 128, 0x10000) = 8", nil},
		{abi.SYS_sched_getaffinity, Args{0, 4, base}, "sched_getaffinity(0, 4, 0x10000) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_sched_setaffinity, Args{0, 8, base}, "sched_setaffinity(0, 8, 0x10000) = -1 EINVAL (Invalid argument)", []uint64{2}},
		{abi.SYS_sched_get_priority_max, Args{1}, "sched_get_priority_max(SCHED_FIFO) = 99", nil},
		{abi.SYS_sched_get_priority_min, Args{0}, "sched_get_priority_min(SCHED_OTHER) = 0", nil},
		{abi.SYS_sched_get_priority_min, Args{77}, "sched_get_priority_min(0x4d /* SCHED_??? */) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_sched_setscheduler, Args{0, 1, base}, "sched_setscheduler(0, SCHED_FIFO, [50]) = 0", []uint64{50}},
		{abi.SYS_sched_getscheduler, Args{0}, "sched_getscheduler(0) = 1", nil},
		{abi.SYS_sched_getparam, Args{0, base}, "sched_getparam(0, [50]) = 0", nil},
		{abi.SYS_sched_setscheduler, Args{0, 1, base}, "sched_setscheduler(0, SCHED_FIFO, [100]) = -1 EINVAL (Invalid argument)", []uint64{100}},
		{abi.SYS_getpriority, Args{0, 0}, "getpriority(PRIO_PROCESS, 0) = 20", nil},
		{abi.SYS_setpriority, Args{0, 0, 30}, "setpriority(PRIO_PROCESS, 0, 30) = 0", nil},
		{abi.SYS_getpriority, Args{0, 0}, "getpriority(PRIO_PROCESS, 0) = 1", nil},
		{abi.SYS_getpriority, Args{7, 0}, "getpriority(0x7 /* PRIO_??? */, 0) = -1 EINVAL (Invalid argument)", nil},
	})
	session(t, 500, []step{
		{abi.SYS_sched_setscheduler, Args{0, 2, base}, "sched_setscheduler(0, SCHED_RR, [1]) = -1 EPERM (Operation not permitted)", []uint64{1}},
		{abi.SYS_setpriority, Args{0, 0, minusOne}, "setpriority(PRIO_PROCESS, 0, -1) = -1 EACCES (Permission denied)", nil},
	})
}

func TestRlimit(t *testing.T) {
	session(t, 500, []step{
		{abi.SYS_getrlimit, Args{3, base}, "getrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0", nil},
		{abi.SYS_setrlimit, Args{7, base}, "setrlimit(RLIMIT_NOFILE, {rlim_cur=2, rlim_max=1}) = -1 EINVAL (Invalid argument)", []uint64{2, 1}},
		{abi.SYS_setrlimit, Args{7, base}, "setrlimit(RLIMIT_NOFILE, {rlim_cur=10, rlim_max=20}) = 0", []uint64{10, 20}},
		{abi.SYS_setrlimit, Args{7, base}, "setrlimit(RLIMIT_NOFILE, {rlim_cur=10, rlim_max=30}) = -1 EPERM (Operation not permitted)", []uint64{10, 30}},
		{abi.SYS_prlimit64, Args{999999, 7, 0, 0}, "prlimit64(999999, RLIMIT_NOFILE, NULL, NULL) = -1 ESRCH (No such process)", nil},
		{abi.SYS_getrlimit, Args{99, base}, "getrlimit(0x63 /* RLIMIT_??? */, 0x10000) = -1 EINVAL (Invalid argument)", nil},
	})
}

func TestPrctl(t *testing.T) {
	session(t, 0, []step{
		{abi.SYS_prctl, Args{abi.PR_SET_NAME, base}, "prctl(PR_SET_NAME, 0x10000, 0, 0, 0) = 0", []uint64{0x6867666564636261, 0}},
		{abi.SYS_prctl, Args{abi.PR_GET_DUMPABLE}, "prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) = 1", nil},
		{abi.SYS_arch_prctl, Args{abi.ARCH_SET_FS, 1 << 47}, "arch_prctl(ARCH_SET_FS, 0x800000000000) = -1 EPERM (Operation not permitted)", nil},
		{abi.SYS_arch_prctl, Args{abi.ARCH_SET_FS, 0x1234}, "arch_prctl(ARCH_SET_FS, 0x1234) = 0", nil},
		{abi.SYS_arch_prctl, Args{abi.ARCH_GET_FS, base}, "arch_prctl(ARCH_GET_FS, 0x10000) = 0", nil},
		{abi.SYS_wait4, Args{minusOne, 0, 0, 0}, "wait4(-1, NULL, 0, NULL) = -1 ECHILD (No child processes)", nil},
		{abi.SYS_wait4, Args{minusOne, 0, 0x100, 0}, "wait4(-1, NULL, 0x100, NULL) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_set_robust_list, Args{base, 24}, "set_robust_list(0x10000, 24) = 0", nil},
		{abi.SYS_set_robust_list, Args{base, 23}, "set_robust_list(0x10000, 23) = -1 EINVAL (Invalid argument)", nil},
		{abi.SYS_restart_syscall, Args{}, "restart_syscall() = -1 EINTR (Interrupted system call)", nil},
	})
}
