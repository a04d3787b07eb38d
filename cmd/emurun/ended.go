package main

import "fmt"

// endedError carries the wait status of a program that ran to its end, wait(2).
type endedError struct{ status int32 }

func (e *endedError) Error() string { return fmt.Sprintf("ended with wait status %#x", e.status) }

// exit ends emurun the way the program ended: with its status, or by its signal.
func (e *endedError) exit() {
	if sig := e.status & 0x7f; sig != 0 {
		dieBySignal(int(sig))
	}
	exitStatus(int(e.status >> 8 & 0xff))
}
