//go:build !bugs

package sim

import (
	"os/exec"
	"testing"
)

// TestPlantedBugs proves that the simulation finds bugs: each of those that the build tag "bugs" can
// plant, within a thousand seeds.
func TestPlantedBugs(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the package again")
	}
	out, err := exec.Command("go", "test", "-tags", "bugs", "-count=1", "-run", "TestPlanted$", "-v", ".").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
