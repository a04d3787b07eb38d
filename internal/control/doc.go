// Package control lets commands talk to a running emurun: each run with a store has a
// Unix socket there, named after its job, and a lock that says the job is running.
//
//	control/JOB.lock    held with flock(2) by who runs the job; its text is the PID
//	control/JOB.written how far the job has written its output, see host.Written
//	control/JOB.sock    one request and one response per connection, each a line of JSON
package control
