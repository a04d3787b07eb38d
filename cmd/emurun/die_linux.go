package main

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func exitStatus(n int) { os.Exit(n) }

// dieBySignal makes emurun die of a signal without a core file, so that its
// parent sees what it would see of the program. Where the signal cannot kill, the
// status is what a shell would report.
func dieBySignal(sig int) {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	s := syscall.Signal(sig)
	signal.Reset(s)
	// The Go runtime handles some signals itself; give this one its default action.
	var act [4]uint64 // struct kernel_sigaction: handler, flags, restorer, mask
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), s)
	os.Exit(128 + sig)
}
