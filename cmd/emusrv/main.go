// Command emusrv is the storage server: it keeps the checkpoints that emurun ships, so
// that a process can go on elsewhere when its host fails.
//
//	emusrv init --data DIR
//	emusrv serve --data DIR
//
// Errors are one line on stderr, with status 1; 2 for wrong use, and 3 when verify or
// fsck found damage.
package main

import (
	"errors"
	"fmt"
	"os"
)

// version is set by the build.
var version = "devel"

// Exit statuses.
const (
	statusFailed = 1
	statusUsage  = 2
	statusDamage = 3
)

// statusError is an error with its exit status.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// usage is an error of how the command was used.
func usage(format string, args ...any) error {
	return &statusError{statusUsage, fmt.Errorf(format+" (see emusrv help)", args...)}
}

func main() {
	err := newApp().Run(os.Args)
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "emusrv: %v\n", err)
	status := statusFailed
	var s *statusError
	if errors.As(err, &s) {
		status = s.status
	}
	os.Exit(status)
}
