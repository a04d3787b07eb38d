package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// pidfdProcess returns the process that a pidfd stands for, and the file's flags.
func pidfdProcess(t *kernel.Thread, fd int32) (*kernel.Process, uint32, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, 0, err
	}
	x, ok := f.File.(*kernel.Pidfd)
	if !ok {
		return nil, 0, abi.EBADF
	}
	return livingProcess(x, f.Flags)
}

// livingProcess returns the process of a pidfd, unless it has been waited for.
func livingProcess(x *kernel.Pidfd, flags uint32) (*kernel.Process, uint32, error) {
	p := x.Process()
	if p == nil {
		return nil, 0, abi.ESRCH
	}
	return p, flags, nil
}

// pidfdOpen implements pidfd_open(2).
func pidfdOpen(t *kernel.Thread, a Args) (uint64, error) {
	pid, flags := a.Int(0), a.Uint(1)
	if flags&^abi.PIDFD_NONBLOCK != 0 || pid <= 0 {
		return 0, abi.EINVAL
	}
	p := t.Kernel().Process(pid)
	if p == nil {
		if t.Kernel().Thread(pid) != nil {
			return 0, abi.ENOENT // a thread, not a process
		}
		return 0, abi.ESRCH
	}
	fd, err := newPidfd(t, p, flags)
	return uint64(fd), err
}

// pidfdGetfd implements pidfd_getfd(2).
func pidfdGetfd(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(2) != 0 {
		return 0, abi.EINVAL
	}
	p, _, err := pidfdProcess(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if p.Zombie() {
		return 0, abi.ESRCH
	}
	if p != t.Proc && !mayTrace(&t.Proc.Cred, &p.Cred) {
		return 0, abi.EPERM
	}
	f, err := p.FDs.File(a.Int(1))
	if err != nil {
		return 0, err
	}
	fd, err := t.Proc.FDs.Install(f.Ref(), 0, t.Proc.Limits[abi.RLIMIT_NOFILE].Cur, true)
	if err != nil {
		f.Unref()
	}
	return uint64(fd), err
}

// mayTrace is the access check of ptrace(2) in its simplest form: the same user, or root.
func mayTrace(c, o *kernel.Cred) bool {
	return c.EUID == 0 || c.RUID == o.EUID && c.RUID == o.SUID && c.RUID == o.RUID &&
		c.RGID == o.EGID && c.RGID == o.SGID && c.RGID == o.RGID
}

// signalTarget returns the process that fd stands for: a pidfd, or a directory
// /proc/PID, which pidfd_send_signal(2) took before there were pidfds.
func signalTarget(t *kernel.Thread, fd int32) (*kernel.Process, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	if d, ok := f.Node.(interface{ Process() *kernel.Process }); ok && d.Process() != nil {
		p, _, err := livingProcess(kernel.NewPidfd(d.Process()), 0)
		return p, err
	}
	p, _, err := pidfdProcess(t, fd)
	return p, err
}

// pidfdSendSignal implements pidfd_send_signal(2).
func pidfdSendSignal(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(3) != 0 {
		return 0, abi.EINVAL
	}
	p, err := signalTarget(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	sig := abi.Signal(a.Int(1))
	info := t.KillInfo(sig)
	if a[2] != 0 {
		if info, err = getSiginfo(t, a[2]); err != nil {
			return 0, err
		}
		if info.Signo != sig {
			return 0, abi.EINVAL
		}
		if !mayForge(t, p.PID, &info) {
			return 0, abi.EPERM
		}
	}
	return 0, t.Kill(p, info)
}
