package syscalls

import (
	"bytes"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// prctl implements prctl(2).
func prctl(t *kernel.Thread, a Args) (uint64, error) {
	p := t.Proc
	switch a.Int(0) {
	case abi.PR_SET_PDEATHSIG:
		sig := abi.Signal(a[1])
		if a[1] > uint64(abi.SIGMAX) {
			return 0, abi.EINVAL
		}
		t.PdeathSignal = sig
	case abi.PR_GET_PDEATHSIG:
		return 0, t.WriteU32(a[1], uint32(t.PdeathSignal))
	case abi.PR_GET_DUMPABLE:
		return uint64(p.Dumpable), nil
	case abi.PR_SET_DUMPABLE:
		if a[1] > 1 {
			return 0, abi.EINVAL
		}
		p.Dumpable = int32(a[1])
	case abi.PR_SET_NAME:
		return 0, setName(t, a[1])
	case abi.PR_GET_NAME:
		var b [16]byte
		copy(b[:15], t.Comm())
		return 0, t.Write(b[:], a[1])
	case abi.PR_SET_TIMERSLACK:
		p.TimerSlackNs = a[1]
		if a[1] == 0 {
			p.TimerSlackNs = kernel.DefaultTimerSlack
		}
	case abi.PR_GET_TIMERSLACK:
		return p.TimerSlackNs, nil
	case abi.PR_SET_CHILD_SUBREAPER:
		p.Subreaper = a[1] != 0
	case abi.PR_GET_CHILD_SUBREAPER:
		return 0, t.WriteU32(a[1], boolWord(p.Subreaper))
	case abi.PR_GET_TID_ADDRESS:
		return 0, t.WriteU64(a[1], t.ClearTID())
	case abi.PR_GET_TIMING, abi.PR_GET_SECCOMP, abi.PR_GET_THP_DISABLE, abi.PR_GET_IO_FLUSHER:
		return 0, nil
	case abi.PR_SET_TIMING:
		if a[1] != 0 {
			return 0, abi.EINVAL
		}
	case abi.PR_GET_TSC:
		return 0, t.WriteU32(a[1], abi.PR_TSC_ENABLE)
	case abi.PR_SET_TSC:
		if a[1] != abi.PR_TSC_ENABLE {
			return 0, abi.EINVAL
		}
	case abi.PR_SET_PTRACER, abi.PR_SET_THP_DISABLE:
	case abi.PR_SET_MM:
		return 0, abi.EPERM
	default:
		return prctlCred(&p.Cred, a)
	}
	return 0, nil
}

// prctlCred is the part of prctl(2) that is about credentials.
func prctlCred(c *kernel.Cred, a Args) (uint64, error) {
	switch a.Int(0) {
	case abi.PR_SET_NO_NEW_PRIVS:
		if a[1] != 1 || a[2]|a[3]|a[4] != 0 {
			return 0, abi.EINVAL
		}
		c.NoNewPrivs = true
	case abi.PR_GET_NO_NEW_PRIVS:
		if a[1]|a[2]|a[3]|a[4] != 0 {
			return 0, abi.EINVAL
		}
		return uint64(boolWord(c.NoNewPrivs)), nil
	case abi.PR_GET_KEEPCAPS:
		return uint64(boolWord(c.KeepCaps)), nil
	case abi.PR_SET_KEEPCAPS:
		if a[1] > 1 {
			return 0, abi.EINVAL
		}
		c.KeepCaps = a[1] == 1
	case abi.PR_CAPBSET_READ:
		if a[1] > abi.CAP_LAST_CAP {
			return 0, abi.EINVAL
		}
		return c.Bounding >> a[1] & 1, nil
	case abi.PR_CAPBSET_DROP:
		if !c.Capable(abi.CAP_SETPCAP) {
			return 0, abi.EPERM
		}
		if a[1] > abi.CAP_LAST_CAP {
			return 0, abi.EINVAL
		}
		c.Bounding &^= 1 << a[1]
	case abi.PR_GET_SECUREBITS:
		return uint64(c.Securebits), nil
	case abi.PR_SET_SECUREBITS:
		if !c.Capable(abi.CAP_SETPCAP) {
			return 0, abi.EPERM
		}
		c.Securebits = uint32(a[1])
	case abi.PR_CAP_AMBIENT:
		return ambient(c, a)
	default:
		return 0, abi.EINVAL
	}
	return 0, nil
}

// ambient implements PR_CAP_AMBIENT.
func ambient(c *kernel.Cred, a Args) (uint64, error) {
	if a[1] == abi.PR_CAP_AMBIENT_CLEAR_ALL {
		if a[2]|a[3]|a[4] != 0 {
			return 0, abi.EINVAL
		}
		c.Ambient = 0
		return 0, nil
	}
	if a[2] > abi.CAP_LAST_CAP || a[3]|a[4] != 0 {
		return 0, abi.EINVAL
	}
	bit := uint64(1) << a[2]
	switch a[1] {
	case abi.PR_CAP_AMBIENT_IS_SET:
		return c.Ambient >> a[2] & 1, nil
	case abi.PR_CAP_AMBIENT_RAISE:
		if c.Permitted&c.Inheritable&bit == 0 {
			return 0, abi.EPERM
		}
		c.Ambient |= bit
	case abi.PR_CAP_AMBIENT_LOWER:
		c.Ambient &^= bit
	default:
		return 0, abi.EINVAL
	}
	return 0, nil
}

func boolWord(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// setName implements PR_SET_NAME: at most 15 bytes up to the NUL.
func setName(t *kernel.Thread, addr uint64) error {
	s, err := t.ReadString(addr, 15)
	if err == abi.ENAMETOOLONG {
		var b [15]byte
		err = t.Read(b[:], addr)
		s = string(bytes.TrimRight(b[:], "\x00"))
	}
	if err == nil {
		t.SetComm(s)
	}
	return err
}

// archPrctl implements arch_prctl(2).
func archPrctl(t *kernel.Thread, a Args) (uint64, error) {
	r := &t.CPU.R
	switch a.Int(0) {
	case abi.ARCH_SET_FS:
		return 0, setBase(&r[emu.RegFS], a[1])
	case abi.ARCH_SET_GS:
		return 0, setBase(&r[emu.RegGS], a[1])
	case abi.ARCH_GET_FS:
		return 0, t.WriteU64(a[1], r[emu.RegFS])
	case abi.ARCH_GET_GS:
		return 0, t.WriteU64(a[1], r[emu.RegGS])
	case abi.ARCH_GET_CPUID:
		return 1, nil
	case abi.ARCH_SET_CPUID:
		if a[1] == 0 {
			return 0, abi.ENODEV // CPUID faulting is not there
		}
		return 0, nil
	}
	return 0, abi.EINVAL
}

func setBase(base *uint64, v uint64) error {
	if v >= mem.Limit {
		return abi.EPERM
	}
	*base = v
	return nil
}
