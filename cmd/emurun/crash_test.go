//go:build linux

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"emurun/checkpoint"
	"emurun/internal/control"
	"emurun/internal/crashpoint"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/vfs/hostfs"
)

// crashJob is the job of the crash tests.
const crashJob = "crash"

// crashGuest builds the guest of the crash tests.
var crashGuest = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "crashguest")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "guest")
	cmd := exec.Command("go", "build", "-o", path, "./testdata/crashguest")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// scene is a job that is started, killed and resumed, and all that it has on the host.
type scene struct {
	t      *testing.T
	guest  string
	base   string
	rounds int
	store  string   // where its checkpoints are
	job    string   // its name
	env    []string // more for the next life
	newer  uint64   // the newest checkpoint when ref was chosen
	ref    string   // the checkpoint from which the next life goes on; the newest for ""
	told   []string // what happened to the job
	back   bool     // the host's files may be those of another checkpoint than the newest
	began  bool     // it has a checkpoint
	seq    uint64   // of the newest checkpoint that is known to be committed
	step   uint64   // of that one
}

// newScene sets up a job that has not begun.
func newScene(t *testing.T, rounds int) *scene {
	t.Helper()
	guest, err := crashGuest()
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, guest: guest, rounds: rounds}
	s.reset()
	return s
}

// reset begins another job.
func (s *scene) reset() {
	s.t.Helper()
	if s.base != "" {
		_ = os.RemoveAll(s.base)
	}
	base, err := os.MkdirTemp(s.t.TempDir(), "scene")
	if err != nil {
		s.t.Fatal(err)
	}
	s.base, s.store, s.job, s.began, s.seq, s.step = base, filepath.Join(base, "store"), crashJob, false, 0, 0
	s.ref, s.back, s.told = "", false, nil
	for _, d := range []string{"work/dir", "state"} {
		if err := os.MkdirAll(s.path(d), 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	r := rand.New(rand.NewSource(7))
	for i, name := range []string{"old", "cut", "doomed", "dir/inner"} {
		p := make([]byte, 30000/(i+1))
		r.Read(p)
		write(s.t, s.path("work/"+name), string(p))
		if err := os.Chtimes(s.path("work/"+name), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *scene) path(name string) string { return filepath.Join(s.base, name) }

// command returns emurun in the job's place. Its standard output goes on in the job's file.
func (s *scene) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("emurun", args...)
	cmd.Dir = s.path("work")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+s.path("state"), "EMURUN_STORE="+s.store)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// start starts the job, or resumes it where it has a checkpoint.
func (s *scene) start(env []string, flags ...string) (*exec.Cmd, *bytes.Buffer) {
	s.t.Helper()
	args := []string{"resume"}
	mode := os.O_RDWR | os.O_CREATE
	if !s.began {
		args = []string{"--job", s.job, "--clear-env", "--seed", "1", "--epoch", "2024-01-01T00:00:00Z"}
		mode |= os.O_TRUNC
	}
	args = append(args, flags...)
	if s.began {
		args = append(args, cmp.Or(s.ref, s.job))
	} else {
		args = append(args, s.guest, strconv.Itoa(s.rounds))
	}
	out, err := os.OpenFile(s.path("out"), mode, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close()
	cmd := s.command(env, args...)
	stderr := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, stderr
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return cmd, stderr
}

// result is how a process ended.
type result struct {
	killed bool
	code   int
	stderr string
}

// wait waits for a process, at most as long as nothing here should take.
func (s *scene) wait(cmd *exec.Cmd, stderr *bytes.Buffer) result {
	s.t.Helper()
	hangs := time.AfterFunc(2*time.Minute, func() {
		s.t.Error("a process hangs")
		_ = cmd.Process.Kill()
	})
	defer hangs.Stop()
	_ = cmd.Wait() // the state says how
	return result{!cmd.ProcessState.Exited(), cmd.ProcessState.ExitCode(), stderr.String()}
}

// life runs the job until it ends or is killed: at the crash point at, and after a time, if
// they are given. Checkpoints that it committed are known after that.
func (s *scene) life(at string, after time.Duration, flags ...string) result {
	s.t.Helper()
	log := s.path("points")
	_ = os.Remove(log)
	env := append(s.env, crashpoint.EnvLog+"="+log)
	if at != "" {
		env = append(env, crashpoint.EnvAt+"="+at)
	}
	cmd, stderr := s.start(env, flags...)
	answers := make(chan uint64, 1)
	go func() { answers <- s.ask(after > 0) }()
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	r := s.wait(cmd, stderr)
	s.step = max(s.step, <-answers)
	s.seq += uint64(strings.Count(s.log(), checkpoint.Committed+"\n"))
	return r
}

// log returns the crash points that the last life came to.
func (s *scene) log() string {
	p, err := os.ReadFile(s.path("points"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Error(err)
	}
	return string(p)
}

// ask asks the job for a checkpoint, as emurun freeze does, if it should and somebody is there, and
// returns the step of the one that it was promised.
func (s *scene) ask(should bool) uint64 {
	if !should {
		return 0
	}
	time.Sleep(50 * time.Millisecond)
	r, err := control.Call(s.store, s.job, control.Request{Do: "freeze"})
	if err != nil {
		return 0 // it has ended, or was killed before it answered
	}
	return r.Step
}

// newest returns the newest checkpoint of the job; false if there is none.
func (s *scene) newest() (snapshot.Checkpoint, bool) {
	s.t.Helper()
	store, err := dirstore.Open(s.store)
	if err != nil {
		s.t.Fatalf("the store does not open: %v", err)
	}
	defer store.Close()
	k, err := snapshot.Find(store, s.job)
	if err != nil && !errors.Is(err, snapshot.ErrNotFound) {
		s.t.Fatal(err)
	}
	return k, err == nil
}

// check looks at what a kill has left.
func (s *scene) check() {
	s.t.Helper()
	if _, err := os.Stat(s.store); err == nil {
		if out, err := s.command(nil, "verify").CombinedOutput(); err != nil {
			s.t.Fatalf("emurun verify: %v\n%s", err, out)
		}
	}
	k, ok := s.newest()
	s.began = ok
	switch {
	case !ok && s.seq > 0:
		s.t.Fatalf("checkpoint %d is lost, there is none", s.seq)
	case ok && (k.Seq < s.seq || k.Step < s.step):
		s.t.Fatalf("the newest checkpoint is %d at step %d; the run had committed %d, and one at step %d", k.Seq, k.Step, s.seq, s.step)
	case ok && k.Seq > s.seq+1:
		s.t.Fatalf("the newest checkpoint is %d; the run had committed %d", k.Seq, s.seq)
	case ok:
		s.seq, s.step = k.Seq, k.Step
	}
}

// recover completes what the kill cut off, as the next start does, and compares the host's files
// with those of the newest checkpoint, or those from before the job.
func (s *scene) recover(before map[string]string) {
	s.t.Helper()
	if _, err := hostfs.Recover(s.path("state/emurun"), checkpointIsThere); err != nil {
		s.t.Fatal(err)
	}
	want := before
	if s.began {
		if now, seen := s.frozenFiles(s.applied()); seen {
			want = now
		}
	}
	if d := gocmp.Diff(want, s.files()); d != "" {
		s.t.Fatalf("the host's files are not those of checkpoint %d (-checkpoint +host):\n%s", s.seq, d)
	}
}

// applied returns the checkpoint that the host's files say they are. It is the newest but for a resume
// of an older one.
func (s *scene) applied() snapshot.Checkpoint {
	s.t.Helper()
	newest, _ := s.newest()
	name, err := hostfs.Applied(s.path("state/emurun"), s.store, s.job)
	if err != nil {
		s.t.Fatal(err)
	}
	if name == newest.ID.String() {
		s.back = false
		return newest
	}
	if !s.back {
		s.t.Fatalf("the host's files are those of checkpoint %q, not of the newest, %v", name, newest.ID)
	}
	store, err := dirstore.Open(s.store)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	k, err := snapshot.Find(store, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

// goBack lets the next life go on from an older checkpoint, if there is one. Once a life has done so
// the next must too until a newer one is there: the output behind it is gone.
func (s *scene) goBack(r *rand.Rand) {
	s.t.Helper()
	newest, _ := s.newest()
	if s.ref != "" && newest.Seq == s.newer {
		s.step = 0
		return
	}
	s.ref = ""
	if _, soak := os.LookupEnv("SOAK"); !soak || !s.began || r.Intn(5) > 0 {
		return
	}
	store, err := dirstore.Open(s.store)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	all, err := snapshot.Checkpoints(store)
	if err != nil {
		s.t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(k snapshot.Checkpoint) bool { return k.Step >= newest.Step })
	if len(all) > 0 {
		s.ref, s.newer, s.back, s.step = all[r.Intn(len(all))].ID.String(), newest.Seq, true, 0
	}
}

// collect removes what no checkpoint needs, and is killed in it.
func (s *scene) collect(r *rand.Rand) {
	s.t.Helper()
	if !s.began || r.Intn(5) > 0 {
		return
	}
	out, err := s.command([]string{fmt.Sprintf("%s=*:%d", crashpoint.EnvAt, 1+r.Intn(12))}, "gc").CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		s.t.Fatalf("gc: %v\n%s", err, out)
	}
}

// crash kills the job cycles times, and checks what is left each time; where the points are named it
// dies at these, in turn.
func (s *scene) crash(r *rand.Rand, cycles int, points []string, want crashEnd, stats map[string]int) {
	s.t.Helper()
	for i := range cycles {
		at, after := "", time.Duration(0)
		switch i % 3 {
		case 0:
			at = fmt.Sprintf("%s:%d", points[r.Intn(len(points))], 1+r.Intn(4))
		case 1:
			at = fmt.Sprintf("*:%d", 1+r.Intn(400))
		case 2:
			after = time.Duration(1000+r.Intn(400_000)) * time.Microsecond
		}
		every := []string{"5ms", "20ms", "1M-steps", "7M-steps"}[r.Intn(4)]
		s.goBack(r)
		if s.ref != "" {
			stats["of an older checkpoint"]++
		}
		end := s.life(at, after, "--checkpoint-every", every)
		if k, ok := s.newest(); ok {
			s.told = append(s.told, fmt.Sprintf("killed %v at %q after %v, from %.6q: newest %d %v, step %d, %d bytes of output", end.killed, at, after, s.ref, k.Seq, k.ID, k.Step, len(text(s.t, s.path("out")))))
		}
		switch {
		case end.killed:
			stats["killed"]++
			stats["at "+s.lastPoint(at)]++
		case strings.Contains(end.stderr, "cannot be made those of"): // it had not read all that it has changed
			stats["cannot go back"]++
			s.ref = ""
			continue
		case end.code != 0 || strings.Contains(end.stderr, "warning"):
			out := text(s.t, s.path("out"))
			s.t.Fatalf("cycle %d, from checkpoint %q: status %d: %s\n%s", i, s.ref, end.code, end.stderr, out[max(len(out)-300, 0):])
		}
		s.collect(r)
		if i%2 == 0 || !end.killed { // otherwise the next start completes what was cut off, and dies too
			s.check()
			s.recover(want.before)
		} else {
			_, s.began = s.newest()
		}
		if !end.killed {
			stats["ended"]++
			s.same(want)
			s.reset()
		}
	}
	stats["checkpoints"] += int(s.seq)
}

// lastPoint is where the job was killed.
func (s *scene) lastPoint(at string) string {
	if at == "" {
		return "any instant"
	}
	list := strings.Fields(s.log())
	if len(list) == 0 {
		return "no point"
	}
	return list[len(list)-1]
}

// crashEnd is what an undisturbed run leaves.
type crashEnd struct {
	before, after map[string]string
	out           string
}

// undisturbed runs the guest without checkpoints.
func undisturbed(t *testing.T, rounds int) crashEnd {
	t.Helper()
	s := newScene(t, rounds)
	o := crashEnd{before: s.files()}
	cmd := s.command(nil, "--clear-env", "--seed", "1", "--epoch", "2024-01-01T00:00:00Z", s.guest, strconv.Itoa(rounds))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	p, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v: %s%s", err, p, &stderr)
	}
	o.out, o.after = string(p), s.files()
	return o
}

// same tests that the job ended as an undisturbed run.
func (s *scene) same(want crashEnd) {
	s.t.Helper()
	if d := gocmp.Diff(want.out, text(s.t, s.path("out"))); d != "" {
		s.t.Fatalf("%s\noutput (-undisturbed +resumed):\n%s", strings.Join(s.told, "\n"), d)
	}
	if d := gocmp.Diff(want.after, s.files()); d != "" {
		s.t.Fatalf("files (-undisturbed +resumed):\n%s", d)
	}
}

// crashPoints returns the names of all points that a run comes to.
func crashPoints(t *testing.T, rounds int) []string {
	t.Helper()
	s := newScene(t, rounds)
	if r := s.life("", 0, "--checkpoint-every", "3M-steps"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	return slices.Compact(slices.Sorted(slices.Values(strings.Fields(s.log()))))
}

// TestCrash kills runs with checkpoints at named points and at random instants, resumes them, which are
// killed too, and so on until they end. After each kill the store is sound and has all that was
// committed, and the host's files are those of the newest checkpoint; in the end output and
// files are those of a run that nobody disturbed. SOAK says how many times the usual number of kills.
func TestCrash(t *testing.T) {
	const rounds = 120
	cycles := 64
	if soak, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		cycles *= soak
	}
	want := undisturbed(t, rounds)
	points := crashPoints(t, rounds)
	t.Logf("points: %v", points)
	var mu sync.Mutex
	total := map[string]int{}
	const workers = 2
	t.Run("jobs", func(t *testing.T) {
		for w := range workers {
			t.Run(strconv.Itoa(w), func(t *testing.T) {
				t.Parallel()
				stats := map[string]int{}
				seed := time.Now().UnixNano()
				t.Logf("seed %d", seed)
				newScene(t, rounds).crash(rand.New(rand.NewSource(seed)), cycles/workers, points, want, stats)
				mu.Lock()
				defer mu.Unlock()
				for k, n := range stats {
					total[k] += n
				}
			})
		}
	})
	t.Logf("%v", total)
	if !t.Failed() && total["killed"] < cycles/2 {
		t.Errorf("only %d of %d runs were killed", total["killed"], cycles)
	}
}
