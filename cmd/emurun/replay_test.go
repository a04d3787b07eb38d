package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ended is all that a user sees of a run.
type ended struct {
	Stdout, Stderr string
	Status         string // as the shell has it
	Stats          stats
}

// do runs a command line with some input and returns how it ended; a line on its
// stderr is its statistics.
func do(t *testing.T, dir string, stdin io.Reader, line ...string) ended {
	t.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Stdin = dir, stdin
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return splitStats(t, out.String(), stderr.String(), cmd.ProcessState.String())
}

// splitStats takes the statistics out of what a run printed on stderr.
func splitStats(t *testing.T, stdout, stderr, status string) ended {
	t.Helper()
	e := ended{Stdout: stdout, Status: status}
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, `{"steps":`) {
			e.Stderr += line
		} else if err := json.Unmarshal([]byte(line), &e.Stats); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	if e.Stats.Steps == 0 {
		t.Fatalf("no statistics in %q", stderr)
	}
	return e
}

// again replays a recording where nothing of the run is left, and compares.
func again(t *testing.T, want ended, emurun ...string) {
	t.Helper()
	got := do(t, t.TempDir(), nil, append(emurun, "--stats", "--json")...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the replay differs (-run +replay):\n%s", diff)
	}
}

// recorded are the programs that are recorded and run again: their input, and the command
// for sh(1), which finds data in the working directory.
var recorded = []struct{ name, needs, stdin, command string }{
	{"input through a pipe", "", "one\ntwo\n", "cat"},
	{"lines", "", "a b\nc d\n", `while read x y; do echo "$y $x"; done; echo end >&2; exit 3`},
	{"script on stdin", "bash", "echo $BASHPID $RANDOM; ls; cat data\n", "bash"},
	{"python", "python3", "1\n22\n333\n", `python3 -c 'import sys, time; [print(len(l), time.time()) for l in sys.stdin]'`},
	{"system files", "", "", "cat /etc/passwd data; ls /etc | head -20; wc -c data /nothing"},
	{"writes", "", "", "echo more >>data; mkdir d; mv data d/moved; cat d/moved; ls -l d | cut -c1-10"},
	{"a pipeline", "", "b\na\n", "sort | tr a-z A-Z | cat -n"},
	{"a closed pipe", "", "", "yes | head -3"},
	{"a timer", "", "", "timeout 2 sleep 100; echo $?"},
	{"a signal of its own", "", "", "kill -TERM $$"},
	{"threads", "python3", "", `python3 -c 'import threading, random; t=[threading.Thread(target=lambda: print(random.random())) for _ in range(3)]; [x.start() for x in t]; [x.join() for x in t]'`},
}

func TestRecordReplay(t *testing.T) {
	for _, tt := range recorded {
		t.Run(tt.name, func(t *testing.T) {
			if tt.needs != "" {
				if testing.Short() {
					t.Skip("SKIPPED: takes long")
				}
				if _, err := exec.LookPath(tt.needs); err != nil {
					t.Skipf("SKIPPED: %s is not installed", tt.needs)
				}
			}
			dir, rec := t.TempDir(), filepath.Join(t.TempDir(), "run.rec")
			data := filepath.Join(dir, "data")
			write(t, data, "some data\nof the run\n")
			want := do(t, dir, strings.NewReader(tt.stdin), "emurun", "record", "-o", rec, "--stats", "--json", "sh", "-c", tt.command)
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			again(t, want, "emurun", "replay", rec)
		})
	}
}

// Guests of all kinds, their originals changed before the replay.
func TestReplayGuests(t *testing.T) {
	for _, g := range guests(t) {
		if testing.Short() && g != "hello" && g != "files" && g != "cat" {
			continue
		}
		if g == "loop" || g == "bench" {
			continue // long, and they see nothing
		}
		dir, rec := t.TempDir(), filepath.Join(t.TempDir(), "run.rec")
		program, err := os.ReadFile(filepath.Join(guestDir, g))
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(dir, g)
		if err := os.WriteFile(copied, program, 0o755); err != nil {
			t.Fatal(err)
		}
		want := do(t, dir, strings.NewReader("one line of input\n"), "emurun", "record", "-o", rec, "--stats", "--json", copied)
		write(t, copied, "something else")
		t.Log(g)
		again(t, want, "emurun", "replay", rec)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A replay stops at any step, and is there in the state in which the run was.
func TestReplayUntil(t *testing.T) {
	rec := filepath.Join(t.TempDir(), "run.rec")
	line := []string{"sh", "-c", "cat; echo done"}
	whole := do(t, guestDir, strings.NewReader("text\n"), append([]string{"emurun", "record", "-o", rec, "--stats", "--json", "--seed", "5", "--epoch", "1"}, line...)...)
	for _, part := range []uint64{10, 3, 2} {
		until := whole.Stats.Steps / part * (part - 1)
		n := jsonNumber(until)
		want := do(t, guestDir, strings.NewReader("text\n"), append([]string{"emurun", "record", "-o", rec + ".part", "--stats", "--json", "--seed", "5", "--epoch", "1", "--max-steps", n}, line...)...)
		got := do(t, t.TempDir(), nil, "emurun", "replay", rec, "--until", n, "--stats", "--json")
		if got.Stats.Steps != until || got.Stats.Hash != wantHash(want) || got.Status != "exit status 0" {
			t.Errorf("until %d: step %d, %s, state %s, want %s", until, got.Stats.Steps, got.Status, got.Stats.Hash, wantHash(want))
		}
	}
}

func wantHash(e ended) string { return e.Stats.Hash }

func jsonNumber(n uint64) string {
	p, _ := json.Marshal(n) // numbers always encode
	return string(p)
}

// What enters in real time is replayed: a read that waits, a signal to emurun.
func TestReplayRealTime(t *testing.T) {
	rec := filepath.Join(t.TempDir(), "run.rec")
	cmd := exec.Command("emurun", "record", "-o", rec, "--stats", "--json", "sh", "-c",
		`trap 'echo usr1 $(date +%N)' USR1; trap 'echo term; exit 7' TERM; echo ready; while :; do read x && echo "got $x"; done`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, from: out}
	s.expect("ready\n")
	time.Sleep(50 * time.Millisecond)
	_, _ = io.WriteString(in, "hello\n")
	s.expect("got hello\n")
	_ = cmd.Process.Signal(syscall.SIGUSR1)
	s.expect("usr1 ")
	_, _ = io.WriteString(in, "again\n")
	s.expect("got again\n")
	_ = cmd.Process.Signal(syscall.SIGTERM)
	s.expect("term\n")
	all := s.rest()
	_ = cmd.Wait() // the status is compared
	want := splitStats(t, all, stderr.String(), cmd.ProcessState.String())
	if want.Status != "exit status 7" || want.Stats.Inputs < 4 {
		t.Errorf("%s with %d inputs", want.Status, want.Stats.Inputs)
	}
	again(t, want, "emurun", "replay", rec)
}

// session is what a program has printed so far.
type session struct {
	t     *testing.T
	from  io.Reader
	seen  bytes.Buffer
	done  int         // how much of seen was expected
	parts chan []byte // what was read; closed at the end
}

// patience is how long a session waits for something to come.
const patience = 60 * time.Second

// read reads all there is into parts.
func (s *session) read() {
	defer close(s.parts)
	for {
		b := make([]byte, 4096)
		n, err := s.from.Read(b)
		s.parts <- b[:n]
		if err != nil {
			return
		}
	}
}

// expect waits until text has come, behind what was expected before.
func (s *session) expect(text string) {
	s.t.Helper()
	if s.parts == nil {
		s.parts = make(chan []byte, 1000)
		go s.read()
	}
	late := time.After(patience)
	for {
		if i := strings.Index(s.seen.String()[s.done:], text); i >= 0 {
			s.done += i + len(text)
			return
		}
		select {
		case b, ok := <-s.parts:
			if s.seen.Write(b); !ok {
				s.t.Fatalf("%q did not come before the end, only %q", text, s.seen.String()[s.done:])
			}
		case <-late:
			s.t.Fatalf("%q did not come, only %q", text, s.seen.String()[s.done:])
		}
	}
}

// rest returns all that has come when the program has ended.
func (s *session) rest() string {
	for b := range s.parts {
		s.seen.Write(b)
	}
	return s.seen.String()
}

// A recording whose emurun is killed replays up to there, and says so.
func TestReplayCut(t *testing.T) {
	rec := filepath.Join(t.TempDir(), "run.rec")
	cmd := exec.Command("emurun", "record", "-o", rec, "sh", "-c", "cat /etc/passwd; echo begun; while read x; do echo got $x; done")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, from: out}
	s.expect("begun\n")
	for range 20 {
		_, _ = io.WriteString(in, "x\n")
		s.expect("got x\n")
	}
	time.Sleep(time.Second)
	_, _ = io.WriteString(in, "x\n")
	s.expect("got x\n")
	time.Sleep(50 * time.Millisecond) // it waits again, and has written down that it does
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
	replay := exec.Command("emurun", "replay", rec)
	var stdout, stderr bytes.Buffer
	replay.Stdout, replay.Stderr = &stdout, &stderr
	if err := replay.Run(); err == nil {
		t.Error("the replay of a recording that was cut off succeeds")
	}
	if !strings.Contains(stderr.String(), "cut off here") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("stderr is %q", stderr.String())
	}
	if got := stdout.String(); !strings.HasPrefix(s.seen.String(), got) || strings.Count(got, "got x\n") < 19 {
		t.Errorf("it printed %q of %q", got, s.seen.String())
	}
}

// A damaged recording is refused, and the damage named.
func TestReplayDamaged(t *testing.T) {
	rec := filepath.Join(t.TempDir(), "run.rec")
	do(t, guestDir, nil, "emurun", "record", "-o", rec, "--stats", "--json", "./hello")
	p, err := os.ReadFile(rec)
	if err != nil {
		t.Fatal(err)
	}
	p[len(p)/2] ^= 4
	write(t, rec, string(p))
	out, err := exec.Command("emurun", "replay", rec).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "frame ") || !strings.Contains(string(out), "its hash differs") {
		t.Errorf("%v: %q", err, out)
	}
}

// Recordings made here replay on other architectures, without anything of this host.
func TestReplayCross(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes long")
	}
	rec := filepath.Join(t.TempDir(), "run.rec")
	want := do(t, guestDir, strings.NewReader("b\na\n"), "emurun", "record", "-o", rec, "--stats", "--json", "sh", "-c", "sort; head -3 /etc/passwd; date +%s%N >/dev/null; exit 4")
	for _, arch := range crossArchs {
		t.Run(arch.goarch, func(t *testing.T) {
			qemu, bin := crossBuild(t, arch)
			again(t, want, qemu, bin, "replay", rec)
		})
	}
}
