package interp_test

import (
	"testing"

	"emurun/internal/crosstest"
)

// TestCross runs on other architectures what this one did: all cases of all
// instructions as the real CPU has them, and the engine's suite, its kernels included.
// In short mode it leaves the suite out, and TestVectors runs its first cases only.
func TestCross(t *testing.T) {
	tests := []string{"TestVectors", "TestEveryRow", "TestUndefinedFlags", "TestX87", "TestPendingMF", "TestXM", "TestXMPacked", "TestLibrary"}
	if !testing.Short() {
		tests = append(tests, "TestEngine")
	}
	crosstest.Run(t, tests...)
}
