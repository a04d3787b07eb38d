// Package tty is terminals, tty(4) and pty(7): job control, ioctl_tty(2), the line
// discipline of pseudoterminals, and the devpts file system.
//
// A TTY is a terminal device with its session. What is behind it is a Terminal:
// the host's terminal, whose own line discipline does the editing, or the slave side of
// a pseudoterminal, whose discipline is here. The package stands above the kernel, not in
// vfs, because what a terminal does depends on who calls: reading in the background
// stops the reader's process group.
//
// A System holds the terminals of one machine. It is /dev/pts, and opens /dev/tty
// and /dev/ptmx.
package tty
