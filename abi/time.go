package abi

import "encoding/binary"

// Clocks, clock_gettime(2).
const (
	CLOCK_REALTIME           = 0
	CLOCK_MONOTONIC          = 1
	CLOCK_PROCESS_CPUTIME_ID = 2
	CLOCK_THREAD_CPUTIME_ID  = 3
	CLOCK_MONOTONIC_RAW      = 4
	CLOCK_REALTIME_COARSE    = 5
	CLOCK_MONOTONIC_COARSE   = 6
	CLOCK_BOOTTIME           = 7
	CLOCK_REALTIME_ALARM     = 8
	CLOCK_BOOTTIME_ALARM     = 9
	CLOCK_TAI                = 11

	TIMER_ABSTIME = 1

	ITIMER_REAL    = 0
	ITIMER_VIRTUAL = 1
	ITIMER_PROF    = 2

	// CLK_TCK is the clock tick of times(2), per second.
	CLK_TCK = 100
)

// Timespec is struct timespec, timespec(3type).
type Timespec struct{ Sec, Nsec int64 }

// TimespecSize is the size of Timespec in memory.
const TimespecSize = 16

// Put writes t to p.
func (t Timespec) Put(p []byte) {
	binary.LittleEndian.PutUint64(p, uint64(t.Sec))
	binary.LittleEndian.PutUint64(p[8:], uint64(t.Nsec))
}

// Decode reads t from p.
func (t *Timespec) Decode(p []byte) {
	t.Sec = int64(binary.LittleEndian.Uint64(p))
	t.Nsec = int64(binary.LittleEndian.Uint64(p[8:]))
}

// Valid reports whether t is normal and not negative.
func (t Timespec) Valid() bool { return t.Sec >= 0 && t.Nsec >= 0 && t.Nsec < 1e9 }

// Ns returns t in nanoseconds, at most the largest int64.
func (t Timespec) Ns() int64 {
	const limit = (1<<63 - 1) / 1000000000
	if t.Sec >= limit {
		return 1<<63 - 1
	}
	return t.Sec*1e9 + t.Nsec
}

// TimespecOf returns ns nanoseconds, not negative, as a Timespec.
func TimespecOf(ns int64) Timespec { return Timespec{ns / 1e9, ns % 1e9} }

// Timeval is struct timeval, timeval(3type).
type Timeval struct{ Sec, Usec int64 }

// TimevalSize is the size of Timeval in memory.
const TimevalSize = 16

// Put writes t to p.
func (t Timeval) Put(p []byte) {
	binary.LittleEndian.PutUint64(p, uint64(t.Sec))
	binary.LittleEndian.PutUint64(p[8:], uint64(t.Usec))
}

// Decode reads t from p.
func (t *Timeval) Decode(p []byte) {
	t.Sec = int64(binary.LittleEndian.Uint64(p))
	t.Usec = int64(binary.LittleEndian.Uint64(p[8:]))
}

// Valid reports whether t is normal and not negative.
func (t Timeval) Valid() bool { return t.Sec >= 0 && t.Usec >= 0 && t.Usec < 1e6 }

// Ns returns t in nanoseconds, at most the largest int64.
func (t Timeval) Ns() int64 { return Timespec{t.Sec, t.Usec * 1e3}.Ns() }

// TimevalOf returns ns nanoseconds, not negative, as a Timeval.
func TimevalOf(ns int64) Timeval { return Timeval{ns / 1e9, ns % 1e9 / 1e3} }

// Itimerspec is struct itimerspec, timer_settime(2).
type Itimerspec struct{ Interval, Value Timespec }

// ItimerspecSize is the size of Itimerspec in memory.
const ItimerspecSize = 32

// Put writes t to p.
func (t Itimerspec) Put(p []byte) {
	t.Interval.Put(p)
	t.Value.Put(p[16:])
}

// Decode reads t from p.
func (t *Itimerspec) Decode(p []byte) {
	t.Interval.Decode(p)
	t.Value.Decode(p[16:])
}
