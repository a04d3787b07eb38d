package syscalls

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// schedYield implements sched_yield(2).
func schedYield(t *kernel.Thread, a Args) (uint64, error) {
	t.Yield()
	return 0, nil
}

// schedThread returns the thread that pid names, 0 being the caller.
func schedThread(t *kernel.Thread, pid int32) (*kernel.Thread, error) {
	if pid < 0 {
		return nil, abi.EINVAL
	}
	if pid == 0 {
		return t, nil
	}
	return threadOf(t, 0, pid)
}

// schedSetaffinity implements sched_setaffinity(2): the machine has CPU 0 alone.
func schedSetaffinity(t *kernel.Thread, a Args) (uint64, error) {
	var b [8]byte
	if n := min(a[1], 8); n > 0 {
		if err := t.Read(b[:n], a[2]); err != nil {
			return 0, err
		}
	}
	if _, err := schedThread(t, a.Int(0)); err != nil {
		return 0, err
	}
	if b[0]&1 == 0 {
		return 0, abi.EINVAL
	}
	return 0, nil
}

// schedGetaffinity implements sched_getaffinity(2); the raw call returns the
// size of the kernel's mask.
func schedGetaffinity(t *kernel.Thread, a Args) (uint64, error) {
	const maskSize = 8
	if n := a.Uint(1); n < 1 || n%maskSize != 0 {
		return 0, abi.EINVAL
	}
	if _, err := schedThread(t, a.Int(0)); err != nil {
		return 0, err
	}
	if err := t.WriteU64(a[2], 1); err != nil {
		return 0, err
	}
	return maskSize, nil
}

// getcpu implements getcpu(2).
func getcpu(t *kernel.Thread, a Args) (uint64, error) {
	for _, addr := range a[:2] {
		if addr == 0 {
			continue
		}
		if err := t.WriteU32(addr, 0); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// priorityRange returns the static priorities of a policy, sched(7).
func priorityRange(policy int32) (lo, hi int32, err error) {
	switch policy {
	case abi.SCHED_FIFO, abi.SCHED_RR:
		return 1, 99, nil
	case abi.SCHED_OTHER, abi.SCHED_BATCH, abi.SCHED_IDLE, abi.SCHED_DEADLINE:
		return 0, 0, nil
	}
	return 0, 0, abi.EINVAL
}

// schedGetPriorityMax implements sched_get_priority_max(2).
func schedGetPriorityMax(t *kernel.Thread, a Args) (uint64, error) {
	_, hi, err := priorityRange(a.Int(0))
	return uint64(hi), err
}

// schedGetPriorityMin implements sched_get_priority_min(2).
func schedGetPriorityMin(t *kernel.Thread, a Args) (uint64, error) {
	lo, _, err := priorityRange(a.Int(0))
	return uint64(lo), err
}

// schedGetscheduler implements sched_getscheduler(2).
func schedGetscheduler(t *kernel.Thread, a Args) (uint64, error) {
	x, err := schedThread(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return uint64(x.Policy), nil
}

// schedSetscheduler implements sched_setscheduler(2). The policy is kept, and
// does not matter to the scheduler.
func schedSetscheduler(t *kernel.Thread, a Args) (uint64, error) {
	if a.Int(1) < 0 || a[2] == 0 {
		return 0, abi.EINVAL
	}
	prio, err := t.ReadU32(a[2])
	if err != nil {
		return 0, err
	}
	return setScheduler(t, a.Int(0), a.Int(1), int32(prio))
}

func setScheduler(t *kernel.Thread, pid, policy, prio int32) (uint64, error) {
	x, err := schedThread(t, pid)
	if err != nil {
		return 0, err
	}
	base := policy &^ abi.SCHED_RESET_ON_FORK
	lo, hi, err := priorityRange(base)
	if err != nil || prio < lo || prio > hi || base == abi.SCHED_DEADLINE {
		return 0, abi.EINVAL
	}
	if hi > 0 && !t.Proc.Cred.Capable(abi.CAP_SYS_NICE) && uint64(prio) > x.Proc.Limits[abi.RLIMIT_RTPRIO].Cur {
		return 0, abi.EPERM
	}
	x.Policy, x.Priority = policy, prio
	return 0, nil
}

// schedGetparam implements sched_getparam(2).
func schedGetparam(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] == 0 {
		return 0, abi.EINVAL
	}
	x, err := schedThread(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, t.WriteU32(a[1], uint32(x.Priority))
}

// schedSetparam implements sched_setparam(2).
func schedSetparam(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] == 0 {
		return 0, abi.EINVAL
	}
	prio, err := t.ReadU32(a[1])
	if err != nil {
		return 0, err
	}
	x, err := schedThread(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return setScheduler(t, a.Int(0), x.Policy, int32(prio))
}

// schedRrGetInterval implements sched_rr_get_interval(2): the quantum.
func schedRrGetInterval(t *kernel.Thread, a Args) (uint64, error) {
	x, err := schedThread(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	c := t.Kernel().Config()
	ns := int64(c.Quantum) * c.NsPerStep
	if x.Policy&^abi.SCHED_RESET_ON_FORK == abi.SCHED_FIFO {
		ns = 0
	}
	return 0, putTimespec(t, a[1], ns)
}

// schedAttrSize is the size of struct sched_attr in its first version.
const schedAttrSize = 48

// schedSetattr implements sched_setattr(2) for the policies without deadlines.
func schedSetattr(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] == 0 || a.Uint(2) != 0 {
		return 0, abi.EINVAL
	}
	size, err := t.ReadU32(a[1])
	if err != nil {
		return 0, err
	}
	if size == 0 {
		size = schedAttrSize
	}
	if size < schedAttrSize || size > 4096 {
		return 0, abi.E2BIG
	}
	var b [schedAttrSize]byte
	if err := t.Read(b[:], a[1]); err != nil {
		return 0, err
	}
	le := binary.LittleEndian
	policy, prio := int32(le.Uint32(b[4:])), int32(le.Uint32(b[20:]))
	if le.Uint64(b[8:])&1 != 0 { // SCHED_FLAG_RESET_ON_FORK
		policy |= abi.SCHED_RESET_ON_FORK
	}
	if policy&^abi.SCHED_RESET_ON_FORK == abi.SCHED_OTHER {
		x, err := schedThread(t, a.Int(0))
		if err != nil {
			return 0, err
		}
		x.Proc.Nice = min(max(int32(le.Uint32(b[16:])), -20), 19)
	}
	return setScheduler(t, a.Int(0), policy, prio)
}

// schedGetattr implements sched_getattr(2).
func schedGetattr(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] == 0 || a.Uint(2) < schedAttrSize || a.Uint(3) != 0 {
		return 0, abi.EINVAL
	}
	x, err := schedThread(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	var b [schedAttrSize]byte
	le := binary.LittleEndian
	le.PutUint32(b[:], schedAttrSize)
	le.PutUint32(b[4:], uint32(x.Policy&^abi.SCHED_RESET_ON_FORK))
	if x.Policy&abi.SCHED_RESET_ON_FORK != 0 {
		b[8] = 1
	}
	le.PutUint32(b[16:], uint32(x.Proc.Nice))
	le.PutUint32(b[20:], uint32(x.Priority))
	return 0, t.Write(b[:], a[1])
}

// rseq implements rseq(2): there is one CPU, so only being preempted or getting
// a signal aborts a critical section.
func rseq(t *kernel.Thread, a Args) (uint64, error) {
	return 0, t.SetRseq(a[0], a.Uint(1), a.Uint(2), a.Uint(3))
}

// membarrier implements membarrier(2). One instruction at a time is as ordered
// as memory can be: there is nothing to do but to say which commands exist.
func membarrier(t *kernel.Thread, a Args) (uint64, error) {
	cmd, flags := a.Uint(0), a.Uint(1)
	const (
		private  = abi.MEMBARRIER_CMD_PRIVATE_EXPEDITED
		sync     = abi.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE
		rseq     = abi.MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ
		register = abi.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
			abi.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |
			abi.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ
		global = abi.MEMBARRIER_CMD_GLOBAL | abi.MEMBARRIER_CMD_GLOBAL_EXPEDITED |
			abi.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED
	)
	if flags != 0 && cmd != rseq {
		return 0, abi.EINVAL
	}
	p := t.Proc
	switch cmd {
	case abi.MEMBARRIER_CMD_QUERY:
		return private | sync | rseq | register | global, nil
	case abi.MEMBARRIER_CMD_GLOBAL, abi.MEMBARRIER_CMD_GLOBAL_EXPEDITED, abi.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0, nil
	case private, sync, rseq:
		if p.Membarrier&(cmd<<1) == 0 {
			return 0, abi.EPERM
		}
		return 0, nil
	case private << 1, sync << 1, rseq << 1:
		p.Membarrier |= cmd
		return 0, nil
	}
	return 0, abi.EINVAL
}
