package hostfiles

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// guest is an overlay over a host directory and how a guest acts on it.
type guest struct {
	dir     string
	view    *hostfs.FS
	upper   *overlay.FS
	runner  *vfstest.Runner
	now     vfs.Time
	scratch *hostfs.Scratch
}

func newGuest(t *testing.T, dir string, captured bool) *guest {
	t.Helper()
	g, err := openGuest(dir, captured)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.scratch.Close)
	t.Cleanup(g.view.Close)
	return g
}

func openGuest(dir string, captured bool) (*guest, error) {
	view, err := hostfs.Open(dir, 1)
	if err != nil {
		return nil, err
	}
	g := &guest{dir: dir, view: view, now: 2_000_000_000_000_000_000}
	var lower vfs.FileSystem = view
	if captured {
		lower = capture.New(view, capture.Options{})
	}
	g.scratch = hostfs.NewScratch("")
	g.upper = overlay.New(overlay.Options{Lower: lower, Clock: g.clock, Scratch: g.scratch, MemoryLimit: 4 * 4096})
	g.runner = vfstest.NewRunner(vfstest.Over(g.upper))
	return g, nil
}

func (g *guest) clock() vfs.Time { g.now += 1000; return g.now }

// atime is where Tree shows the access time, which a view makes up.
var atime = regexp.MustCompile(`times -?\d+ `)

// onHost lists a host directory.
func onHost(t *testing.T, dir string) []string {
	t.Helper()
	view, err := hostfs.Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	return lines(view)
}

func lines(fs vfs.FileSystem) []string {
	out := vfstest.Tree(fs)
	for i, l := range out {
		out[i] = atime.ReplaceAllString(l, "times ")
	}
	return out
}

// numbers lists the inode numbers that the guest sees.
func numbers(path string, n vfs.Node) []string {
	a, _ := n.Attr()
	out := []string{fmt.Sprint(path, " ", a.Ino)}
	es, _ := n.Entries()
	for _, e := range es {
		if c, err := n.Lookup(e.Name); err == nil {
			out = append(out, fmt.Sprint(path, "/", e.Name, " listed ", e.Ino))
			out = append(out, numbers(path+"/"+e.Name, c)...)
		}
	}
	return out
}

// seeds is how many random runs there are: SOAK says how many times the usual number.
func seeds(t *testing.T) int64 {
	n := int64(60)
	if testing.Short() {
		n = 20
	}
	if soak, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		n *= int64(soak)
	}
	t.Logf("%d runs", n)
	return n
}

// twins makes two equal directories, with hard links if links says so.
func twins(t *testing.T, r *rand.Rand, links bool) (a, b string) {
	t.Helper()
	a, b = t.TempDir(), t.TempDir()
	ga, gb := newGuest(t, a, false), newGuest(t, b, false)
	for range 60 {
		l := vfstest.RandomLine(r)
		if l.Op == "link" && !links {
			continue
		}
		ga.runner.Run(&l)
		gb.runner.Run(&l)
	}
	ga.runner.Close()
	gb.runner.Close()
	for _, g := range []*guest{ga, gb} {
		if err := os.Chmod(g.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		f := Files{State: t.TempDir(), Trees: []Tree{{g.dir, g.upper, g.view}}}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(g.dir, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

// TestRandom commits in the middle of random operations, which go on while that happens, and compares
// every answer with that of a guest whose files are never committed, and the host's files with
// what the guest saw when the update was taken.
func TestRandom(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the operations give files away: run as root")
	}
	defer hostfs.Quick()()
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { randomRun(t, rand.New(rand.NewSource(seed)), seed%2 == 1) })
		if t.Failed() {
			break
		}
	}
}

func randomRun(t *testing.T, r *rand.Rand, captured bool) {
	a, b := twins(t, r, true)
	g, control := newGuest(t, a, captured), newGuest(t, b, captured)
	files := &Files{State: t.TempDir(), Trees: []Tree{{a, g.upper, g.view}}}
	var done []string
	play := func(n int) {
		for range r.Intn(n) {
			l := vfstest.RandomLine(r)
			want, got := control.runner.Run(&l), g.runner.Run(&l)
			done = append(done, fmt.Sprintf("%s %v = %s", l.Op, l.Args, want))
			if got != want {
				t.Fatalf("%v\nanswers %s", done, got)
			}
		}
	}
	for range 5 {
		play(25)
		u, err := files.Take()
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, "take")
		want, before := []string(nil), onHost(t, a)
		whole := r.Intn(2) == 0
		if whole {
			want = lines(g.upper) // which looks at everything
			if d := cmp.Diff(vfstest.Tree(control.upper), vfstest.Tree(g.upper)); d != "" {
				t.Fatalf("%v\n(-control +guest)\n%s", done, d)
			}
		}
		play(6)
		if r.Intn(5) == 0 {
			u.Release(false)
			done = append(done, "forget")
			if d := cmp.Diff(before, onHost(t, a)); d != "" {
				t.Fatalf("%v\nforgotten (-before +after)\n%s", done, d)
			}
			continue
		}
		if err := u.Prepare(""); err != nil {
			t.Fatal(err)
		}
		play(6)
		if err := u.Apply(); err != nil {
			t.Fatalf("%v\n%v", done, err)
		}
		done = append(done, "apply")
		if d := cmp.Diff(want, onHost(t, a)); whole && d != "" {
			t.Fatalf("%v\ncommitted (-guest +host)\n%s", done, d)
		}
		play(6)
		u.Release(true)
		done = append(done, "release")
	}
	if d := cmp.Diff(numbers("", control.upper.Root()), numbers("", g.upper.Root())); d != "" {
		t.Fatalf("%v\ninode numbers (-control +guest)\n%s", done, d)
	}
	want := lines(control.upper)
	if d := cmp.Diff(want, lines(g.upper)); d != "" {
		t.Fatalf("%v\n(-control +guest)\n%s", done, d)
	}
	if err := files.Commit(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, onHost(t, a)); d != "" {
		t.Fatalf("%v\nat the end (-guest +host)\n%s", done, d)
	}
	if left, err := filepath.Glob(filepath.Join(files.State, "*")); err != nil || len(left) > 0 {
		t.Error(errors.Join(err, fmt.Errorf("left: %v", left)))
	}
}
