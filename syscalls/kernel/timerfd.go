package kernel

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/vfs"
)

// Timerfd is the timer of timerfd_create(2). Reading takes the number of
// expirations.
type Timerfd struct {
	vfs.FileDefaults
	k        *Kernel
	realtime bool // absolute times are of CLOCK_REALTIME
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

// Set arms the timer to expire after value ns, or at that time of its clock, and
// every interval ns from then on. Value 0 disarms it.
func (f *Timerfd) Set(value, interval int64, absolute bool) {
	f.count, f.interval = 0, interval
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
	case f.count == 0:
		return 0, abi.EAGAIN
	}
	binary.LittleEndian.PutUint64(p, f.count)
	f.count = 0
	return 8, nil
}

// Ready implements vfs.File.
func (f *Timerfd) Ready() uint32 {
	if f.count > 0 {
		return abi.POLLIN
	}
	return 0
}

// Queue implements vfs.File.
func (f *Timerfd) Queue() *vfs.Queue { return &f.queue }

// Release implements vfs.File.
func (f *Timerfd) Release() { f.k.Disarm(&f.timer) }
