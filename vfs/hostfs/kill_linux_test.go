package hostfs

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs"
	"emurun/vfs/vfstest"
)

// killEnv names the directory in which a child of TestKill commits.
const killEnv = "EMURUN_TEST_KILL"

// change is what the child's guest does: it rewrites, moves, removes and makes files.
func change(t *testing.T, fs vfs.FileSystem) {
	t.Helper()
	ns := vfs.NewNamespace(fs, "", "", 0)
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Now: 3_000_000_000}
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(c.Rename(nil, "/d", nil, "/moved", 0))
	check(c.Mkdir(nil, "/d", 0o700))
	for i := range 100 {
		old := fmt.Sprintf("/moved/%d", i)
		switch i % 4 {
		case 0:
			check(c.Unlink(nil, old))
		case 1:
			check(c.Rename(nil, old, nil, fmt.Sprintf("/d/%d", i), 0))
		case 2:
			check(c.Truncate(walkTo(t, c, old), 2))
		}
		n, err := walkTo(t, c, "/d").Node.Create(fmt.Sprintf("new%d", i), vfs.NewNode{Mode: 0o100640, Time: c.Now})
		check(err)
		_, err = n.WriteAt(make([]byte, 3000+i), 0, c.Now)
		check(err)
	}
}

func walkTo(t *testing.T, c *vfs.Context, path string) *vfs.Dentry {
	t.Helper()
	d, err := c.Walk(nil, path, true)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestKillChild is the process that TestKill kills.
func TestKillChild(t *testing.T) {
	base := os.Getenv(killEnv)
	if base == "" {
		t.Skip("only as a child of TestKill")
	}
	fs := openLayered(t, filepath.Join(base, "tree"))
	change(t, fs)
	if err := Commit(filepath.Join(base, "state"), Tree{Path: filepath.Join(base, "tree"), Changes: fs.Changes}); err != nil {
		t.Fatal(err)
	}
}

// TestKill kills a process that commits, at some instant, and checks that the
// next start leaves the old tree or the new one.
func TestKill(t *testing.T) {
	outcomes := map[string]int{}
	if got := killOnce(t, 0, nil); got != "after" {
		t.Errorf("without a kill: %s", got)
	}
	for range 12 {
		// Some of the kills come when the first temporary name is there, so that
		// they hit the middle of the apply.
		delay := time.Duration(rand.Intn(8000)) * time.Microsecond
		outcomes[killOnce(t, delay, func(base string) bool {
			got, _ := filepath.Glob(filepath.Join(base, "tree", "*-*"))
			return len(got) > 0 || rand.Intn(400) == 0
		})]++
	}
	t.Logf("outcomes: %v", outcomes)
}

// killOnce kills the child a while after when says so; a nil when lets it live.
func killOnce(t *testing.T, delay time.Duration, when func(base string) bool) string {
	t.Helper()
	base := t.TempDir()
	tree, state := filepath.Join(base, "tree"), filepath.Join(base, "state")
	if err := os.MkdirAll(filepath.Join(tree, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := os.WriteFile(filepath.Join(tree, "d", fmt.Sprint(i)), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before, after := timeless(t, tree), []string(nil)
	guest := openLayered(t, tree)
	change(t, guest)
	for _, l := range vfstest.Tree(guest) {
		after = append(after, anyTime.ReplaceAllString(l, ""))
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
	cmd.Env = append(os.Environ(), killEnv+"="+base)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if when != nil {
		for start := time.Now(); time.Since(start) < 10*time.Second && !when(base); time.Sleep(time.Millisecond) {
		}
		time.Sleep(delay)
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
	n, err := Recover(state, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := timeless(t, tree)
	switch {
	case cmp.Equal(got, before) && n == 0:
		return "before"
	case !cmp.Equal(got, after):
		t.Errorf("recovered %d (-want +got)\n%s", n, cmp.Diff(after, got))
	case n > 0:
		return "recovered"
	}
	return "after"
}
