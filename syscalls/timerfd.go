package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// timerfdCreate implements timerfd_create(2).
func timerfdCreate(t *kernel.Thread, a Args) (uint64, error) {
	switch a.Int(0) {
	case abi.CLOCK_REALTIME, abi.CLOCK_MONOTONIC, abi.CLOCK_BOOTTIME, abi.CLOCK_REALTIME_ALARM, abi.CLOCK_BOOTTIME_ALARM:
	default:
		return 0, abi.EINVAL
	}
	flags := a.Uint(1)
	if flags&^(abi.TFD_CLOEXEC|abi.TFD_NONBLOCK) != 0 {
		return 0, abi.EINVAL
	}
	k := t.Kernel()
	f := k.Anon.Open(k.NewTimerfd(a.Int(0)), "[timerfd]", abi.O_RDWR|flags&abi.TFD_NONBLOCK)
	return install(t, f, flags&abi.TFD_CLOEXEC != 0)
}

// timerfdOf returns the timer behind fd.
func timerfdOf(t *kernel.Thread, fd int32) (*kernel.Timerfd, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	tf, ok := f.File.(*kernel.Timerfd)
	if !ok {
		return nil, abi.EINVAL
	}
	return tf, nil
}

// giveTimer writes what timerfd_gettime(2) tells.
func giveTimer(t *kernel.Thread, f *kernel.Timerfd, addr uint64) error {
	value, interval := f.Get()
	var b [abi.ItimerspecSize]byte
	abi.Itimerspec{Interval: abi.TimespecOf(interval), Value: abi.TimespecOf(value)}.Put(b[:])
	return t.Write(b[:], addr)
}

// timerfdSettime implements timerfd_settime(2).
func timerfdSettime(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(1)&^(abi.TFD_TIMER_ABSTIME|abi.TFD_TIMER_CANCEL_ON_SET) != 0 {
		return 0, abi.EINVAL
	}
	var b [abi.ItimerspecSize]byte
	if err := t.Read(b[:], a[2]); err != nil {
		return 0, err
	}
	var v abi.Itimerspec
	v.Decode(b[:])
	if !v.Value.Valid() || !v.Interval.Valid() {
		return 0, abi.EINVAL
	}
	f, err := timerfdOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if a[3] != 0 {
		if err := giveTimer(t, f, a[3]); err != nil {
			return 0, err
		}
	}
	const onSet = abi.TFD_TIMER_ABSTIME | abi.TFD_TIMER_CANCEL_ON_SET
	err = f.CancelOnSet(a.Uint(1)&onSet == onSet)
	f.Set(v.Value.Ns(), v.Interval.Ns(), a.Uint(1)&abi.TFD_TIMER_ABSTIME != 0)
	return 0, err
}

// timerfdGettime implements timerfd_gettime(2).
func timerfdGettime(t *kernel.Thread, a Args) (uint64, error) {
	f, err := timerfdOf(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, giveTimer(t, f, a[1])
}

// signalfd implements the signalfd system call, which has no flags.
func signalfd(t *kernel.Thread, a Args) (uint64, error) {
	a[3] = 0
	return signalfd4(t, a)
}

// signalfd4 implements signalfd(2): a new file, or a new mask for an old one.
func signalfd4(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(3)
	if a[2] != 8 || flags&^(abi.SFD_CLOEXEC|abi.SFD_NONBLOCK) != 0 {
		return 0, abi.EINVAL
	}
	mask, err := t.ReadU64(a[1])
	if err != nil {
		return 0, err
	}
	mask &^= abi.SIGKILL.Bit() | abi.SIGSTOP.Bit()
	if a.Int(0) == -1 {
		f := t.Kernel().Anon.Open(t.NewSignalfd(mask), "[signalfd]", abi.O_RDWR|flags&abi.SFD_NONBLOCK)
		return install(t, f, flags&abi.SFD_CLOEXEC != 0)
	}
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	s, ok := f.File.(*kernel.Signalfd)
	if !ok {
		return 0, abi.EINVAL
	}
	s.Mask = mask
	s.Queue().Wake()
	return uint64(a.Int(0)), nil
}
