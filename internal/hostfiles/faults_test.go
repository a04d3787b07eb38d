package hostfiles

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"emurun/abi"
	"emurun/internal/crashpoint"
	"emurun/vfs/hostfs"

	"github.com/google/go-cmp/cmp"
)

var errFault = errors.New("injected")

// fault lets the nth point fail, and with crash all behind it.
func fault(n int, err error, crash bool) (hit *string) {
	count := 0
	hit = new(string)
	crashpoint.Set(func(point string) error {
		count++
		if count < n || count > n && !crash {
			return nil
		}
		if *hit == "" {
			*hit = point
		}
		return err
	})
	return hit
}

// TestFaults fails every write, fsync, rename and operation of a checkpoint in turn: once, and
// as the last that happens; whole, torn, and on a full disk. After the recovery the files are those
// of the checkpoint before or, if it was committed, of this one.
func TestFaults(t *testing.T) {
	defer hostfs.Quick()()
	defer crashpoint.Set(nil)
	states := expected(t, 3)
	for name, err := range map[string]error{"error": errFault, "torn": crashpoint.ErrTorn, "full": abi.ENOSPC} {
		for _, crash := range []bool{false, true} {
			points := []string{}
			for n := 1; ; n++ {
				hit := checkpointWithFault(t, n, err, crash, states)
				if hit == "" {
					break
				}
				points = append(points, hit)
				if t.Failed() {
					t.Fatalf("%s at point %d, %s, crash %v", name, n, hit, crash)
				}
			}
			all := slices.Compact(slices.Sorted(slices.Values(points)))
			t.Logf("%s, crash %v: %d faults at %v", name, crash, len(points), all)
		}
	}
}

// checkpointWithFault takes two checkpoints, the second with a fault at the nth point. It
// returns which that was; empty if there are fewer.
func checkpointWithFault(t *testing.T, n int, err error, crash bool, states [][]string) string {
	t.Helper()
	dir, state := t.TempDir(), t.TempDir()
	workTree(t, dir)
	g := newGuest(t, dir, false)
	files := &Files{State: state, Store: "/store", Job: "job", Trees: []Tree{{dir, g.upper, g.view}}}
	committed := map[string]bool{}
	take := func(i int, n int) string {
		if err := work(g.upper, i); err != nil {
			t.Fatal(err)
		}
		u, terr := files.Take()
		if terr != nil {
			t.Fatal(terr)
		}
		name, hit := fmt.Sprint(i+1), fault(n, err, crash)
		e := u.Prepare(name)
		if e == nil {
			committed[name] = true
			e = u.Apply()
		}
		crashpoint.Set(nil)
		if *hit != "" && e == nil {
			t.Errorf("a fault at %s is no error", *hit)
		}
		u.Release(e == nil)
		return *hit
	}
	if hit := take(0, 1<<30); hit != "" {
		t.Fatal(hit)
	}
	hit := take(1, n)
	if hit == "" {
		return ""
	}
	// The next process.
	judge := func(o hostfs.Owner) (bool, error) { return committed[o.Name], nil }
	if _, err := hostfs.Recover(state, judge); err != nil {
		t.Error(err)
	}
	want := 1
	if committed["2"] {
		want = 2
	}
	if d := cmp.Diff(states[want], onHost(t, dir)); d != "" {
		t.Errorf("checkpoint %d (-want +host)\n%s", want, d)
	}
	if at, err := hostfs.Applied(state, "/store", "job"); at != fmt.Sprint(want) || err != nil {
		t.Errorf("applied %q, %v, want %d", at, err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(state, "*[^d]")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	return hit
}

// TestFaultsOfRecovery fails every step of a recovery in turn; the next one completes it.
func TestFaultsOfRecovery(t *testing.T) {
	defer hostfs.Quick()()
	defer crashpoint.Set(nil)
	states := expected(t, 1)
	for n := 1; ; n++ {
		dir, state := t.TempDir(), t.TempDir()
		workTree(t, dir)
		g := newGuest(t, dir, false)
		files := &Files{State: state, Store: "/store", Job: "job", Trees: []Tree{{dir, g.upper, g.view}}}
		if err := work(g.upper, 0); err != nil {
			t.Fatal(err)
		}
		u, err := files.Take()
		if err != nil {
			t.Fatal(err)
		}
		if err := u.Prepare("1"); err != nil {
			t.Fatal(err)
		}
		u.Release(false)
		judge := func(hostfs.Owner) (bool, error) { return true, nil }
		hit := fault(n, abi.ENOSPC, n%2 == 0)
		_, err = hostfs.Recover(state, judge)
		crashpoint.Set(nil)
		if *hit == "" {
			t.Logf("%d points", n-1)
			return
		}
		if err == nil {
			t.Errorf("a fault at %s is no error", *hit)
		}
		if _, err := hostfs.Recover(state, judge); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(states[1], onHost(t, dir)); d != "" {
			t.Fatalf("fault at %s (-want +host)\n%s", *hit, d)
		}
	}
}
