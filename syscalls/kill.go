package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// initPID is the process ID of init, which no program can reach.
const initPID = 1

// kill implements kill(2).
func kill(t *kernel.Thread, a Args) (uint64, error) {
	pid, sig := a.Int(0), abi.Signal(a.Int(1))
	if sig != 0 && !sig.Valid() {
		return 0, abi.EINVAL
	}
	info := t.KillInfo(sig)
	switch {
	case pid == -1<<31:
		return 0, abi.ESRCH
	case pid == initPID:
		if !t.Proc.Cred.Capable(abi.CAP_KILL) {
			return 0, abi.EPERM
		}
		return 0, nil // init ignores what it has no handler for
	case pid > 0:
		x := t.Kernel().Process(pid)
		if x == nil {
			y := t.Kernel().Thread(pid)
			if y == nil {
				return 0, abi.ESRCH
			}
			x = y.Proc
		}
		return 0, t.Kill(x, info)
	case pid == 0:
		return 0, t.KillGroup(t.Proc.PGID, info)
	case pid == -1:
		return 0, t.KillEveryone(info)
	}
	return 0, t.KillGroup(-pid, info)
}

// threadOf returns the thread tid; tgid must be its process unless it is 0.
func threadOf(t *kernel.Thread, tgid, tid int32) (*kernel.Thread, error) {
	x := t.Kernel().Thread(tid)
	if x == nil || tgid != 0 && x.Proc.PID != tgid {
		return nil, abi.ESRCH
	}
	return x, nil
}

// tkill implements tkill(2).
func tkill(t *kernel.Thread, a Args) (uint64, error) {
	return sendThread(t, 0, a.Int(0), abi.Signal(a.Int(1)))
}

// tgkill implements tgkill(2).
func tgkill(t *kernel.Thread, a Args) (uint64, error) {
	if a.Int(0) <= 0 {
		return 0, abi.EINVAL
	}
	return sendThread(t, a.Int(0), a.Int(1), abi.Signal(a.Int(2)))
}

func sendThread(t *kernel.Thread, tgid, tid int32, sig abi.Signal) (uint64, error) {
	if tid <= 0 {
		return 0, abi.EINVAL
	}
	x, err := threadOf(t, tgid, tid)
	if err != nil {
		return 0, err
	}
	info := t.KillInfo(sig)
	info.Code = abi.SI_TKILL
	return 0, t.KillThread(x, info)
}

// getSiginfo reads a siginfo_t that a program sends.
func getSiginfo(t *kernel.Thread, addr uint64) (info abi.Siginfo, err error) {
	var b [abi.SiginfoSize]byte
	if err := t.Read(b[:], addr); err != nil {
		return info, err
	}
	info.Decode(b[:])
	return info, nil
}

// mayForge reports whether t may send info to pid: only to itself may it claim to be
// the kernel or kill(2), rt_sigqueueinfo(2).
func mayForge(t *kernel.Thread, pid int32, info *abi.Siginfo) bool {
	return info.Code < 0 && info.Code != abi.SI_TKILL || pid == t.Proc.PID
}

// rtSigqueueinfo implements rt_sigqueueinfo(2).
func rtSigqueueinfo(t *kernel.Thread, a Args) (uint64, error) {
	info, err := getSiginfo(t, a[2])
	if err != nil {
		return 0, err
	}
	if !mayForge(t, a.Int(0), &info) {
		return 0, abi.EPERM
	}
	p := t.Kernel().Process(a.Int(0))
	if p == nil {
		return 0, abi.ESRCH
	}
	info.Signo = abi.Signal(a.Int(1))
	return 0, t.Kill(p, info)
}

// rtTgsigqueueinfo implements rt_tgsigqueueinfo(2).
func rtTgsigqueueinfo(t *kernel.Thread, a Args) (uint64, error) {
	tgid, tid := a.Int(0), a.Int(1)
	info, err := getSiginfo(t, a[3])
	if err != nil {
		return 0, err
	}
	if tgid <= 0 || tid <= 0 {
		return 0, abi.EINVAL
	}
	if !mayForge(t, tgid, &info) {
		return 0, abi.EPERM
	}
	x, err := threadOf(t, tgid, tid)
	if err != nil {
		return 0, err
	}
	info.Signo = abi.Signal(a.Int(2))
	return 0, t.KillThread(x, info)
}
