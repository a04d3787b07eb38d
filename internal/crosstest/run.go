package crosstest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// target is an architecture, and the command that runs its programs here.
type target struct {
	goos, goarch string
	runner       string // looked for in PATH
	debian       string // the package that has it
}

var targets = []target{
	{"linux", "arm64", "qemu-aarch64", "qemu-user"},
	{"linux", "riscv64", "qemu-riscv64", "qemu-user"},
	{"linux", "s390x", "qemu-s390x", "qemu-user"},
	{"js", "wasm", "node", "nodejs"},
}

// Run compiles the tests of the package in the working directory for each target and
// runs those named. Each must pass there: one that is skipped or missing fails t.
// Where t runs short, they do.
func Run(t *testing.T, names ...string) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIPPED: no go command: nothing is known of other architectures")
	}
	for _, tt := range targets {
		t.Run(tt.goarch, func(t *testing.T) {
			runner, err := exec.LookPath(tt.runner)
			if err != nil {
				t.Skipf("SKIPPED: %s (Debian's %s) is not installed: nothing is known of %s", tt.runner, tt.debian, tt.goarch)
			}
			t.Parallel()
			bin := filepath.Join(t.TempDir(), "test")
			build := exec.Command(goTool, "test", "-c", "-o", bin, ".")
			build.Env = append(build.Environ(), "GOOS="+tt.goos, "GOARCH="+tt.goarch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			args := []string{bin, "-test.v", "-test.run=^(" + strings.Join(names, "|") + ")$"}
			if testing.Short() {
				args = append(args, "-test.short")
			}
			out, err := tt.command(t, goTool, runner, args).CombinedOutput()
			if err := check(names, out, err); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// command returns the command that runs a program of the target.
func (tt *target) command(t *testing.T, goTool, runner string, args []string) *exec.Cmd {
	if tt.goos == "js" {
		root, err := exec.Command(goTool, "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		// It finds node in PATH and gives it what Go needs.
		runner = filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "go_js_wasm_exec")
	}
	c := exec.Command(runner, args...)
	c.Dir = t.TempDir()
	// Nothing else of the environment: js/wasm has little room for it.
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			c.Env = append(c.Env, name+"="+v)
		}
	}
	return c
}

// check returns an error unless the run ended well and each test passed in it.
func check(names []string, out []byte, err error) error {
	if err != nil {
		return err
	}
	for _, name := range names {
		if !bytes.Contains(out, []byte("\n--- PASS: "+name+" (")) {
			return fmt.Errorf("%s did not pass", name)
		}
	}
	return nil
}
