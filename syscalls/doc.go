// Package syscalls is the system call table of x86-64 Linux and its handlers,
// one file per group of man pages.
//
// A row carries name, typed arguments, handler and a note; dispatch, strace text
// and docs/syscalls.md read it. A nil handler is ENOSYS, with the reason in the
// note. A handler never blocks: it parks its thread and runs again when woken.
package syscalls

//go:generate go run emurun/tools/syscallgen ../docs/syscalls.md
