//go:build linux

package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// verifyAll does the run before each checkpoint of a store again, and compares: each has to
// lead into the next. There have to be at least n.
func verifyAll(t *testing.T, store string, n int) {
	t.Helper()
	names := checkpointNames(t, store)
	if len(names) < n {
		t.Fatalf("only the checkpoints %v", names)
	}
	for _, k := range names[1:] {
		out, err := exec.Command("emurun", "verify", "--store", store, "--replay", k).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "into the state of "+k) {
			t.Errorf("%s: %v: %s", k, err, out)
		}
	}
	t.Logf("%d checkpoints lead into each other", len(names))
}

// A run with input that comes late, signals, sleeps and real time, checkpointed all the time, is
// done again from each checkpoint to the next.
func TestVerifyReplay(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	cmd := exec.Command("emurun", "--job", "j", "--store", store, "--checkpoint-every", "200k-steps", "--keep", "1000", "--discard", "bash", "-c",
		`trap 'echo usr1' USR1; trap 'echo term' TERM; echo ready; while read -t 5 x; do echo "got $x $RANDOM"; sleep 0.02; date +%N >/dev/null; done; echo end`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	s := &session{t: t, from: out}
	s.expect("ready\n")
	_, _ = io.WriteString(in, "one\n")
	s.expect("got one")
	_ = cmd.Process.Signal(syscall.SIGUSR1)
	s.expect("usr1\n")
	_, _ = io.WriteString(in, "two\nthr")
	s.expect("got two")
	time.Sleep(50 * time.Millisecond)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	s.expect("term\n")
	_, _ = io.WriteString(in, "ee\n")
	s.expect("got three")
	_ = in.Close()
	s.expect("end\n")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	verifyAll(t, store, 8)
}

// A session on a terminal that is killed, goes on upon another terminal and ends without one is
// done again from each checkpoint to the next, those of the other terminals too.
func TestVerifyReplayTerminal(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	flags := []string{"--store", store, "--checkpoint-every", "50k-steps", "--keep", "1000", "--discard"}
	master, slave := openTerminal(t)
	first := onTerminal(t, slave, append(append([]string{"--job", "j"}, flags...), "sh", "-c",
		`trap 'echo winch $(stty size)' WINCH; trap 'echo int' INT; stty -ixon; echo ready $(stty size)
		while :; do if read x; then echo "got $x"; [ "$x" = freeze ] && echo now >/proc/self/checkpoint; [ "$x" = quit ] && exit 5; fi; done`)...)
	s := &session{t: t, from: master}
	s.expect("ready 24 80\n")
	_, _ = io.WriteString(master, "one\r")
	s.expect("got one\n")
	resize(t, master, 50, 132)
	s.expect("winch 50 132\n")
	_, _ = io.WriteString(master, "\x03")
	s.expect("int\n")
	_, _ = io.WriteString(master, "freeze\r")
	s.expect("got freeze\n")
	_, _ = io.WriteString(master, "one\r")
	s.expect("got one\n")
	for range 500 { // the guest goes on while it is stored
		if exec.Command("emurun", "hash", "--store", store, "--checkpoint", "now").Run() == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = first.Process.Kill()
	_ = first.Wait() // killed

	master, slave = openTerminal(t)
	resize(t, master, 30, 100)
	second := onTerminal(t, slave, append(append([]string{"resume"}, flags...), "now")...)
	s = &session{t: t, from: master}
	s.expect("winch 30 100\n")
	_, _ = io.WriteString(master, "two\r")
	s.expect("got two\n")
	_, _ = io.WriteString(master, "quit\r")
	if err := second.Wait(); second.ProcessState.ExitCode() != 5 {
		t.Errorf("it ended with %v", err)
	}
	verifyAll(t, store, 10)
}
