package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// futex implements futex(2).
func futex(t *kernel.Thread, a Args) (uint64, error) {
	op := a.Uint(1)
	cmd := op & (1<<32 - 1 - abi.FUTEX_PRIVATE_FLAG - abi.FUTEX_CLOCK_REALTIME)
	private := op&abi.FUTEX_PRIVATE_FLAG != 0
	addr, val, val3 := a[0], a.Uint(2), a.Uint(5)
	if op&abi.FUTEX_CLOCK_REALTIME != 0 {
		switch cmd {
		case abi.FUTEX_WAIT_BITSET, abi.FUTEX_WAIT_REQUEUE_PI, abi.FUTEX_LOCK_PI2:
		default:
			return 0, abi.ENOSYS
		}
	}
	switch cmd {
	case abi.FUTEX_WAIT, abi.FUTEX_WAIT_BITSET:
		return futexWait(t, a, cmd, val3, !private, op&abi.FUTEX_CLOCK_REALTIME != 0)
	case abi.FUTEX_WAKE:
		return t.FutexWake(addr, int32(val), abi.FUTEX_BITSET_MATCH_ANY, private)
	case abi.FUTEX_WAKE_BITSET:
		if val3 == 0 {
			return 0, abi.EINVAL
		}
		return t.FutexWake(addr, int32(val), val3, private)
	case abi.FUTEX_REQUEUE:
		return t.FutexRequeue(addr, a[4], int32(val), a.Int(3), nil, private)
	case abi.FUTEX_CMP_REQUEUE:
		return t.FutexRequeue(addr, a[4], int32(val), a.Int(3), &val3, private)
	case abi.FUTEX_WAKE_OP:
		return t.FutexWakeOp(addr, a[4], int32(val), a.Int(3), val3, private)
	case abi.FUTEX_LOCK_PI, abi.FUTEX_LOCK_PI2:
		realtime := cmd == abi.FUTEX_LOCK_PI || op&abi.FUTEX_CLOCK_REALTIME != 0
		deadline, err := futexDeadline(t, a[3], true, realtime)
		if err != nil {
			return 0, err
		}
		return 0, t.FutexLockPI(addr, deadline, private, false)
	case abi.FUTEX_TRYLOCK_PI:
		return 0, t.FutexLockPI(addr, kernel.Forever, private, true)
	case abi.FUTEX_UNLOCK_PI:
		return 0, t.FutexUnlockPI(addr, private)
	}
	return 0, abi.ENOSYS
}

// futexWait is FUTEX_WAIT, whose timeout is relative, and FUTEX_WAIT_BITSET,
// whose timeout is absolute.
func futexWait(t *kernel.Thread, a Args, cmd, bitset uint32, shared, realtime bool) (uint64, error) {
	absolute := cmd == abi.FUTEX_WAIT_BITSET
	if !absolute {
		bitset = abi.FUTEX_BITSET_MATCH_ANY
	} else if bitset == 0 {
		return 0, abi.EINVAL
	}
	deadline, err := futexDeadline(t, a[3], absolute, realtime)
	if err != nil {
		return 0, err
	}
	return 0, t.FutexWait(kernel.FutexSpec{Addr: a[0], Val: a.Uint(2), Shared: shared}, bitset, deadline)
}

// futexDeadline reads the optional timeout of a futex call.
func futexDeadline(t *kernel.Thread, addr uint64, abs, realtime bool) (int64, error) {
	if addr == 0 {
		return kernel.Forever, nil
	}
	ts, err := getTimespec(t, addr)
	if err != nil {
		return 0, err
	}
	switch {
	case !abs:
		return t.Deadline(ts.Ns()), nil
	case realtime:
		return t.DeadlineRealtime(ts.Ns()), nil
	}
	return t.DeadlineAt(ts.Ns()), nil
}

// futexWaitvSize is the size of struct futex_waitv.
const futexWaitvSize = 24

// futexWaitv implements futex_waitv(2).
func futexWaitv(t *kernel.Thread, a Args) (uint64, error) {
	n, clock := a.Uint(1), a.Int(4)
	if a.Uint(2) != 0 || n == 0 || n > abi.FUTEX_WAITV_MAX || a[0] == 0 {
		return 0, abi.EINVAL
	}
	deadline := kernel.Forever
	if a[3] != 0 {
		if clock != abi.CLOCK_REALTIME && clock != abi.CLOCK_MONOTONIC {
			return 0, abi.EINVAL
		}
		var err error
		if deadline, err = futexDeadline(t, a[3], true, clock == abi.CLOCK_REALTIME); err != nil {
			return 0, err
		}
	}
	fs := make([]kernel.FutexSpec, n)
	for i := range fs {
		at := a[0] + uint64(i)*futexWaitvSize
		val, err := t.ReadU64(at)
		if err != nil {
			return 0, err
		}
		addr, err := t.ReadU64(at + 8)
		if err != nil {
			return 0, err
		}
		flags, err := t.ReadU64(at + 16) // flags, and a reserved word
		if err != nil {
			return 0, err
		}
		if flags&^abi.FUTEX2_PRIVATE != abi.FUTEX2_SIZE_U32 || val>>32 != 0 {
			return 0, abi.EINVAL
		}
		fs[i] = kernel.FutexSpec{Addr: addr, Val: uint32(val), Shared: flags&abi.FUTEX2_PRIVATE == 0}
	}
	i, err := t.FutexWaitAny(fs, abi.FUTEX_BITSET_MATCH_ANY, deadline)
	return uint64(i), err
}

// setRobustList implements set_robust_list(2).
func setRobustList(t *kernel.Thread, a Args) (uint64, error) {
	return 0, t.SetRobustList(a[0], a[1])
}

// getRobustList implements get_robust_list(2).
func getRobustList(t *kernel.Thread, a Args) (uint64, error) {
	x := t
	if tid := a.Int(0); tid != 0 {
		if x = t.Kernel().Thread(tid); x == nil {
			return 0, abi.ESRCH
		}
		if x.Proc != t.Proc && !mayTrace(&t.Proc.Cred, &x.Proc.Cred) {
			return 0, abi.EPERM
		}
	}
	head, n := x.RobustList()
	if err := t.WriteU64(a[2], n); err != nil {
		return 0, err
	}
	return 0, t.WriteU64(a[1], head)
}
