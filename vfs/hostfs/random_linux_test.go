package hostfs

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"emurun/vfs/commit"
	"emurun/vfs/journal"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// oracleDir is a directory of the host and the calls of its kernel there.
func oracleDir(t *testing.T) (string, *vfstest.Runner) {
	t.Helper()
	dir := t.TempDir()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return dir, vfstest.NewRunner(&hostSystem{fd: fd})
}

// anyTime is what differs between the clocks of host and guest.
var anyTime = regexp.MustCompile(`times -?\d+ -?\d+ `)

func timeless(t *testing.T, dir string) []string {
	t.Helper()
	host, err := Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	lines := vfstest.Tree(host)
	for i, l := range lines {
		lines[i] = anyTime.ReplaceAllString(l, "")
	}
	return lines
}

// TestRandom performs random operations on a directory by the host's kernel and
// on an equal one through the overlay, comparing every answer, then commits (with a
// crash and recovery in some runs) and compares the directories; twice in a row.
func TestRandom(t *testing.T) {
	quick(t)
	runtime.LockOSThread()
	old := unix.Umask(0o022)
	defer unix.Umask(old)
	for seed := range int64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { randomRun(t, rand.New(rand.NewSource(seed))) })
		if t.Failed() {
			break
		}
	}
}

func randomRun(t *testing.T, r *rand.Rand) {
	kernelDir, kernel := oracleDir(t)
	dir, prep := oracleDir(t)
	for range 40 {
		l := vfstest.RandomLine(r)
		kernel.Run(&l)
		prep.Run(&l)
	}
	for range 2 {
		fs := openLayered(t, dir)
		var log []byte
		observed := overlay.New(overlay.Options{Lower: fs.host, Observe: func(r *journal.Record) { log = r.Append(log) }})
		guest := vfstest.NewRunner(vfstest.Over(observed))
		var done []string
		for range 60 {
			l := vfstest.RandomLine(r)
			want, got := kernel.Run(&l), guest.Run(&l)
			done = append(done, fmt.Sprintf("%s %v = %s", l.Op, l.Args, want))
			if got != want && l.Op != "lstat" { // directory link counts are compared in the tree
				t.Fatalf("%v\nanswers %s", done, got)
			}
		}
		vfstest.Replay(t, observed, overlay.New(overlay.Options{Lower: fs.host}), log)
		commitOrCrash(t, r, dir, observed)
		if d := cmp.Diff(timeless(t, kernelDir), timeless(t, dir)); d != "" {
			t.Fatalf("%v\n(-kernel +committed)\n%s", done, d)
		}
	}
}

// commitOrCrash commits, and crashes on the way half of the time.
func commitOrCrash(t *testing.T, r *rand.Rand, dir string, fs *overlay.FS) {
	t.Helper()
	state := t.TempDir()
	w, err := createLog(state, Owner{}, []Tree{{Path: dir, Changes: fs.Changes}})
	if err != nil {
		t.Fatal(err)
	}
	if w == nil {
		return
	}
	if err := w.finish(""); err != nil {
		t.Fatal(err)
	}
	wrap := func(to commit.Target) commit.Target { return to }
	if n := r.Intn(40); n%2 == 0 {
		wrap = func(to commit.Target) commit.Target { return &crasher{to, 1 + n/2, n%4 == 0} }
	}
	err = applyWAL(w.f, false, false, wrap)
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	_ = w.f.Close()
	if _, err := Recover(state, nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(state); len(left) > 0 {
		t.Fatalf("left: %v", left)
	}
}
