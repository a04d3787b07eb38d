package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "store what native runs print")

const (
	guestDir      = "../../testbins/bin"
	transcriptDir = "../../testbins/transcripts"
)

// guests returns the paths of the test guests, relative to guestDir.
func guests(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(guestDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if len(names) < 30 {
		t.Fatalf("only %d guests in %s", len(names), guestDir)
	}
	return names
}

// transcript runs a command in the guests' folder and returns its standard output and how
// it ended.
func transcript(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = guestDir
	cmd.Stdin = strings.NewReader("one line of input\n")
	cmd.Env = append(os.Environ(), "HOME=/home/guest", "LC_ALL=C")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "emurun:") || strings.Contains(stderr.String(), "panic:") {
		t.Errorf("stderr: %s", stderr.String())
	}
	return out.String() + ending(cmd.ProcessState)
}

// ending says how a process ended.
func ending(s *os.ProcessState) string {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("killed by signal %d\n", ws.Signal())
	}
	return fmt.Sprintf("exit status %d\n", s.ExitCode())
}

// TestTranscript runs every guest and compares what it prints with what it printed
// natively, which -update stores on an x86-64 Linux host.
func TestTranscript(t *testing.T) {
	for _, name := range guests(t) {
		t.Run(name, func(t *testing.T) {
			args := []string{}
			if name == "args" {
				args = []string{"one", "two words", ""}
			}
			file := filepath.Join(transcriptDir, name+".txt")
			if *update {
				storeTranscript(t, file, name, args)
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := transcript(t, "emurun", append([]string{"./" + name}, args...)...)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("native and emulated run differ (-native +emulated):\n%s", diff)
			}
		})
	}
}

func storeTranscript(t *testing.T, file, name string, args []string) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Fatal("-update needs an x86-64 Linux host")
	}
	native := transcript(t, "./"+name, args...)
	if err := os.MkdirAll(transcriptDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(native), 0o644); err != nil {
		t.Fatal(err)
	}
}
