package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// debianCommand is a shell command that runs natively and under emurun.
type debianCommand struct{ needs, command string }

// readCommands reads testdata/debian.txt: "PROGRAMS: COMMAND" a line, where
// PROGRAMS, separated by commas, have to be installed.
func readCommands(t *testing.T) []debianCommand {
	t.Helper()
	text, err := os.ReadFile("testdata/debian.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []debianCommand
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		needs, command, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("bad line %q", line)
		}
		list = append(list, debianCommand{needs, command})
	}
	return list
}

// TestDebian runs unmodified programs of the host natively and under emurun:
// standard output, exit status and the files they leave have to be equal.
func TestDebian(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes long")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: the host cannot run x86-64 Linux programs to compare with")
	}
	for i, c := range readCommands(t) {
		name, _, _ := strings.Cut(c.needs, ",")
		t.Run(fmt.Sprintf("%03d-%s", i, filepath.Base(name)), func(t *testing.T) {
			for prog := range strings.SplitSeq(c.needs, ",") {
				if _, err := exec.LookPath(prog); err != nil {
					t.Skipf("SKIPPED: %s is not installed", prog)
				}
			}
			// One folder after the other under the same name, which output may show.
			dir := filepath.Join(t.TempDir(), "work")
			want := runIn(t, dir, "bash", "-c", c.command)
			got := runIn(t, dir, "emurun", "bash", "-c", c.command)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nnative and emulated run differ (-native +emulated):\n%s", c.command, diff)
			}
		})
	}
}

// runIn runs a command in a new folder, which it removes again, and returns its output,
// its end and a description of the files it left.
func runIn(t *testing.T, dir string, args ...string) map[string]string {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "HOME="+dir, "XDG_STATE_HOME="+filepath.Dir(dir), "PYTHONHASHSEED=0", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@x", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@x")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if s := stderr.String(); strings.Contains(s, "emurun:") || strings.Contains(s, "panic:") {
		t.Errorf("stderr: %s", s)
	}
	result := map[string]string{"stdout": out.String(), "ending": ending(cmd.ProcessState)}
	describe(t, dir, result)
	return result
}

// describe adds the files below dir: type, permissions, and content or target.
func describe(t *testing.T, dir string, into map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String() + " "
		switch {
		case info.Mode().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += string(b)
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			text += target
		}
		rel, _ := filepath.Rel(dir, path)
		into["file "+rel] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
