// Package kernel is Linux as programs see it: processes, threads, sessions,
// credentials, signals, futexes, timers, wait queues, the scheduler and the clock.
//
// All threads of all processes run one at a time on the caller's goroutine. A
// thread that must wait is parked with queues and a deadline, and its system call
// runs again from its first line when it is woken; whatever must survive the wait is a
// field of Thread. Time is Epoch + steps × NsPerStep; when every thread waits, the
// clock jumps to the next deadline. Nothing here meets the host.
//
// The caller's loop is: Next says which thread runs and for how long; the
// engine runs it; Advance accounts what it retired; then a system call goes to
// syscalls.Dispatch, a fault to Thread.Fault.
//
// The first process has PID FirstPID, leads its own group and session, and its parent is
// a virtual init, PID 1, that no program can see run: it only reaps orphans.
package kernel
