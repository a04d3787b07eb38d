package syscalls

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// readItimerval reads a struct itimerval as ns.
func readItimerval(t *kernel.Thread, addr uint64) (value, interval int64, err error) {
	var b [2 * abi.TimevalSize]byte
	if err := t.Read(b[:], addr); err != nil {
		return 0, 0, err
	}
	var v, i abi.Timeval
	i.Decode(b[:])
	v.Decode(b[abi.TimevalSize:])
	if !v.Valid() || !i.Valid() {
		return 0, 0, abi.EINVAL
	}
	return v.Ns(), i.Ns(), nil
}

func putItimerval(t *kernel.Thread, addr uint64, value, interval int64) error {
	var b [2 * abi.TimevalSize]byte
	abi.TimevalOf(interval).Put(b[:])
	if value > 0 {
		value = max(value, 1000) // an armed timer never shows 0
	}
	abi.TimevalOf(value).Put(b[abi.TimevalSize:])
	return t.Write(b[:], addr)
}

// getitimer implements getitimer(2).
func getitimer(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(0) > abi.ITIMER_PROF {
		return 0, abi.EINVAL
	}
	v, i := t.Proc.TimerLeft(a.Int(0))
	return 0, putItimerval(t, a[1], v, i)
}

// setitimer implements setitimer(2). A missing new value disarms the timer.
func setitimer(t *kernel.Thread, a Args) (uint64, error) {
	var value, interval int64
	if a[1] != 0 {
		var err error
		if value, interval, err = readItimerval(t, a[1]); err != nil {
			return 0, err
		}
	}
	if a.Uint(0) > abi.ITIMER_PROF {
		return 0, abi.EINVAL
	}
	v, i := t.Proc.SetTimer(a.Int(0), value, interval)
	if a[2] != 0 {
		return 0, putItimerval(t, a[2], v, i)
	}
	return 0, nil
}

// alarm implements alarm(2): what was left is rounded to seconds, but not to 0.
func alarm(t *kernel.Thread, a Args) (uint64, error) {
	left, _ := t.Proc.SetTimer(abi.ITIMER_REAL, int64(a.Uint(0))*1e9, 0)
	sec, rest := left/1e9, left%1e9
	if sec == 0 && rest > 0 || rest >= 5e8 {
		sec++
	}
	return uint64(sec), nil
}

// sigeventSize is the size of struct sigevent.
const sigeventSize = 64

// timerCreate implements timer_create(2).
func timerCreate(t *kernel.Thread, a Args) (uint64, error) {
	s := kernel.PosixTimerSpec{Clock: a.Int(0), Signo: abi.SIGALRM, ValueIsID: true}
	switch s.Clock {
	case abi.CLOCK_REALTIME, abi.CLOCK_MONOTONIC, abi.CLOCK_BOOTTIME, abi.CLOCK_TAI,
		abi.CLOCK_REALTIME_ALARM, abi.CLOCK_BOOTTIME_ALARM,
		abi.CLOCK_PROCESS_CPUTIME_ID, abi.CLOCK_THREAD_CPUTIME_ID:
	case abi.CLOCK_MONOTONIC_RAW, abi.CLOCK_REALTIME_COARSE, abi.CLOCK_MONOTONIC_COARSE:
		return 0, abi.EOPNOTSUPP
	default:
		return 0, abi.EINVAL
	}
	if a[1] != 0 {
		var b [sigeventSize]byte
		if err := t.Read(b[:], a[1]); err != nil {
			return 0, err
		}
		le := binary.LittleEndian
		s.ValueIsID = false
		s.Value = le.Uint64(b[:])
		s.Signo = abi.Signal(le.Uint32(b[8:]))
		s.Notify = int32(le.Uint32(b[12:]))
		s.TID = int32(le.Uint32(b[16:]))
		if err := checkSigevent(t, &s); err != nil {
			return 0, err
		}
	}
	id, err := t.NewPosixTimer(s)
	if err != nil {
		return 0, err
	}
	if err := t.WriteU32(a[2], uint32(id)); err != nil {
		t.Proc.DeletePosixTimer(id)
		return 0, err
	}
	return 0, nil
}

func checkSigevent(t *kernel.Thread, s *kernel.PosixTimerSpec) error {
	switch s.Notify {
	case abi.SIGEV_NONE:
		return nil
	case abi.SIGEV_SIGNAL, abi.SIGEV_THREAD:
	case abi.SIGEV_SIGNAL | abi.SIGEV_THREAD_ID:
		if _, err := threadOf(t, t.Proc.PID, s.TID); err != nil {
			return abi.EINVAL
		}
	default:
		return abi.EINVAL
	}
	if !s.Signo.Valid() {
		return abi.EINVAL
	}
	return nil
}

// timerSettime implements timer_settime(2).
func timerSettime(t *kernel.Thread, a Args) (uint64, error) {
	id, p := a.Int(0), t.Proc
	var b [abi.ItimerspecSize]byte
	if a[2] == 0 {
		return 0, abi.EINVAL
	}
	if err := t.Read(b[:], a[2]); err != nil {
		return 0, err
	}
	var s abi.Itimerspec
	if s.Decode(b[:]); !s.Value.Valid() || !s.Interval.Valid() {
		return 0, abi.EINVAL
	}
	v, i, ok := p.PosixTimerLeft(id)
	if !ok {
		return 0, abi.EINVAL
	}
	p.SetPosixTimer(id, s.Value.Ns(), s.Interval.Ns(), a.Int(1)&abi.TIMER_ABSTIME != 0)
	if a[3] != 0 {
		return 0, putItimerspec(t, a[3], v, i)
	}
	return 0, nil
}

func putItimerspec(t *kernel.Thread, addr uint64, value, interval int64) error {
	var b [abi.ItimerspecSize]byte
	abi.Itimerspec{Interval: abi.TimespecOf(interval), Value: abi.TimespecOf(value)}.Put(b[:])
	return t.Write(b[:], addr)
}

// timerGettime implements timer_gettime(2).
func timerGettime(t *kernel.Thread, a Args) (uint64, error) {
	v, i, ok := t.Proc.PosixTimerLeft(a.Int(0))
	if !ok {
		return 0, abi.EINVAL
	}
	return 0, putItimerspec(t, a[1], v, i)
}

// timerGetoverrun implements timer_getoverrun(2).
func timerGetoverrun(t *kernel.Thread, a Args) (uint64, error) {
	n, ok := t.Proc.PosixTimerOverrun(a.Int(0))
	if !ok {
		return 0, abi.EINVAL
	}
	return uint64(n), nil
}

// timerDelete implements timer_delete(2).
func timerDelete(t *kernel.Thread, a Args) (uint64, error) {
	if !t.Proc.DeletePosixTimer(a.Int(0)) {
		return 0, abi.EINVAL
	}
	return 0, nil
}
