// Package host is the one place, with vfs/hostfs, where a machine meets the
// host it runs on: the descriptors it inherits, the terminal, the signals sent to
// the emulator, fresh seeds and the clock.
//
// Nothing here decides anything for the guest. A Stream reads and writes when it
// is asked and answers abi.EAGAIN when the host is not ready; World.Wait sleeps until
// something outside has happened, and World.Signals tells which signals came.
package host
