//go:build !linux

package host

import "emurun/abi"

// Hosts other than Linux give the guest plain streams instead of a terminal.

func isTerminal(int) bool { return false }

func hostTermios(int) (abi.Termios, error) { return abi.Termios{}, abi.ENOTTY }

func setHostTermios(int, abi.Termios, uint32) error { return abi.ENOTTY }

func hostWindowSize(int) (abi.Winsize, error) { return abi.Winsize{}, abi.ENOTTY }

func setHostWindowSize(int, abi.Winsize) error { return abi.ENOTTY }

func hostFlush(int, uint64) error { return abi.ENOTTY }

func hostBuffered(int) (in, out int) { return 0, 0 }
