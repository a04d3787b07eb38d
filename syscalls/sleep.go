package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// nanosleep implements nanosleep(2).
func nanosleep(t *kernel.Thread, a Args) (uint64, error) {
	ts, err := getTimespec(t, a[0])
	if err != nil {
		return 0, err
	}
	return sleep(t, t.Deadline(ts.Ns()), a[1])
}

// sleep waits until deadline. A signal leaves what remains at rem; without a
// handler the sleep goes on through restart_syscall(2).
func sleep(t *kernel.Thread, deadline int64, rem uint64) (uint64, error) {
	if t.Expired(deadline) {
		return 0, nil
	}
	err := t.ParkOr(abi.ERESTARTRESTARTBLOCK, deadline)
	if !kernel.Parked(err) && rem != 0 {
		if err := putTimespec(t, rem, deadline-t.Kernel().Now()); err != nil {
			return 0, err
		}
	}
	return 0, err
}

// clockNanosleep implements clock_nanosleep(2).
func clockNanosleep(t *kernel.Thread, a Args) (uint64, error) {
	clock, flags := a.Int(0), a.Int(1)
	switch clock {
	case abi.CLOCK_REALTIME, abi.CLOCK_MONOTONIC, abi.CLOCK_BOOTTIME, abi.CLOCK_TAI,
		abi.CLOCK_REALTIME_ALARM, abi.CLOCK_BOOTTIME_ALARM:
	case abi.CLOCK_PROCESS_CPUTIME_ID, abi.CLOCK_MONOTONIC_RAW, abi.CLOCK_REALTIME_COARSE, abi.CLOCK_MONOTONIC_COARSE:
		return 0, abi.EOPNOTSUPP
	default:
		return 0, abi.EINVAL
	}
	ts, err := getTimespec(t, a[2])
	if err != nil {
		return 0, err
	}
	if flags&abi.TIMER_ABSTIME == 0 {
		return sleep(t, t.Deadline(ts.Ns()), a[3])
	}
	deadline := absolute(t, clock, ts.Ns())
	if t.Expired(deadline) {
		return 0, nil
	}
	return 0, t.ParkOr(abi.ERESTARTNOHAND, deadline)
}

// absolute returns the deadline of an absolute time of a clock.
func absolute(t *kernel.Thread, clock int32, ns int64) int64 {
	switch clock {
	case abi.CLOCK_REALTIME, abi.CLOCK_REALTIME_ALARM, abi.CLOCK_TAI:
		return t.DeadlineRealtime(ns)
	}
	return ns
}
