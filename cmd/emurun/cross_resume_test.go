package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/machine"
)

// crossProgram is a program whose checkpoints travel.
type crossProgram struct {
	argv  []string
	every int // steps between two checkpoints
}

// crossPrograms wait in all ways there are, and have all kinds of state.
var crossPrograms = []crossProgram{
	{[]string{"./threads"}, 50_000}, {[]string{"./pipes"}, 5_000}, {[]string{"./signals"}, 3_000},
	{[]string{"./epolls"}, 5_000}, {[]string{"./sse"}, 5_000}, {[]string{"./x87"}, 300_000}, {[]string{"./mappings"}, 5_000},
	{[]string{"./timers"}, 3_000}, {[]string{"./frozen"}, 20_000}, {[]string{"./futexes"}, 5_000}, {[]string{"./sockets"}, 5_000}, {[]string{"./smc"}, 500},
	{[]string{"/bin/bash", "-c", "for i in 1 2 3; do echo $i; done | while read x; do echo got $x $RANDOM; done | sort -r; (sleep 0.1; echo late) & wait"}, 500_000},
}

// crossSoak are added with SOAK: under qemu-user they take long.
var crossSoak = []crossProgram{
	{[]string{"./gohello"}, 100_000}, {[]string{"./waits"}, 2_000}, {[]string{"./shm"}, 2_000}, {[]string{"./locks"}, 2_000},
	{[]string{"./execs"}, 20_000}, {[]string{"./restart"}, 2_000}, {[]string{"./sigqueues"}, 2_000}, {[]string{"./files"}, 2_000},
	{[]string{"/usr/bin/python3", "-S", "-c", "import threading\nts = [threading.Thread(target=lambda i=i: print(i * 1.5 ** 0.5)) for i in range(4)]\nfor t in ts: t.start()\nfor t in ts: t.join()"}, 10_000_000},
}

// crossResume runs programs with checkpoints here and goes on there from some of them, and the other
// way round: output, status and the hash of the final state have to be those of the run that was
// not broken. seed says from which, and which programs go which way. With SOAK=n all go both ways, from n
// checkpoints, and there are more.
func crossResume(t *testing.T, there []string, seed uint64) {
	here := []string{"emurun"}
	programs, points, both := crossPrograms, 1, false
	if n, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		programs, points, both = slices.Concat(programs, crossSoak), n, true
	}
	resumed := 0
	for i, p := range programs {
		if _, err := os.Stat(filepath.Join(guestDir, p.argv[0])); err != nil {
			if _, err := os.Stat(p.argv[0]); err != nil {
				t.Logf("SKIPPED: %v", err)
				continue
			}
		}
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		odd := (uint64(i)+seed)%2 == 1
		if both || !odd {
			resumed += newJourney(t, p, here).goOn(t, there, points, rng)
		}
		if both || odd {
			resumed += newJourney(t, p, there).goOn(t, here, (points+1)/2, rng)
		}
	}
	t.Logf("%d programs went on from %d checkpoints", len(programs), resumed)
}

// journey is a run that was not broken, and its checkpoints.
type journey struct {
	program     crossProgram
	store       string
	out, status string
	state       string // of its end
	checkpoints []string
}

// newJourney runs a program with emurun.
func newJourney(t *testing.T, p crossProgram, emurun []string) *journey {
	t.Helper()
	j := &journey{program: p, store: filepath.Join(t.TempDir(), "store")}
	args := []string{
		"--store", j.store, "--job", "j", "--checkpoint-every", fmt.Sprintf("%d-steps", p.every), "--keep", "100000", "--discard",
		"--seed", "42", "--epoch", "2026-01-01", "--memory", "1G", "--clear-env", "--env", "PATH=" + machine.DefaultPath,
	}
	j.out, j.status = crossRun(t, guestDir, emurun, append(args, p.argv...)...)
	j.state = finalState(t, j.store)
	j.checkpoints = checkpointNames(t, j.store)
	if len(j.checkpoints) < 3 {
		t.Fatalf("%s: only the checkpoints %v", p.argv, j.checkpoints)
	}
	return j
}

// goOn goes on with another emurun from n checkpoints, and returns from how many.
func (j *journey) goOn(t *testing.T, emurun []string, n int, rng *rand.Rand) int {
	t.Helper()
	list := j.checkpoints[:len(j.checkpoints)-1] // the last is the end
	n = min(n, len(list))
	for _, i := range rng.Perm(len(list))[:n] {
		at := list[i]
		store := filepath.Join(t.TempDir(), "store")
		if err := os.CopyFS(store, os.DirFS(j.store)); err != nil {
			t.Fatal(err)
		}
		out, status := crossRun(t, guestDir, emurun, "resume", "--store", store, "--discard", at)
		if status != j.status || !strings.HasSuffix(j.out, out) {
			t.Errorf("%s from %s by %s: %s and\n%s\nwant %s and the end of\n%s", j.program.argv, at, emurun[len(emurun)-1], status, out, j.status, j.out)
		}
		if state := finalState(t, store); state != j.state {
			t.Errorf("%s from %s by %s ends at %s, want %s", j.program.argv, at, emurun[len(emurun)-1], state, j.state)
		}
	}
	return n
}

// crossRun runs emurun in dir, and returns its standard output and how it ended.
func crossRun(t *testing.T, dir string, emurun []string, args ...string) (out, status string) {
	t.Helper()
	line := append(append([]string{}, emurun...), args...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // how it ended is compared
	if s := stderr.String(); strings.Contains(s, "emurun:") || strings.Contains(s, "panic:") {
		t.Errorf("%s: %s", strings.Join(line, " "), s)
	}
	return stdout.String(), ending(cmd.ProcessState)
}

// finalState returns step and state hash of the newest checkpoint in a store.
func finalState(t *testing.T, store string) string {
	t.Helper()
	out, err := exec.Command("emurun", "hash", "--store", store, "--checkpoint", "j").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// checkpointNames returns the names of the checkpoints in a store, the oldest first.
func checkpointNames(t *testing.T, store string) (names []string) {
	t.Helper()
	out, err := exec.Command("emurun", "checkpoints", "--store", store, "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Name string }
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i := range list {
		names = append(names, list[len(list)-1-i].Name)
	}
	return names
}

// filesScript makes, changes, renames and deletes files all the time.
const filesScript = `mkdir d; for i in 1 2 3 4 5 6 7 8 9; do
echo $i $RANDOM >> d/all; echo $i > d/$i; mv d/$i d/new; ln -f d/new link$i; rm -f link$((i - 2)); chmod 6$i$((i % 8)) d/all 2>/dev/null; done; cat d/all`

// crossFiles stops a run that writes files on one architecture and goes on with it on the other: the
// host's files have to be those of a run that was not broken.
func crossFiles(t *testing.T, there []string) {
	here := []string{"emurun"}
	flags := []string{"--seed", "7", "--epoch", "2026-01-01", "--memory", "1G", "--clear-env", "--env", "PATH=" + machine.DefaultPath}
	script := []string{"/bin/bash", "-c", filesScript}
	want := t.TempDir()
	wantOut, wantStatus := crossRun(t, want, here, append(flags, script...)...)
	for name, x := range map[string]struct{ from, to []string }{"from here": {here, there}, "from there": {there, here}} {
		dir, store := t.TempDir(), filepath.Join(t.TempDir(), "store")
		first := append(append([]string{}, x.from...), "--store", store, "--job", "j", "--checkpoint-every", "700000-steps", "--max-steps", "3000000")
		cmd := exec.Command(first[0], append(append(first[1:], flags...), script...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), machine.ErrMaxSteps.Error()) {
			t.Fatalf("%s: it was to be stopped: %v, %s", name, err, out)
		}
		out, status := crossRun(t, dir, x.to, "resume", "--store", store, "j")
		if status != wantStatus || !strings.HasSuffix(wantOut, out) {
			t.Errorf("%s: %s and %q, want %s and %q", name, status, out, wantStatus, wantOut)
		}
		if diff := cmp.Diff(tree(t, want), tree(t, dir)); diff != "" {
			t.Errorf("%s: the files differ (-unbroken +resumed):\n%s", name, diff)
		}
	}
}

// tree describes the files below dir: modes, numbers of links, contents.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.Walk(dir, func(path string, fi os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		text := fi.Mode().String()
		if fi.Mode().IsRegular() {
			p, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += " " + string(p)
		}
		files[strings.TrimPrefix(path, dir)] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
