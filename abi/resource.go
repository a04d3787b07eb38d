package abi

import "encoding/binary"

// Resources of getrlimit(2).
const (
	RLIMIT_CPU        = 0
	RLIMIT_FSIZE      = 1
	RLIMIT_DATA       = 2
	RLIMIT_STACK      = 3
	RLIMIT_CORE       = 4
	RLIMIT_RSS        = 5
	RLIMIT_NPROC      = 6
	RLIMIT_NOFILE     = 7
	RLIMIT_MEMLOCK    = 8
	RLIMIT_AS         = 9
	RLIMIT_LOCKS      = 10
	RLIMIT_SIGPENDING = 11
	RLIMIT_MSGQUEUE   = 12
	RLIMIT_NICE       = 13
	RLIMIT_RTPRIO     = 14
	RLIMIT_RTTIME     = 15
	RLIM_NLIMITS      = 16

	RLIM_INFINITY = 1<<64 - 1
)

// Rlimit is struct rlimit64, getrlimit(2).
type Rlimit struct{ Cur, Max uint64 }

// RlimitSize is the size of Rlimit in memory.
const RlimitSize = 16

// Put writes r to p.
func (r Rlimit) Put(p []byte) {
	binary.LittleEndian.PutUint64(p, r.Cur)
	binary.LittleEndian.PutUint64(p[8:], r.Max)
}

// Decode reads r from p.
func (r *Rlimit) Decode(p []byte) {
	r.Cur = binary.LittleEndian.Uint64(p)
	r.Max = binary.LittleEndian.Uint64(p[8:])
}

// Whose usage getrusage(2) reports.
const (
	RUSAGE_SELF     = 0
	RUSAGE_CHILDREN = -1
	RUSAGE_THREAD   = 1
)

// Rusage is struct rusage, getrusage(2); the fields not here are 0.
type Rusage struct {
	Utime, Stime     Timeval
	Maxrss           int64 // KiB
	Minflt, Majflt   int64
	Inblock, Oublock int64
	Nvcsw, Nivcsw    int64
}

// RusageSize is the size of Rusage in memory.
const RusageSize = 144

// Put writes r to p.
func (r *Rusage) Put(p []byte) {
	clear(p[:RusageSize])
	r.Utime.Put(p)
	r.Stime.Put(p[16:])
	put := func(off int, v int64) { binary.LittleEndian.PutUint64(p[off:], uint64(v)) }
	put(32, r.Maxrss)
	put(64, r.Minflt)
	put(72, r.Majflt)
	put(88, r.Inblock)
	put(96, r.Oublock)
	put(128, r.Nvcsw)
	put(136, r.Nivcsw)
}

// Whose priority getpriority(2) reports.
const (
	PRIO_PROCESS = 0
	PRIO_PGRP    = 1
	PRIO_USER    = 2
)
