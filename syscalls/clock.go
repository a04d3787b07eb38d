package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// clockGettime implements clock_gettime(2).
func clockGettime(t *kernel.Thread, a Args) (uint64, error) {
	ns, err := t.Clock(a.Int(0))
	if err != nil {
		return 0, err
	}
	return 0, putTimespec(t, a[1], ns)
}

// clockGetres implements clock_getres(2). A clock that counts steps is as fine
// as a step, so what programs learn is what Linux with high-resolution timers says.
func clockGetres(t *kernel.Thread, a Args) (uint64, error) {
	clock := a.Int(0)
	if _, err := t.Clock(clock); err != nil {
		return 0, err
	}
	if a[1] == 0 {
		return 0, nil
	}
	const tick = 4e6 // CONFIG_HZ=250
	res := int64(1)
	if clock == abi.CLOCK_REALTIME_COARSE || clock == abi.CLOCK_MONOTONIC_COARSE {
		res = tick
	}
	return 0, putTimespec(t, a[1], res)
}

// clockSettime implements clock_settime(2): time belongs to the machine.
func clockSettime(t *kernel.Thread, a Args) (uint64, error) {
	if _, err := getTimespec(t, a[1]); err != nil {
		return 0, err
	}
	if a.Int(0) != abi.CLOCK_REALTIME {
		return 0, abi.EINVAL
	}
	return 0, abi.EPERM
}

// gettimeofday implements gettimeofday(2); the time zone is UTC.
func gettimeofday(t *kernel.Thread, a Args) (uint64, error) {
	var b [abi.TimevalSize]byte
	if a[0] != 0 {
		abi.TimevalOf(t.Kernel().Realtime()).Put(b[:])
		if err := t.Write(b[:], a[0]); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, t.Write(make([]byte, 8), a[1])
	}
	return 0, nil
}

// settimeofday implements settimeofday(2): time belongs to the machine.
func settimeofday(t *kernel.Thread, a Args) (uint64, error) { return 0, abi.EPERM }

// timeCall implements time(2).
func timeCall(t *kernel.Thread, a Args) (uint64, error) {
	s := uint64(t.Kernel().Realtime() / 1e9)
	if a[0] != 0 {
		if err := t.WriteU64(a[0], s); err != nil {
			return 0, err
		}
	}
	return s, nil
}
