package trace_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCross holds the interpreter to the golden traces on other architectures under
// qemu-user, one of them big-endian.
func TestCross(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes long")
	}
	for _, arch := range []struct{ goarch, qemu string }{{"arm64", "qemu-aarch64"}, {"s390x", "qemu-s390x"}} {
		t.Run(arch.goarch, func(t *testing.T) {
			qemu, err := exec.LookPath(arch.qemu)
			if err != nil {
				t.Skipf("SKIPPED: %s is not installed: nothing is known of %s", arch.qemu, arch.goarch)
			}
			bin := filepath.Join(t.TempDir(), "trace.test")
			build := exec.Command("go", "test", "-c", "-o", bin, ".")
			build.Env = append(build.Environ(), "GOOS=linux", "GOARCH="+arch.goarch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if out, err := exec.Command(qemu, bin, "-test.run", "Golden").CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
