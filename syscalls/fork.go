package syscalls

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// fork implements fork(2).
func fork(t *kernel.Thread, a Args) (uint64, error) {
	return doClone(t, &kernel.CloneArgs{ExitSignal: uint64(abi.SIGCHLD)})
}

// vfork implements vfork(2): the parent waits until the child executes or ends.
func vfork(t *kernel.Thread, a Args) (uint64, error) {
	return doClone(t, &kernel.CloneArgs{
		Flags:      abi.CLONE_VFORK | abi.CLONE_VM,
		ExitSignal: uint64(abi.SIGCHLD),
	})
}

// clone implements clone(2) with the arguments in x86-64's order.
func clone(t *kernel.Thread, a Args) (uint64, error) {
	flags := uint64(uint32(a[0]))
	c := &kernel.CloneArgs{
		Flags:      flags &^ abi.CSIGNAL,
		ExitSignal: flags & abi.CSIGNAL,
		Stack:      a[1],
		ParentTID:  a[2],
		PIDFD:      a[2],
		ChildTID:   a[3],
		TLS:        a[4],
	}
	const both = abi.CLONE_PIDFD | abi.CLONE_PARENT_SETTID
	if flags&both == both {
		return 0, abi.EINVAL // they share an argument
	}
	return doClone(t, c)
}

// clone3 implements clone3(2).
func clone3(t *kernel.Thread, a Args) (uint64, error) {
	size := a[1]
	switch {
	case size > 4096:
		return 0, abi.E2BIG
	case size < abi.CLONE_ARGS_SIZE_VER0:
		return 0, abi.EINVAL
	}
	b := make([]byte, max(size, abi.CLONE_ARGS_SIZE_VER2))
	if err := t.Read(b[:size], a[0]); err != nil {
		return 0, err
	}
	var v [11]uint64
	for i := range v {
		v[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	for _, x := range b[abi.CLONE_ARGS_SIZE_VER2:] {
		if x != 0 {
			return 0, abi.E2BIG
		}
	}
	c := &kernel.CloneArgs{Flags: v[0], PIDFD: v[1], ChildTID: v[2], ParentTID: v[3], ExitSignal: v[4], TLS: v[7]}
	stack, stackSize, setTID := v[5], v[6], v[9]
	const known = abi.CLONE_INTO_CGROUP<<1 - 1
	switch {
	case c.Flags&^known != 0, c.Flags&(abi.CLONE_DETACHED|abi.CSIGNAL&^abi.CLONE_NEWTIME) != 0,
		c.Flags&(abi.CLONE_THREAD|abi.CLONE_PARENT) != 0 && c.ExitSignal != 0,
		(stack == 0) != (stackSize == 0), setTID > 32:
		return 0, abi.EINVAL
	case setTID != 0, c.Flags&abi.CLONE_INTO_CGROUP != 0:
		return 0, abi.EPERM
	}
	if stack != 0 {
		c.Stack = stack + stackSize
	}
	return doClone(t, c)
}

// doClone makes the child and, for vfork(2), waits for it.
func doClone(t *kernel.Thread, c *kernel.CloneArgs) (uint64, error) {
	if pid := t.Done(); pid != 0 {
		return vforkWait(t, pid)
	}
	var pidfd int32
	child, err := t.Clone(c)
	if err != nil {
		return 0, err
	}
	if c.Flags&abi.CLONE_PIDFD != 0 {
		if pidfd, err = newPidfd(t, child.Proc, 0); err == nil {
			err = t.WriteU32(c.PIDFD, uint32(pidfd))
		}
		if err != nil {
			child.Abandon()
			return 0, err
		}
	}
	if c.Flags&abi.CLONE_VFORK != 0 {
		t.SetDone(uint64(child.TID))
		return vforkWait(t, uint64(child.TID))
	}
	return uint64(child.TID), nil
}

// vforkWait waits until the child pid has left the memory that it borrows. A
// fatal signal ends the wait; its result is then never seen.
func vforkWait(t *kernel.Thread, pid uint64) (uint64, error) {
	if err := t.WaitVfork(int32(pid)); kernel.Parked(err) {
		return 0, err
	}
	return pid, nil
}

// newPidfd installs a descriptor for p, which is close-on-exec always.
func newPidfd(t *kernel.Thread, p *kernel.Process, flags uint32) (int32, error) {
	f := t.Kernel().Anon.Open(kernel.NewPidfd(p), "[pidfd]", abi.O_RDWR|flags)
	return t.Proc.FDs.Install(f, 0, t.Proc.Limits[abi.RLIMIT_NOFILE].Cur, true)
}

// unshare implements unshare(2) as far as it needs no name spaces.
func unshare(t *kernel.Thread, a Args) (uint64, error) {
	const can = abi.CLONE_FILES | abi.CLONE_FS | abi.CLONE_SYSVSEM
	flags := a[0]
	const namespaces = abi.CLONE_NEWNS | abi.CLONE_NEWCGROUP | abi.CLONE_NEWUTS | abi.CLONE_NEWIPC |
		abi.CLONE_NEWUSER | abi.CLONE_NEWPID | abi.CLONE_NEWNET | abi.CLONE_NEWTIME
	const alone = abi.CLONE_THREAD | abi.CLONE_SIGHAND | abi.CLONE_VM
	switch {
	case flags&^(can|namespaces|alone) != 0:
		return 0, abi.EINVAL
	case flags&namespaces != 0:
		return 0, abi.EPERM
	case flags&alone != 0 && len(t.Proc.Threads()) > 1:
		return 0, abi.EINVAL
	}
	p := t.Proc
	if flags&abi.CLONE_FILES != 0 {
		p.FDs = p.FDs.Unshare()
	}
	if flags&abi.CLONE_FS != 0 {
		p.FS = p.FS.Unshare()
	}
	return 0, nil
}
