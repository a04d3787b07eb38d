// Package tracetest holds engines to the golden traces: Run on an engine's constructor.
//
// A golden trace is the Full trace of a guest of testbins in a machine with nothing of the host in it,
// or of a part of its run. An engine runs each of them twice. In steps of one instruction it must give the same
// trace, record for record. In blocks of many lengths its registers must be those of the golden
// trace at each stop, and the state's hash must be the same, so that translated and fused code is
// checked as well.
//
// What differs is said in words, at the first instruction that differs.
package tracetest
