// Package crashpoint names the instants of a commit at which a test lets the process die
// or a call fail.
//
// Code that must survive a crash calls Reach before each step that reaches the disk, with
// the step's name. In a program as it is delivered that does nothing. A test sets a hook with
// Set, which may return an error in place of the step, or end the process.
//
// A program built with -tags crashpoints obeys the environment variable EMURUN_CRASH_AT,
// POINT:N, and kills itself as kill -9 would when it reaches POINT the Nth time. POINT may
// end in * for all that begin so, and * alone is any point. With EMURUN_CRASH_LOG, a file, it
// appends the name of each point that it reaches. EMURUN_FAIL_AT, POINT:N or POINT:N+, lets
// the disk be full there the Nth time, or from then on.
package crashpoint
