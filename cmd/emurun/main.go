// Command emurun runs an unmodified x86-64 Linux program inside a deterministic
// emulated machine.
//
//	emurun [flags] PROGRAM [ARGS…]
//
// It exits with the program's status and dies by the program's signal, so that a
// shell cannot tell the difference. Errors of emurun itself are one line on
// stderr: status 125 for wrong use or an inner error, 126 for a program that cannot be
// executed, 127 for one that is not there, as env(1) does it.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

// version is set by the build.
var version = "devel"

// gcPercent is how much the emulator's own heap may grow between two collections, unless
// GOGC says otherwise. A guest's pages are not in that heap, which is a few MiB of
// translated code and tables: for a few more, a loop of fork and execve takes an eighth
// less CPU time than at 100, and the start of python3 a thirtieth.
const gcPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	app := newApp()
	err := app.Run(flagsFirst(app, os.Args))
	var ended *endedError
	if errors.As(err, &ended) {
		ended.exit()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "emurun: %v\n", err)
		os.Exit(statusOf(err))
	}
}

// Exit statuses of emurun's own errors, as env(1) and the shell have them.
const (
	statusFailed        = 125
	statusNotExecutable = 126
	statusNotFound      = 127
)

// statusError is a user's error with its exit status.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// statusOf returns the exit status for an error.
func statusOf(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.status
	}
	return statusFailed
}
