package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crossGuests run under every architecture: integers, x87, SSE, signals,
// threads, processes, code that changes itself.
var crossGuests = []string{"hello", "hello.glibc", "cpu", "x87", "sse", "sigframe", "signals", "threads", "fork", "memory", "smc", "files", "gohello"}

// crossArch is another architecture, and the command that runs its programs here.
type crossArch struct{ goarch, qemu string }

var crossArchs = []crossArch{{"arm64", "qemu-aarch64"}, {"riscv64", "qemu-riscv64"}, {"s390x", "qemu-s390x"}}

// crossBuild builds emurun for arch, and returns the command that runs it.
func crossBuild(t *testing.T, arch crossArch) (qemu, bin string) {
	t.Helper()
	qemu, err := exec.LookPath(arch.qemu)
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed: nothing is known of %s", arch.qemu, arch.goarch)
	}
	bin = filepath.Join(t.TempDir(), "emurun")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, ".")
	build.Env = append(build.Environ(), "GOOS=linux", "GOARCH="+arch.goarch, "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return qemu, bin
}

// TestCross builds emurun for other architectures, one of them big-endian, runs it
// under qemu-user, and compares output, steps and state hash with this one's. Checkpoints
// go from here to there and back.
func TestCross(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes long")
	}
	for i, arch := range crossArchs {
		t.Run(arch.goarch, func(t *testing.T) {
			qemu, bin := crossBuild(t, arch)
			t.Run("boot", func(t *testing.T) { crossBoot(t, []string{qemu, bin}) })
			t.Run("resume", func(t *testing.T) { crossResume(t, []string{qemu, bin}, uint64(i)) })
			t.Run("files", func(t *testing.T) { crossFiles(t, []string{qemu, bin}) })
		})
	}
}

// crossBoot runs guests with the emurun there.
func crossBoot(t *testing.T, there []string) {
	for _, g := range crossGuests {
		want := runStats(t, []string{"emurun"}, "./"+g)
		got := runStats(t, there, "./"+g)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs (-here +there):\n%s", g, diff)
		}
	}
}
