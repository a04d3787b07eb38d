package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// wait4 implements wait4(2).
func wait4(t *kernel.Thread, a Args) (uint64, error) {
	pid, options := a.Int(0), a.Uint(2)
	const known = abi.WNOHANG | abi.WUNTRACED | abi.WCONTINUED | abi.WNOTHREAD | abi.WCLONE | abi.WALL
	if options&^known != 0 {
		return 0, abi.EINVAL
	}
	var w kernel.WaitWho
	switch {
	case pid == -1<<31:
		return 0, abi.ESRCH
	case pid > 0:
		w = kernel.WaitWho{IDType: abi.P_PID, ID: pid}
	case pid == 0:
		w = kernel.WaitWho{IDType: abi.P_PGID, ID: t.Proc.PGID}
	case pid < -1:
		w = kernel.WaitWho{IDType: abi.P_PGID, ID: -pid}
	}
	r, err := t.Wait(w, options|abi.WEXITED)
	if err != nil || r.PID == 0 {
		return 0, err
	}
	if a[1] != 0 {
		if err := t.WriteU32(a[1], uint32(r.WaitStatus)); err != nil {
			return 0, err
		}
	}
	return uint64(r.PID), putRusage(t, a[3], r.Steps)
}

// waitid implements waitid(2), with the raw call's fifth argument for usage.
func waitid(t *kernel.Thread, a Args) (uint64, error) {
	options := a.Uint(3)
	const known = abi.WNOHANG | abi.WNOWAIT | abi.WEXITED | abi.WSTOPPED | abi.WCONTINUED |
		abi.WNOTHREAD | abi.WCLONE | abi.WALL
	if options&^known != 0 || options&(abi.WEXITED|abi.WSTOPPED|abi.WCONTINUED) == 0 {
		return 0, abi.EINVAL
	}
	w, nonblock, err := waitWho(t, a.Int(0), a.Int(1))
	if err != nil {
		return 0, err
	}
	again := nonblock && options&abi.WNOHANG == 0
	if nonblock {
		options |= abi.WNOHANG
	}
	r, err := t.Wait(w, options)
	if err != nil {
		return 0, err
	}
	if r.PID == 0 && again {
		return 0, abi.EAGAIN
	}
	if err := putWaitInfo(t, a[2], &r); err != nil {
		return 0, err
	}
	if r.PID == 0 {
		return 0, nil
	}
	return 0, putRusage(t, a[4], r.Steps)
}

// waitWho converts idtype and id of waitid(2).
func waitWho(t *kernel.Thread, idtype, id int32) (w kernel.WaitWho, nonblock bool, err error) {
	w = kernel.WaitWho{IDType: idtype, ID: id}
	switch idtype {
	case abi.P_ALL:
	case abi.P_PID:
		if id <= 0 {
			return w, false, abi.EINVAL
		}
	case abi.P_PGID:
		if id < 0 {
			return w, false, abi.EINVAL
		}
		if id == 0 {
			w.ID = t.Proc.PGID
		}
	case abi.P_PIDFD:
		if id < 0 {
			return w, false, abi.EINVAL
		}
		p, flags, err := pidfdProcess(t, id)
		if err == abi.ESRCH {
			err = abi.ECHILD // it has been waited for
		}
		if err != nil {
			return w, false, err
		}
		return kernel.WaitWho{IDType: abi.P_PID, ID: p.PID}, flags&abi.O_NONBLOCK != 0, nil
	default:
		return w, false, abi.EINVAL
	}
	return w, false, nil
}

// putWaitInfo writes the siginfo_t of waitid(2): zeroes where nothing happened.
func putWaitInfo(t *kernel.Thread, addr uint64, r *kernel.WaitResult) error {
	if addr == 0 {
		return nil
	}
	var info abi.Siginfo
	if r.PID != 0 {
		info = abi.KillInfo(abi.SIGCHLD, r.Code, r.PID, uint32(r.UID))
		info.Data[1] = uint64(uint32(r.Status))
	}
	var b [abi.SiginfoSize]byte
	info.Put(b[:])
	// Linux writes the members only, not the padding behind si_status.
	if err := t.Write(b[:12], addr); err != nil {
		return err
	}
	return t.Write(b[16:28], addr+16)
}
