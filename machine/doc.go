// Package machine joins CPU, kernel and files into one deterministic machine: it
// boots a program, runs the scheduler's choice of thread on an engine, hands system
// calls and faults to the kernel, and passes everything from outside through one
// input log with its step.
package machine
