package fp

import (
	"testing"

	"emurun/internal/crosstest"
)

// TestCross compares the digests with those of other architectures, and those with
// the oracles.
func TestCross(t *testing.T) {
	crosstest.Run(t, "TestDigests", "TestSSEOracle", "TestX87Oracle", "TestTranscendentalOracle")
}
