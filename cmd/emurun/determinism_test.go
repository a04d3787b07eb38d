package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/machine"
)

// outcome is what has to be the same in two runs.
type outcome struct {
	Stdout string
	Stats  stats
}

// runStats runs a command under emurun with a fixed seed and epoch.
func runStats(t *testing.T, emurun []string, args ...string) outcome {
	t.Helper()
	flags := []string{"--discard", "--seed", "42", "--epoch", "2026-01-01", "--memory", "1G", "--stats", "--json",
		"--clear-env", "--env", "PATH=" + machine.DefaultPath, "--env", "HOME=/home/guest",
		// A clone of this project may lie in /tmp itself.
		"--volume", ownTmp(t) + ":/tmp", "--volume", guestDir + ":/mnt", "--workdir", "/mnt"}
	line := append(append(append([]string{}, emurun...), flags...), args...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = guestDir
	cmd.Stdin = nil
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	_ = cmd.Run() // the status is in the stats
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	var s stats
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &s); err != nil {
		t.Fatalf("%s: no stats in %q: %v", strings.Join(line, " "), stderr.String(), err)
	}
	return outcome{out.String(), s}
}

// ownTmp makes a folder to be /tmp: the host's changes while the tests run, and programs see that.
func ownTmp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	then := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := errors.Join(os.Chmod(dir, 0o777|os.ModeSticky), os.Chtimes(dir, then, then)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// burden keeps every processor of the host busy until the test ends.
func burden(t *testing.T) {
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	for range runtime.NumCPU() {
		go func() {
			for x := uint64(1); ; x = x*6364136223846793005 + 1 {
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
}

// deterministic are Debian programs that are run twice: processes, threads,
// randomness, time.
var deterministic = [][]string{
	{"bash", "-c", "for i in 1 2 3; do echo $RANDOM $(date +%N) & done; wait; ls /proc | head -50"},
	{"/usr/bin/python3", "-c", "import random, time, threading, uuid; ts=[threading.Thread(target=lambda: print(random.random(), time.time())) for _ in range(4)]; [t.start() for t in ts]; [t.join() for t in ts]; print(uuid.uuid4(), hash('x'), id(ts))"},
	{"perl", "-e", "print rand(), ' ', time(), ' ', $$, qq(\\n); if (fork() == 0) { print rand(), qq(\\n); exit } wait"},
	{"sh", "-c", "head -c 100000 /dev/urandom | gzip -c | sha256sum"},
}

// TestDeterminism runs each guest and some Debian programs twice, once on a busy
// host: output, steps and state hash have to be equal.
func TestDeterminism(t *testing.T) {
	var commands [][]string
	for _, g := range guests(t) {
		if !testing.Short() || g != "loop" && g != "gohello" {
			commands = append(commands, []string{"./" + g})
		}
	}
	for _, c := range deterministic {
		if testing.Short() {
			break
		}
		if _, err := exec.LookPath(c[0]); err != nil {
			t.Logf("SKIPPED: %s is not installed", c[0])
			continue
		}
		commands = append(commands, c)
	}
	quiet := make([]outcome, len(commands))
	for i, c := range commands {
		quiet[i] = runStats(t, []string{"emurun"}, c...)
		if quiet[i].Stats.Steps == 0 {
			t.Errorf("%v: no steps", c)
		}
	}
	burden(t)
	for i, c := range commands {
		if diff := cmp.Diff(quiet[i], runStats(t, []string{"emurun"}, c...)); diff != "" {
			t.Errorf("%v: two runs differ (-quiet +busy):\n%s", c, diff)
		}
	}
}

// TestSeed shows that the seed and the epoch matter: what is equal above is not
// equal because nothing is random.
func TestSeed(t *testing.T) {
	run := func(flags ...string) string {
		cmd := exec.Command("emurun", append(flags, "bash", "-c", "echo $(head -c 8 /dev/urandom | od -An -tx1) $(date)")...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	a, b, c := run("--seed", "1", "--epoch", "0"), run("--seed", "2", "--epoch", "0"), run("--seed", "1", "--epoch", "86400")
	if a == b {
		t.Errorf("seeds 1 and 2 both give %q", a)
	}
	if a == c {
		t.Errorf("two epochs give %q", a)
	}
}

// TestWatching shows that looking at a run does not change it.
func TestWatching(t *testing.T) {
	for _, g := range []string{"tsc", "signals", "threads"} {
		want := runStats(t, []string{"emurun"}, "./"+g)
		for _, flag := range []string{"--strace=" + filepath.Join(t.TempDir(), "s"), "--trace=" + filepath.Join(t.TempDir(), "t")} {
			if diff := cmp.Diff(want, runStats(t, []string{"emurun", flag}, "./"+g)); diff != "" {
				t.Errorf("%s with %s differs (-plain +watched):\n%s", g, flag, diff)
			}
		}
		for _, mode := range []string{"full", "hash"} {
			trace := []string{"emurun", "trace", "-o", filepath.Join(t.TempDir(), "t"), "--mode", mode, "--state-every", "5000"}
			if diff := cmp.Diff(want, runStats(t, trace, "./"+g)); diff != "" {
				t.Errorf("%s with a trace in the mode %s differs (-plain +traced):\n%s", g, mode, diff)
			}
		}
	}
}
