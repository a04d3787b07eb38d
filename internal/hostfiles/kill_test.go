package hostfiles

import (
	"bufio"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/internal/crashpoint"
	"emurun/vfs/hostfs"
)

// killEnv names the directory in which a child of TestKill works.
const killEnv = "EMURUN_TEST_KILL"

// killSteps is how many checkpoints a child of TestKill takes at most.
const killSteps = 60

// TestMain is the child of TestKill, if the environment says so.
func TestMain(m *testing.M) {
	base := os.Getenv(killEnv)
	if base == "" {
		os.Exit(m.Run())
	}
	if err := child(base); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// manifests is a store: a file for each checkpoint.
type manifests string

func (m manifests) path(name string) string { return filepath.Join(string(m), name) }

// commit makes a checkpoint durable.
func (m manifests) commit(name string) error {
	if err := crashpoint.Reach("manifest.write"); err != nil {
		return err
	}
	if err := os.WriteFile(m.path("new"), nil, 0o600); err != nil {
		return err
	}
	if err := crashpoint.Reach("manifest.rename"); err != nil {
		return err
	}
	return os.Rename(m.path("new"), m.path(name))
}

// has reports whether a checkpoint is there.
func (m manifests) has(o hostfs.Owner) (bool, error) {
	_, err := os.Stat(m.path(o.Name))
	return err == nil, nil
}

// last is the newest checkpoint, as a number; 0 for none.
func (m manifests) last() int {
	for i := killSteps; i > 0; i-- {
		if ok, _ := m.has(hostfs.Owner{Name: checkpointName(i)}); ok {
			return i
		}
	}
	return 0
}

func checkpointName(i int) string { return fmt.Sprintf("%04d", i) }

// child recovers, goes on from the newest checkpoint and takes others. It tells of each that is
// committed on its standard output, and reads a line before it begins.
func child(base string) error {
	if err := crashpoint.FromEnv(); err != nil {
		return err
	}
	dir, state, store := filepath.Join(base, "tree"), filepath.Join(base, "state"), manifests(filepath.Join(base, "store"))
	if _, err := hostfs.Recover(state, store.has); err != nil {
		return err
	}
	g, err := openGuest(dir, false)
	if err != nil {
		return err
	}
	files := &Files{State: state, Store: "/store", Job: "job", Trees: []Tree{{dir, g.upper, g.view}}}
	for i := store.last(); i < killSteps; i++ {
		if err := work(g.upper, i); err != nil {
			return err
		}
		if err := checkpointOf(files, store, checkpointName(i+1)); err != nil {
			return err
		}
	}
	return nil
}

func checkpointOf(files *Files, store manifests, name string) error {
	u, err := files.Take()
	if err != nil {
		return err
	}
	if err := u.Prepare(name); err != nil {
		return err
	}
	if err := store.commit(name); err != nil {
		return err
	}
	fmt.Println(name)
	if err := u.Apply(); err != nil {
		return err
	}
	u.Release(true)
	return nil
}

// killer kills children and checks what they leave.
type killer struct {
	t        *testing.T
	base     string
	states   [][]string
	outcomes map[string]int
}

// newKiller begins a job.
func newKiller(t *testing.T, states [][]string) *killer {
	k := &killer{t: t, base: t.TempDir(), states: states, outcomes: map[string]int{}}
	k.begin()
	return k
}

func (k *killer) begin() {
	k.base = k.t.TempDir()
	for _, d := range []string{"tree", "state", "store"} {
		if err := os.Mkdir(filepath.Join(k.base, d), 0o755); err != nil {
			k.t.Fatal(err)
		}
	}
	workTree(k.t, filepath.Join(k.base, "tree"))
}

// run starts a child with an environment, kills it after a while if that is not 0, and returns
// the last checkpoint that it told of.
func (k *killer) run(after time.Duration, env ...string) int {
	k.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, killEnv+"="+k.base)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	told := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		told, _ = strconv.Atoi(lines.Text())
	}
	_, _ = io.Copy(io.Discard, out)
	err = cmd.Wait()
	if cmd.ProcessState.Exited() && err != nil {
		k.t.Fatalf("the child ended by itself: %v\n%s", err, stderr.String())
	}
	return told
}

// check recovers and compares; told is the last checkpoint that is known to be committed.
func (k *killer) check(told int) {
	k.t.Helper()
	store := manifests(filepath.Join(k.base, "store"))
	n, err := hostfs.Recover(filepath.Join(k.base, "state"), store.has)
	if err != nil {
		k.t.Fatal(err)
	}
	k.outcomes[fmt.Sprintf("recovered %d", n)]++
	last := store.last()
	if last < told {
		k.t.Fatalf("checkpoint %d is lost: the last is %d", told, last)
	}
	if d := cmp.Diff(k.states[last], onHost(k.t, filepath.Join(k.base, "tree"))); d != "" {
		k.t.Fatalf("checkpoint %d (-want +host)\n%s", last, d)
	}
	if left, _ := filepath.Glob(filepath.Join(k.base, "state", "*[^d]")); len(left) > 0 {
		k.t.Errorf("left: %v", left)
	}
	if last == killSteps {
		k.begin()
	}
}

// points returns the names of all points that a few checkpoints come to.
func (k *killer) points() []string {
	k.t.Helper()
	log := filepath.Join(k.t.TempDir(), "log")
	k.run(0, crashpoint.EnvLog+"="+log, crashpoint.EnvAt+"=manifest.rename:3")
	k.check(0)
	text, err := os.ReadFile(log)
	if err != nil {
		k.t.Fatal(err)
	}
	return slices.Compact(slices.Sorted(slices.Values(strings.Fields(string(text)))))
}

// TestKill kills a process that takes checkpoints, at named points and at random instants, and
// checks that the next start leaves the files of the last checkpoint that was committed. Every
// other time the next start is killed too. SOAK says how many times the usual number of kills.
func TestKill(t *testing.T) {
	cycles := 60
	if soak, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		cycles *= soak
	}
	k := newKiller(t, expected(t, killSteps))
	points := k.points()
	t.Logf("points: %v", points)
	r := rand.New(rand.NewSource(1))
	told := 0
	for i := range cycles {
		switch i % 3 {
		case 0:
			told = k.run(0, fmt.Sprintf("%s=%s:%d", crashpoint.EnvAt, points[i/3%len(points)], 1+r.Intn(3)))
		case 1:
			told = k.run(0, fmt.Sprintf("%s=*:%d", crashpoint.EnvAt, 1+r.Intn(150)))
		case 2:
			told = k.run(time.Duration(1+r.Intn(60000)) * time.Microsecond)
		}
		if i%2 == 0 {
			k.check(told)
		}
	}
	k.check(0)
	t.Logf("%d kills: %v", cycles, k.outcomes)
}
