package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// getpid implements getpid(2).
func getpid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.PID), nil }

// gettid implements gettid(2).
func gettid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.TID), nil }

// getppid implements getppid(2).
func getppid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.PPID()), nil }

// getpgrp implements getpgrp(2).
func getpgrp(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.PGID), nil }

// processOf returns the process that pid names, 0 being the caller's.
func processOf(t *kernel.Thread, pid int32) (*kernel.Process, error) {
	if pid == 0 {
		return t.Proc, nil
	}
	x := t.Kernel().Process(pid)
	if x == nil {
		return nil, abi.ESRCH
	}
	return x, nil
}

// getpgid implements getpgid(2).
func getpgid(t *kernel.Thread, a Args) (uint64, error) {
	p, err := processOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return uint64(p.PGID), nil
}

// getsid implements getsid(2).
func getsid(t *kernel.Thread, a Args) (uint64, error) {
	p, err := processOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return uint64(p.Session.SID), nil
}

// setsid implements setsid(2).
func setsid(t *kernel.Thread, a Args) (uint64, error) {
	if !t.Kernel().Setsid(t.Proc) {
		return 0, abi.EPERM
	}
	return uint64(t.Proc.PID), nil
}

// setpgid implements setpgid(2).
func setpgid(t *kernel.Thread, a Args) (uint64, error) {
	pid, pgid := a.Int(0), a.Int(1)
	if pid == 0 {
		pid = t.Proc.PID
	}
	if pgid == 0 {
		pgid = pid
	}
	if pgid < 0 {
		return 0, abi.EINVAL
	}
	p := t.Kernel().Process(pid)
	if p == nil {
		return 0, abi.ESRCH
	}
	return 0, t.Proc.Setpgid(p, pgid)
}

// getuid implements getuid(2).
func getuid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.Cred.RUID), nil }

// geteuid implements geteuid(2).
func geteuid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.Cred.EUID), nil }

// getgid implements getgid(2).
func getgid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.Cred.RGID), nil }

// getegid implements getegid(2).
func getegid(t *kernel.Thread, a Args) (uint64, error) { return uint64(t.Proc.Cred.EGID), nil }

// keep is the ID that leaves one of several unchanged.
const keep = ^uint32(0)

// pick returns id, or old where id says to keep it.
func pick(id, old uint32) uint32 {
	if id == keep {
		return old
	}
	return id
}

// setuid implements setuid(2): all three IDs for the privileged, else the effective one.
func setuid(t *kernel.Thread, a Args) (uint64, error) {
	c, uid := &t.Proc.Cred, a.Uint(0)
	switch {
	case uid == keep:
		return 0, abi.EINVAL
	case c.Capable(abi.CAP_SETUID):
		c.SetUIDs(uid, uid, uid)
	case uid == c.RUID || uid == c.SUID:
		c.SetUIDs(c.RUID, uid, c.SUID)
	default:
		return 0, abi.EPERM
	}
	return 0, nil
}

// setgid implements setgid(2).
func setgid(t *kernel.Thread, a Args) (uint64, error) {
	c, gid := &t.Proc.Cred, a.Uint(0)
	switch {
	case gid == keep:
		return 0, abi.EINVAL
	case c.Capable(abi.CAP_SETGID):
		c.SetGIDs(gid, gid, gid)
	case gid == c.RGID || gid == c.SGID:
		c.SetGIDs(c.RGID, gid, c.SGID)
	default:
		return 0, abi.EPERM
	}
	return 0, nil
}

// setreuid implements setreuid(2). The saved ID follows the effective one when
// the real one is set or the effective one leaves the old real one.
func setreuid(t *kernel.Thread, a Args) (uint64, error) {
	c, r, e := &t.Proc.Cred, a.Uint(0), a.Uint(1)
	if !c.Capable(abi.CAP_SETUID) {
		if r != keep && r != c.RUID && r != c.EUID || e != keep && e != c.RUID && e != c.EUID && e != c.SUID {
			return 0, abi.EPERM
		}
	}
	s, ne := c.SUID, pick(e, c.EUID)
	if r != keep || e != keep && e != c.RUID {
		s = ne
	}
	c.SetUIDs(pick(r, c.RUID), ne, s)
	return 0, nil
}

// setregid implements setregid(2).
func setregid(t *kernel.Thread, a Args) (uint64, error) {
	c, r, e := &t.Proc.Cred, a.Uint(0), a.Uint(1)
	if !c.Capable(abi.CAP_SETGID) {
		if r != keep && r != c.RGID && r != c.EGID || e != keep && e != c.RGID && e != c.EGID && e != c.SGID {
			return 0, abi.EPERM
		}
	}
	s, ne := c.SGID, pick(e, c.EGID)
	if r != keep || e != keep && e != c.RGID {
		s = ne
	}
	c.SetGIDs(pick(r, c.RGID), ne, s)
	return 0, nil
}

// setresuid implements setresuid(2).
func setresuid(t *kernel.Thread, a Args) (uint64, error) {
	c := &t.Proc.Cred
	for _, id := range []uint32{a.Uint(0), a.Uint(1), a.Uint(2)} {
		if id != keep && id != c.RUID && id != c.EUID && id != c.SUID && !c.Capable(abi.CAP_SETUID) {
			return 0, abi.EPERM
		}
	}
	c.SetUIDs(pick(a.Uint(0), c.RUID), pick(a.Uint(1), c.EUID), pick(a.Uint(2), c.SUID))
	return 0, nil
}

// setresgid implements setresgid(2).
func setresgid(t *kernel.Thread, a Args) (uint64, error) {
	c := &t.Proc.Cred
	for _, id := range []uint32{a.Uint(0), a.Uint(1), a.Uint(2)} {
		if id != keep && id != c.RGID && id != c.EGID && id != c.SGID && !c.Capable(abi.CAP_SETGID) {
			return 0, abi.EPERM
		}
	}
	c.SetGIDs(pick(a.Uint(0), c.RGID), pick(a.Uint(1), c.EGID), pick(a.Uint(2), c.SGID))
	return 0, nil
}

// getresuid implements getresuid(2).
func getresuid(t *kernel.Thread, a Args) (uint64, error) {
	c := &t.Proc.Cred
	return putIDs(t, a, c.RUID, c.EUID, c.SUID)
}

// getresgid implements getresgid(2).
func getresgid(t *kernel.Thread, a Args) (uint64, error) {
	c := &t.Proc.Cred
	return putIDs(t, a, c.RGID, c.EGID, c.SGID)
}

func putIDs(t *kernel.Thread, a Args, ids ...uint32) (uint64, error) {
	for i, id := range ids {
		if err := t.WriteU32(a[i], id); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// setfsuid implements setfsuid(2), which returns the old ID whether or not it fails.
func setfsuid(t *kernel.Thread, a Args) (uint64, error) {
	c, uid := &t.Proc.Cred, a.Uint(0)
	old := c.FSUID
	if uid == c.RUID || uid == c.EUID || uid == c.SUID || uid == old || uid != keep && c.Capable(abi.CAP_SETUID) {
		c.SetFSUID(uid)
	}
	return uint64(old), nil
}

// setfsgid implements setfsgid(2).
func setfsgid(t *kernel.Thread, a Args) (uint64, error) {
	c, gid := &t.Proc.Cred, a.Uint(0)
	old := c.FSGID
	if gid == c.RGID || gid == c.EGID || gid == c.SGID || gid == old || gid != keep && c.Capable(abi.CAP_SETGID) {
		c.FSGID = gid
	}
	return uint64(old), nil
}

// maxGroups is NGROUPS_MAX.
const maxGroups = 65536

// getgroups implements getgroups(2).
func getgroups(t *kernel.Thread, a Args) (uint64, error) {
	n, groups := a.Int(0), t.Proc.Cred.Groups
	switch {
	case n < 0:
		return 0, abi.EINVAL
	case n == 0:
		return uint64(len(groups)), nil
	case int(n) < len(groups):
		return 0, abi.EINVAL
	}
	b := make([]byte, 4*len(groups))
	putU32(b, groups...)
	return uint64(len(groups)), t.Write(b, a[1])
}

// setgroups implements setgroups(2).
func setgroups(t *kernel.Thread, a Args) (uint64, error) {
	if !t.Proc.Cred.Capable(abi.CAP_SETGID) {
		return 0, abi.EPERM
	}
	n := a.Uint(0)
	if n > maxGroups {
		return 0, abi.EINVAL
	}
	groups := make([]uint32, n)
	for i := range groups {
		g, err := t.ReadU32(a[1] + 4*uint64(i))
		if err != nil {
			return 0, err
		}
		groups[i] = g
	}
	t.Proc.Cred.Groups = groups
	return 0, nil
}
