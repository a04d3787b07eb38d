package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
)

// getTimespec reads a struct timespec and checks it.
func getTimespec(t *kernel.Thread, addr uint64) (abi.Timespec, error) {
	var b [abi.TimespecSize]byte
	var ts abi.Timespec
	if err := t.Read(b[:], addr); err != nil {
		return ts, err
	}
	if ts.Decode(b[:]); !ts.Valid() {
		return ts, abi.EINVAL
	}
	return ts, nil
}

// putTimespec writes ns as a struct timespec.
func putTimespec(t *kernel.Thread, addr uint64, ns int64) error {
	var b [abi.TimespecSize]byte
	abi.TimespecOf(ns).Put(b[:])
	return t.Write(b[:], addr)
}

// getTimeout reads an optional relative struct timespec: -1 where addr is NULL.
func getTimeout(t *kernel.Thread, addr uint64) (int64, error) {
	if addr == 0 {
		return -1, nil
	}
	ts, err := getTimespec(t, addr)
	return ts.Ns(), err
}
