package fp

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNoFusing asks the compiler where it would fuse a product with a sum. There
// must be no such place on any architecture that has the instruction: results
// would depend on the host.
func TestNoFusing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it compiles for five architectures")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIPPED: no go command")
	}
	for _, target := range []string{"GOARCH=arm64", "GOARCH=riscv64", "GOARCH=s390x", "GOARCH=ppc64le", "GOAMD64=v3"} {
		c := exec.Command(goTool, "build", "-gcflags=-d=fmahash=y", ".")
		c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", target)
		out, err := c.CombinedOutput()
		if err != nil || strings.Contains(string(out), "fmahash triggered") {
			t.Errorf("%s: %v\n%s", target, err, out)
		}
	}
}
