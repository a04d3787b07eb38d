package kernel

import (
	"encoding/binary"
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// Timerfd is the timer of timerfd_create(2). Reading takes the number of
// expirations.
type Timerfd struct {
	vfs.FileDefaults
	k        *Kernel
	realtime bool  // absolute times are of CLOCK_REALTIME
	absolute bool  // armed for such a time
	cancel   bool  // TFD_TIMER_CANCEL_ON_SET
	epoch    int64 // the machine's when that began, to see whether the clock was set
	timer    Timer
	interval int64
	count    uint64 // expirations that have not been read
	queue    vfs.Queue
}

// NewTimerfd returns a timer that is not armed.
func (k *Kernel) NewTimerfd(clock int32) *Timerfd {
	f := &Timerfd{k: k, realtime: clock == abi.CLOCK_REALTIME || clock == abi.CLOCK_REALTIME_ALARM}
	f.timer.Target = f
	return f
}

// CancelOnSet implements TFD_TIMER_CANCEL_ON_SET for the time that Set sets next: if the
// real-time clock is set, waiting ends and reading gives ECANCELED. It returns ECANCELED
// if that has happened and was not read.
func (f *Timerfd) CancelOnSet(on bool) error {
	was := f.wasSet()
	f.k.cancelable = slices.DeleteFunc(f.k.cancelable, func(x *Timerfd) bool { return x == f })
	f.cancel, f.epoch = on && f.realtime, f.k.cfg.EpochNs
	if f.cancel {
		f.k.cancelable = append(f.k.cancelable, f)
	}
	if was && f.cancel {
		return abi.ECANCELED
	}
	return nil
}

// wasSet reports whether the clock was set while the timer watches that.
func (f *Timerfd) wasSet() bool { return f.cancel && f.epoch != f.k.cfg.EpochNs }

// Set arms the timer to expire after value ns, or at that time of its clock, and
// every interval ns from then on. Value 0 disarms it.
func (f *Timerfd) Set(value, interval int64, absolute bool) {
	f.count, f.interval, f.absolute = 0, interval, absolute
	switch {
	case value == 0:
		f.k.Disarm(&f.timer)
		return
	case absolute && f.realtime:
		value = f.k.Deadline(value)
	case !absolute:
		value = addNs(f.k.Now(), value)
	}
	f.k.Arm(&f.timer, value)
	if now := f.k.Now(); value <= now {
		f.k.Disarm(&f.timer)
		f.Expire(now)
	}
}

// Get returns the time to the next expiration, 0 if it is not armed, and the interval.
func (f *Timerfd) Get() (value, interval int64) {
	if !f.timer.Armed() {
		return 0, f.interval
	}
	return max(1, f.timer.At()-f.k.Now()), f.interval
}

// Expire implements the timer's target.
func (f *Timerfd) Expire(now int64) {
	f.count++
	if f.interval > 0 {
		missed := (now - f.timer.At()) / f.interval
		f.count += uint64(missed)
		f.k.Arm(&f.timer, f.timer.At()+(missed+1)*f.interval)
	}
	f.queue.WakeFor(abi.POLLIN)
}

// SetTicks implements the ioctl(2) TFD_IOC_SET_TICKS.
func (f *Timerfd) SetTicks(n uint64) {
	f.count = n
	f.queue.WakeFor(abi.POLLIN)
}

// Read implements vfs.File.
func (f *Timerfd) Read(p []byte, _ int64) (int, error) {
	switch {
	case len(p) < 8:
		return 0, abi.EINVAL
	case f.wasSet():
		f.epoch, f.count = f.k.cfg.EpochNs, 0
		return 0, abi.ECANCELED
	case f.count == 0:
		return 0, abi.EAGAIN
	}
	binary.LittleEndian.PutUint64(p, f.count)
	f.count = 0
	return 8, nil
}

// Ready implements vfs.File.
func (f *Timerfd) Ready() uint32 {
	if f.count > 0 || f.wasSet() {
		return abi.POLLIN
	}
	return 0
}

// Queue implements vfs.File.
func (f *Timerfd) Queue() *vfs.Queue { return &f.queue }

// Release implements vfs.File.
func (f *Timerfd) Release() {
	f.k.Disarm(&f.timer)
	f.k.cancelable = slices.DeleteFunc(f.k.cancelable, func(x *Timerfd) bool { return x == f })
}
