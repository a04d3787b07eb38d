package hostfiles

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire/wiretest"
	"emurun/vfs/hostfs"
)

// TestRevert brings the host's files from the last checkpoint of random operations to another, and
// back.
func TestRevert(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the operations give files away: run as root")
	}
	defer hostfs.Quick()()
	reverted, refused := 0, 0
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			if revertRun(t, rand.New(rand.NewSource(seed))) {
				reverted++
			} else {
				refused++
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d reverted, %d refused, since nobody had read a file that is gone", reverted, refused)
	if refused > reverted/4 {
		t.Error("too many refused")
	}
}

func revertRun(t *testing.T, r *rand.Rand) bool {
	a, b := twins(t, r, false)
	w := &world{
		t: t, r: r, dir: a, state: t.TempDir(), control: newGuest(t, b, true),
		taken: map[string]*wiretest.Snapshot{}, clocks: map[string]*guest{},
	}
	w.begin()
	trees := map[string][]string{}
	for i := range 4 {
		w.play(30)
		if killed := w.checkpoint(fmt.Sprintf("%04d", i)); killed {
			w.log = append(w.log, "kill")
			w.begin()
		}
		if w.parent != "" {
			trees[w.parent] = onHost(t, a)
		}
	}
	names := slices.Sorted(maps.Keys(trees))
	if len(names) < 2 {
		return true
	}
	at := w.parent
	for _, to := range []string{names[r.Intn(len(names)-1)], at} {
		if to == at {
			continue
		}
		if err := w.revert(at, to); err != nil {
			if d := cmp.Diff(trees[at], onHost(t, a)); d != "" {
				t.Fatalf("%v\nrefused %s to %s: %v (-before +after)\n%s", w.log, at, to, err, d)
			}
			return false
		}
		if d := cmp.Diff(trees[to], onHost(t, a)); d != "" {
			t.Fatalf("%v\nfrom %s to %s (-want +host)\n%s", w.log, at, to, d)
		}
		if got, err := hostfs.Applied(w.state, "/store", "job"); got != to || err != nil {
			t.Fatalf("applied %q, %v, want %q", got, err, to)
		}
		at = to
	}
	return true
}

// revert brings the host from one checkpoint to another.
func (w *world) revert(at, to string) error {
	thaw := func(name string) *Files {
		g := newGuest(w.t, w.dir, true)
		w.taken[name].Thaw(w.t, g.kinds())
		return &Files{State: w.state, Store: "/store", Job: "job", Trees: []Tree{{w.dir, g.upper, g.view}}}
	}
	from := thaw(at)
	if ok, _, err := from.Resumed(at); !ok || err != nil {
		w.t.Fatalf("the host does not have %s: %v", at, err)
	}
	return thaw(to).Revert(to, from.Trees)
}
