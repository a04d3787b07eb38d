//go:build bugs

package sim

import (
	"testing"

	"emurun/server/core"
)

// mostSeeds is within how many seeds each planted bug must be found.
const mostSeeds = 1000

func TestPlanted(t *testing.T) {
	if _, err := try(100); err != nil {
		t.Fatalf("without a bug: %v", err)
	}
	for _, bug := range core.Bugs() {
		core.Plant(bug)
		_, err := try(mostSeeds)
		core.Plant("")
		if err == nil {
			t.Errorf("%s: not found", bug)
			continue
		}
		t.Logf("%s: %v", bug, err)
	}
}
