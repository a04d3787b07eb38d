//go:build !unix

package mem

// newArena returns n zeroed bytes; on this host they are on the Go heap.
func newArena(n int) []byte { return make([]byte, n) }

// freeArena leaves b to the collector.
func freeArena([]byte) {}
