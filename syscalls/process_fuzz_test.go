package syscalls

import (
	"encoding/binary"
	"testing"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// processCalls are the calls of this room: what they do to a machine of a few
// threads must never panic or stop the emulator.
var processCalls = []int{
	abi.SYS_rt_sigaction, abi.SYS_rt_sigprocmask, abi.SYS_rt_sigreturn, abi.SYS_sched_yield, abi.SYS_pause,
	abi.SYS_nanosleep, abi.SYS_getitimer, abi.SYS_alarm, abi.SYS_setitimer, abi.SYS_clone, abi.SYS_fork,
	abi.SYS_vfork, abi.SYS_exit, abi.SYS_wait4, abi.SYS_kill, abi.SYS_uname, abi.SYS_gettimeofday,
	abi.SYS_getrlimit, abi.SYS_getrusage, abi.SYS_sysinfo, abi.SYS_times, abi.SYS_setpgid, abi.SYS_setsid,
	abi.SYS_getgroups, abi.SYS_setgroups, abi.SYS_setresuid, abi.SYS_capget, abi.SYS_capset,
	abi.SYS_rt_sigpending, abi.SYS_rt_sigtimedwait, abi.SYS_rt_sigqueueinfo, abi.SYS_rt_sigsuspend,
	abi.SYS_sigaltstack, abi.SYS_getpriority, abi.SYS_setpriority, abi.SYS_sched_setscheduler, abi.SYS_prctl,
	abi.SYS_arch_prctl, abi.SYS_setrlimit, abi.SYS_tkill, abi.SYS_futex, abi.SYS_sched_setaffinity,
	abi.SYS_sched_getaffinity, abi.SYS_set_tid_address, abi.SYS_restart_syscall, abi.SYS_timer_create,
	abi.SYS_timer_settime, abi.SYS_timer_gettime, abi.SYS_timer_getoverrun, abi.SYS_timer_delete,
	abi.SYS_clock_gettime, abi.SYS_clock_nanosleep, abi.SYS_exit_group, abi.SYS_tgkill, abi.SYS_waitid,
	abi.SYS_unshare, abi.SYS_set_robust_list, abi.SYS_get_robust_list, abi.SYS_rt_tgsigqueueinfo,
	abi.SYS_prlimit64, abi.SYS_getcpu, abi.SYS_kcmp, abi.SYS_sched_setattr, abi.SYS_sched_getattr,
	abi.SYS_getrandom, abi.SYS_membarrier, abi.SYS_rseq, abi.SYS_pidfd_send_signal, abi.SYS_pidfd_open,
	abi.SYS_clone3, abi.SYS_pidfd_getfd, abi.SYS_futex_waitv,
}

// odd are arguments on the edges of what calls expect.
var odd = []uint64{
	0, 1, 2, 8, 9, 17, 64, 65, 1000, 1001, 1002, 4096, base, base + 1, base + 8, base + 64, base + 0x800, base + 0x3ff8,
	base + 0x4000 - 4, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 47, 1<<63 - 1, 1 << 63, ^uint64(0), ^uint64(999),
	abi.CLONE_VM | abi.CLONE_SIGHAND | abi.CLONE_THREAD | abi.CLONE_FS | abi.CLONE_FILES, abi.CLONE_VM | abi.CLONE_VFORK | 17,
	128, 129, 137, 138, 256, 0x4000_0011, 88, 24, 32, 48,
}

// fuzzArg takes an argument from the input: an odd value, or up to two bytes.
func fuzzArg(in *[]byte) uint64 {
	b := *in
	if len(b) < 2 {
		return 0
	}
	*in = b[2:]
	if b[0] < 200 {
		return odd[int(b[1])%len(odd)]
	}
	return uint64(binary.LittleEndian.Uint16(b))
}

// FuzzProcessCalls lets the threads of a machine make arbitrary calls, with
// memory full of numbers that make sense to them.
func FuzzProcessCalls(f *testing.F) {
	seed := make([]byte, 0, 2000)
	for i := range 2000 {
		seed = append(seed, byte(i*i*7+i/3))
	}
	f.Add(seed)
	for nr := range processCalls {
		f.Add([]byte{byte(nr), 0, 12, 0, 13, 0, 14, 0, 0, 0, 1, 0, 2, byte(nr), 0, 1, 0, 12, 0, 15, 0, 5, 0, 0, 0, 0, 10, 0, 0, 41, 0, 0})
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		th := newThread(t, 0)
		k := th.Kernel()
		for i := uint64(0); i < 0x4000; i += 8 {
			th.WriteU64(base+i, odd[(i/8)%uint64(len(odd))])
		}
		for range 300 {
			turn := k.Next()
			switch turn.Kind {
			case kernel.TurnRun:
				if len(in) < 2 {
					return
				}
				fuzzCall(turn.Thread, &in)
			case kernel.TurnIdle, kernel.TurnOutside, kernel.TurnDone, kernel.TurnStopped, kernel.TurnDeadlock:
				return
			}
			k.Advance(turn.Thread, 1)
			if err := Dispatch(turn.Thread); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// fuzzCall loads the registers of a system call.
func fuzzCall(t *kernel.Thread, in *[]byte) {
	r := t.CPU.Regs()
	r.GPR[0] = uint64(processCalls[int((*in)[0])%len(processCalls)])
	*in = (*in)[1:]
	for _, n := range []int{7, 6, 2, 10, 8, 9} {
		r.GPR[n] = fuzzArg(in)
	}
	t.CPU.SetRegs(&r)
}
