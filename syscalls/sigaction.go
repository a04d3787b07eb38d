package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// sigsetSize is the size of the kernel's sigset_t.
const sigsetSize = 8

// noSignals are the signals that cannot be blocked or caught.
var noSignals = abi.SIGKILL.Bit() | abi.SIGSTOP.Bit()

// rtSigaction implements rt_sigaction(2).
func rtSigaction(t *kernel.Thread, a Args) (uint64, error) {
	sig := abi.Signal(a.Int(0))
	if a[3] != sigsetSize {
		return 0, abi.EINVAL
	}
	var b [abi.SigactionSize]byte
	var act abi.Sigaction
	if a[1] != 0 {
		if err := t.Read(b[:], a[1]); err != nil {
			return 0, err
		}
		act.Decode(b[:])
	}
	if !sig.Valid() || a[1] != 0 && sig.Bit()&noSignals != 0 {
		return 0, abi.EINVAL
	}
	old := t.Proc.Action(sig)
	if a[1] != 0 {
		const known = abi.SA_NOCLDSTOP | abi.SA_NOCLDWAIT | abi.SA_SIGINFO | abi.SA_ONSTACK |
			abi.SA_RESTART | abi.SA_NODEFER | abi.SA_RESETHAND | abi.SA_RESTORER | abi.SA_EXPOSE_TAGBITS
		act.Flags &= known // programs find out so what is supported, sigaction(2)
		t.Proc.SetAction(sig, act)
	}
	if a[2] != 0 {
		old.Put(b[:])
		return 0, t.Write(b[:], a[2])
	}
	return 0, nil
}

// rtSigprocmask implements rt_sigprocmask(2).
func rtSigprocmask(t *kernel.Thread, a Args) (uint64, error) {
	if a[3] != sigsetSize {
		return 0, abi.EINVAL
	}
	old := t.SigMask
	if a[1] != 0 {
		m, err := t.ReadU64(a[1])
		if err != nil {
			return 0, err
		}
		switch a.Int(0) {
		case abi.SIG_BLOCK:
			m |= old
		case abi.SIG_UNBLOCK:
			m = old &^ m
		case abi.SIG_SETMASK:
		default:
			return 0, abi.EINVAL
		}
		t.SetSigMask(m)
	}
	if a[2] != 0 {
		return 0, t.WriteU64(a[2], old)
	}
	return 0, nil
}

// rtSigreturn implements rt_sigreturn(2).
func rtSigreturn(t *kernel.Thread, a Args) (uint64, error) {
	t.Sigreturn()
	return 0, nil
}

// rtSigpending implements rt_sigpending(2).
func rtSigpending(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] > sigsetSize {
		return 0, abi.EINVAL
	}
	var b [8]byte
	putU64(b[:], (t.PendingSignals()|t.Proc.PendingSignals())&t.SigMask)
	return 0, t.Write(b[:a[1]], a[0])
}

// rtSigsuspend implements rt_sigsuspend(2).
func rtSigsuspend(t *kernel.Thread, a Args) (uint64, error) {
	if a[1] != sigsetSize {
		return 0, abi.EINVAL
	}
	if t.First() {
		m, err := t.ReadU64(a[0])
		if err != nil {
			return 0, err
		}
		t.SuspendMask(m)
	}
	return 0, t.ParkOr(abi.ERESTARTNOHAND, kernel.Forever)
}

// pause implements pause(2).
func pause(t *kernel.Thread, a Args) (uint64, error) {
	return 0, t.ParkOr(abi.ERESTARTNOHAND, kernel.Forever)
}

// rtSigtimedwait implements rt_sigtimedwait(2): it takes a pending signal of the
// set, or waits for one.
func rtSigtimedwait(t *kernel.Thread, a Args) (uint64, error) {
	if a[3] != sigsetSize {
		return 0, abi.EINVAL
	}
	set, err := t.ReadU64(a[0])
	if err != nil {
		return 0, err
	}
	ns, err := getTimeout(t, a[2])
	if err != nil {
		return 0, err
	}
	set &^= noSignals
	t.SetSigWait(0)
	if info, ok := t.DequeueSignal(set); ok {
		if a[1] != 0 {
			var b [abi.SiginfoSize]byte
			info.Put(b[:])
			if err := t.Write(b[:], a[1]); err != nil {
				return 0, err
			}
		}
		return uint64(info.Signo), nil
	}
	deadline := t.Deadline(ns)
	if t.Expired(deadline) {
		return 0, abi.EAGAIN
	}
	err = t.ParkOr(abi.EINTR, deadline)
	if kernel.Parked(err) {
		t.SetSigWait(set)
	}
	return 0, err
}

// sigaltstack implements sigaltstack(2).
func sigaltstack(t *kernel.Thread, a Args) (uint64, error) {
	var b [abi.StackTSize]byte
	old := t.AltStackOut()
	if a[0] != 0 {
		if err := t.Read(b[:], a[0]); err != nil {
			return 0, err
		}
		var s abi.StackT
		s.Decode(b[:])
		if err := t.SetAltStack(s); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		old.Put(b[:])
		return 0, t.Write(b[:], a[1])
	}
	return 0, nil
}
