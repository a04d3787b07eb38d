// Package layers holds the project's two structural rules as tests: which
// package may import which (policy.txt), and what the deterministic rooms must
// not do, because it would let the host show: goroutines, channels, the clock,
// host files, host randomness, map order, and products that Go may fuse.
package layers
