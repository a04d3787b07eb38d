// Package host is the one place, with vfs/hostfs, where a machine meets the
// host it runs on: the descriptors it inherits, the terminal, the signals sent to
// the emulator, fresh seeds and the clock.
//
// Nothing here decides anything for the guest. World answers what the door of the machine
// asks: it reads and writes, abi.EAGAIN when the host is not ready, sleeps until something
// outside has happened, and tells which signals came.
package host
