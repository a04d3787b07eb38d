//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// count is a program that prints numbers for a while, with its prologue for sh(1).
const count = `i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done`

func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strconv.Itoa(i) + "\n")
	}
	return b.String()
}

// killed starts a run with checkpoints and kills it when it has printed enough.
func killed(t *testing.T, store string, out *os.File, enough int64) {
	t.Helper()
	cmd := exec.Command("emurun", "--job", "count", "--store", store, "--checkpoint-every", "2M-steps", "--discard", "sh", "-c", count)
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		fi, err := out.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if fi.Size() > enough {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended before it was killed")
	}
}

func resume(t *testing.T, store string, out *os.File) {
	t.Helper()
	cmd := exec.Command("emurun", "resume", "--store", store, "--discard", "count")
	cmd.Stdout = out
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
}

// Output to a regular file is there exactly once after a crash; in another file it goes
// on where the checkpoint is.
func TestResumeFile(t *testing.T) {
	dir := t.TempDir()
	store, path := filepath.Join(dir, "store"), filepath.Join(dir, "out")
	out := create(t, path)
	killed(t, store, out, 20000)

	other := create(t, filepath.Join(dir, "other"))
	write(t, other.Name(), "a line that stays\n")
	if _, err := other.Seek(0, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	before := text(t, path)
	fork := filepath.Join(dir, "copy")
	if out, err := exec.Command("cp", "-a", store, fork).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	resume(t, fork, other)
	rest, ok := strings.CutPrefix(text(t, other.Name()), "a line that stays\n")
	if !ok || !strings.HasSuffix(numbers(20000), rest) || len(rest) < len(numbers(20000))-len(before) {
		t.Errorf("in another file it goes on with %.40q…", rest)
	}

	resume(t, store, out)
	if got := text(t, path); got != numbers(20000) {
		t.Errorf("%d bytes instead of %d after a crash at %d", len(got), len(numbers(20000)), len(before))
	}
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func text(t *testing.T, path string) string {
	t.Helper()
	p, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// onTerminal starts emurun on the host's side of a terminal.
func onTerminal(t *testing.T, slave *os.File, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("emurun", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// waitForCheckpoints waits until a store has n: the guest goes on while they are stored.
func waitForCheckpoints(t *testing.T, store string, n int) {
	t.Helper()
	var out []byte
	for range 500 {
		out, _ = exec.Command("emurun", "checkpoints", "--store", store, "--json").CombinedOutput() // until there is a store
		if strings.Count(string(out), `"hash"`) >= n {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no %d checkpoints: %s", n, out)
}

// A run on a terminal goes on upon another one, of another size, and then upon none.
func TestResumeTerminal(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	master, slave := openTerminal(t)
	first := onTerminal(t, slave, "--job", "tty", "--store", store, "--discard", "sh", "-c",
		`trap 'echo winch $(stty size)' WINCH; trap 'echo cont' CONT; stty -ixon; echo ready $(stty size)
		while read x; do echo "got $x"; [ "$x" = freeze ] && echo now >/proc/self/checkpoint; [ "$x" = quit ] && exit 5; done; stty -a | grep -o .ixon; echo end`)
	s := &session{t: t, from: master}
	s.expect("ready 24 80\n")
	_, _ = io.WriteString(master, "freeze\r")
	s.expect("got freeze\n")
	_, _ = io.WriteString(master, "one\r")
	s.expect("got one\n")
	waitForCheckpoints(t, store, 1)
	_ = first.Process.Kill()
	_ = first.Wait() // killed

	master, slave = openTerminal(t)
	resize(t, master, 30, 100)
	second := onTerminal(t, slave, "resume", "--store", store, "--discard", "tty")
	s = &session{t: t, from: master}
	s.expect("winch 30 100\n")
	_, _ = io.WriteString(master, "two\r")
	s.expect("got two\n")
	if out, err := exec.Command("stty", "-F", slave.Name(), "-a").Output(); err != nil || !strings.Contains(string(out), "-ixon") {
		t.Errorf("the terminal has not the guest's modes: %v, %s", err, out)
	}
	if strings.Contains(s.seen.String(), "one") {
		t.Errorf("what came after the checkpoint is there: %q", s.seen.String())
	}
	_, _ = io.WriteString(master, "freeze\r")
	s.expect("got freeze\n")
	_, _ = io.WriteString(master, "three\r")
	s.expect("got three\n")
	waitForCheckpoints(t, store, 2)
	_ = second.Process.Kill()
	_ = second.Wait() // killed

	third := exec.Command("emurun", "resume", "--store", store, "--discard", "tty")
	third.Stdin = strings.NewReader("four\n")
	out, err := third.CombinedOutput()
	if want := "got four\n-ixon\nend\n"; err != nil || string(out) != want {
		t.Errorf("without a terminal: %v, %q, want %q", err, out, want)
	}
}
