package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// utsLen is the size of each string of struct utsname.
const utsLen = 65

// uname implements uname(2).
func uname(t *kernel.Thread, a Args) (uint64, error) {
	var b [6 * utsLen]byte
	k := t.Kernel()
	for i, s := range []string{kernel.Sysname, k.Hostname(), kernel.Release, kernel.Version, kernel.Machine, k.Domainname()} {
		copy(b[utsLen*i:utsLen*(i+1)-1], s)
	}
	return 0, t.Write(b[:], a[0])
}

// sethostname implements sethostname(2).
func sethostname(t *kernel.Thread, a Args) (uint64, error) {
	s, err := newNodeName(t, a)
	if err == nil {
		t.Kernel().SetHostname(s)
	}
	return 0, err
}

// setdomainname implements setdomainname(2).
func setdomainname(t *kernel.Thread, a Args) (uint64, error) {
	s, err := newNodeName(t, a)
	if err == nil {
		t.Kernel().SetDomainname(s)
	}
	return 0, err
}

func newNodeName(t *kernel.Thread, a Args) (string, error) {
	if !t.Proc.Cred.Capable(abi.CAP_SYS_ADMIN) {
		return "", abi.EPERM
	}
	if n := a.Int(1); n < 0 || n >= utsLen {
		return "", abi.EINVAL
	}
	b := make([]byte, a.Int(1))
	err := t.Read(b, a[0])
	return string(b), err
}

// sysinfoSize is the size of struct sysinfo.
const sysinfoSize = 112

// sysinfo implements sysinfo(2). What is free is what the emulator has left; the load is 0.
func sysinfo(t *kernel.Thread, a Args) (uint64, error) {
	k := t.Kernel()
	total, free := k.MemoryInfo()
	var b [sysinfoSize]byte
	putU64(b[:], uint64(k.Now()/1e9))
	putU64(b[32:], total, free)
	threads := 0
	for _, p := range k.Processes() {
		threads += len(p.Threads())
	}
	b[80], b[81] = byte(threads), byte(threads>>8)
	putU32(b[104:], 1) // mem_unit
	return 0, t.Write(b[:], a[0])
}

// getrandom implements getrandom(2): bytes of the machine's seed, at once.
func getrandom(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(2)
	const known = abi.GRND_NONBLOCK | abi.GRND_RANDOM | abi.GRND_INSECURE
	if flags&^known != 0 || flags&(abi.GRND_RANDOM|abi.GRND_INSECURE) == abi.GRND_RANDOM|abi.GRND_INSECURE {
		return 0, abi.EINVAL
	}
	const chunk = 4096
	n := min(a[1], 1<<31-chunk)
	var b [chunk]byte
	for done := uint64(0); done < n; {
		part := b[:min(chunk, n-done)]
		t.Kernel().Random(part)
		if err := t.Write(part, a[0]+done); err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		done += uint64(len(part))
	}
	return n, nil
}

// personality implements personality(2). Its flags are kept and change nothing.
func personality(t *kernel.Thread, a Args) (uint64, error) {
	old := t.Proc.Personality
	if a.Uint(0) != 0xffffffff {
		t.Proc.Personality = a.Uint(0)
	}
	return uint64(old), nil
}

// kcmp implements kcmp(2). The order of different objects is that of process IDs.
func kcmp(t *kernel.Thread, a Args) (uint64, error) {
	x, y := t.Kernel().Thread(a.Int(0)), t.Kernel().Thread(a.Int(1))
	if x == nil || y == nil {
		return 0, abi.ESRCH
	}
	c := &t.Proc.Cred
	if !mayTrace(c, &x.Proc.Cred) || !mayTrace(c, &y.Proc.Cred) {
		return 0, abi.EPERM
	}
	var same bool
	switch a.Int(2) {
	case abi.KCMP_FILE:
		f, err := x.Proc.FDs.File(int32(a[3]))
		if err != nil {
			return 0, err
		}
		g, err := y.Proc.FDs.File(int32(a[4]))
		if err != nil {
			return 0, err
		}
		same = f == g
	case abi.KCMP_VM:
		same = x.Proc.Mem == y.Proc.Mem
	case abi.KCMP_FILES:
		same = x.Proc.FDs == y.Proc.FDs
	case abi.KCMP_FS:
		same = x.Proc.FS == y.Proc.FS
	case abi.KCMP_SIGHAND:
		same = x.Proc.SharesSignals(y.Proc)
	case abi.KCMP_IO, abi.KCMP_SYSVSEM:
		same = x.Proc == y.Proc
	default:
		return 0, abi.EINVAL
	}
	switch {
	case same:
		return 0, nil
	case x.Proc.PID < y.Proc.PID:
		return 1, nil
	}
	return 2, nil
}
