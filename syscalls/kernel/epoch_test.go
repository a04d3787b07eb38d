package kernel

import (
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

// When the real-time clock is set, what waits for a time of it ends when it shows that time;
// what waits for so long, or for a time of CLOCK_MONOTONIC, is not touched.
func TestSetEpoch(t *testing.T) {
	const at, by = int64(100e9), int64(40e9)
	for _, tt := range []struct {
		name string
		arm  func(k *Kernel, t *Thread) func() int64 // returns when it expires
		set  int64                                   // how far the clock is set forward
		want int64                                   // how much earlier it expires
	}{
		{"timerfd, absolute", func(k *Kernel, _ *Thread) func() int64 {
			f := k.NewTimerfd(abi.CLOCK_REALTIME)
			f.Set(k.Realtime()+at, 0, true)
			return f.timer.At
		}, by, by},
		{"timerfd, relative", func(k *Kernel, _ *Thread) func() int64 {
			f := k.NewTimerfd(abi.CLOCK_REALTIME)
			f.Set(at, 0, false)
			return f.timer.At
		}, by, 0},
		{"timerfd, monotonic", func(k *Kernel, _ *Thread) func() int64 {
			f := k.NewTimerfd(abi.CLOCK_MONOTONIC)
			f.Set(k.Now()+at, 0, true)
			return f.timer.At
		}, by, 0},
		{"POSIX timer, absolute, back", func(k *Kernel, t *Thread) func() int64 {
			id, _ := t.NewPosixTimer(PosixTimerSpec{Clock: abi.CLOCK_REALTIME, Signo: abi.SIGALRM})
			t.Proc.SetPosixTimer(id, k.Realtime()+at, 0, true)
			return t.Proc.posixTimer(id).At
		}, -by, -by},
		{"clock_nanosleep, absolute", func(k *Kernel, t *Thread) func() int64 {
			until := k.Realtime() + at
			inCall(t, abi.SYS_clock_nanosleep, func() (uint64, error) { return 0, t.Park(t.DeadlineRealtime(until)) })
			return t.wait.timer.At
		}, by, by},
		{"nanosleep", func(k *Kernel, t *Thread) func() int64 {
			inCall(t, abi.SYS_nanosleep, func() (uint64, error) { return 0, t.Park(t.Deadline(at)) })
			return t.wait.timer.At
		}, by, 0},
		{"beyond it", func(k *Kernel, _ *Thread) func() int64 {
			f := k.NewTimerfd(abi.CLOCK_REALTIME)
			f.Set(k.Realtime()+at, 0, true)
			return f.timer.At
		}, 1e12, bootNs + at},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, th := newMachine(t)
			when := tt.arm(k, th)
			was, now, real := when(), k.Now(), k.Realtime()
			k.SetEpoch(k.cfg.EpochNs + tt.set)
			if got := was - when(); got != tt.want {
				t.Errorf("it expires %d ns earlier, want %d", got, tt.want)
			}
			if k.Now() != now || k.Realtime() != real+tt.set {
				t.Errorf("the clocks show %d and %d", k.Now(), k.Realtime())
			}
		})
	}
}

// TFD_TIMER_CANCEL_ON_SET: setting the clock makes the timer readable, and reading tells why.
func TestCancelOnSet(t *testing.T) {
	k, _ := newMachine(t)
	f := k.NewTimerfd(abi.CLOCK_REALTIME)
	if err := f.CancelOnSet(true); err != nil {
		t.Fatal(err)
	}
	f.Set(k.Realtime()+1e9, 0, true)
	k.SetEpoch(k.cfg.EpochNs - 1)
	var got []error
	ready := f.Ready()
	for range 2 {
		_, err := f.Read(make([]byte, 8), 0)
		got = append(got, err)
	}
	if diff := cmp.Diff([]error{abi.ECANCELED, abi.EAGAIN}, got); diff != "" || ready != abi.POLLIN {
		t.Errorf("ready %#x, errors (-want +got):\n%s", ready, diff)
	}
	k.SetEpoch(k.cfg.EpochNs - 1)
	if err := f.CancelOnSet(true); err != abi.ECANCELED {
		t.Errorf("armed again: %v", err)
	}
	f.Release()
	if len(k.cancelable) != 0 {
		t.Error("the kernel remembers a timer that is gone")
	}
}

// With another seed the machine draws other numbers, the same ones as any with that seed.
func TestReseed(t *testing.T) {
	a, b := New(Config{Seed: 1}), New(Config{Seed: 2})
	a.Reseed(5)
	b.Reseed(5)
	x, y := make([]byte, 16), make([]byte, 16)
	a.Random(x)
	b.Random(y)
	if string(x) != string(y) || a.Config().Seed != 5 || a.BootID() == b.BootID() {
		t.Errorf("numbers %x and %x", x, y)
	}
}
