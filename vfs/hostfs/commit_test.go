package hostfs

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs"
	"emurun/vfs/commit"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// layered is an overlay over a host directory.
type layered struct {
	*overlay.FS
	host *FS
}

func openLayered(t *testing.T, dir string) *layered {
	t.Helper()
	host, err := Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	clock := func() vfs.Time { return 2_000_000_000 }
	return &layered{overlay.New(overlay.Options{Lower: host, Clock: clock}), host}
}

// atime is where Tree shows the access time, which hostfs makes up.
var atime = regexp.MustCompile(`times -?\d+ `)

// tree lists a file system as far as a host directory can show it.
func tree(fs vfs.FileSystem) []string {
	lines := vfstest.Tree(fs)
	for i, l := range lines {
		lines[i] = atime.ReplaceAllString(l, "times ")
	}
	return lines
}

// prepare makes a host directory with the files that a session begins with.
func prepare(t *testing.T, s *vfstest.Session) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	fs := openLayered(t, dir)
	vfstest.Play(t, vfstest.Over(fs), s, true)
	if err := Commit(t.TempDir(), Tree{Path: dir, Changes: fs.Changes}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// compare checks that a directory shows what an overlay did.
func compare(t *testing.T, want []string, dir string) {
	t.Helper()
	host, err := Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	if d := cmp.Diff(want, tree(host)); d != "" {
		t.Errorf("committed tree (-guest +host)\n%s", d)
	}
}

func quick(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the sessions give files away: run as root")
	}
	durable = false
	t.Cleanup(func() { durable = true })
}

// TestCommitSessions plays each session over a host directory, commits, and
// compares the directory with what the guest saw.
func TestCommitSessions(t *testing.T) {
	quick(t)
	for _, s := range vfstest.Sessions(t) {
		t.Run(s.File+"/"+s.Name, func(t *testing.T) {
			dir, state := prepare(t, &s), t.TempDir()
			fs := openLayered(t, dir)
			vfstest.Play(t, vfstest.Over(fs), &s, false)
			want := tree(fs)
			if err := Commit(state, Tree{Path: dir, Changes: fs.Changes}); err != nil {
				t.Fatal(err)
			}
			compare(t, want, dir)
			if left, _ := os.ReadDir(state); len(left) > 0 {
				t.Errorf("the state directory keeps %v", left)
			}
		})
	}
}

var errCrash = errors.New("crash")

// crasher fails the nth change of a target, before it or after it.
type crasher struct {
	commit.Target
	left  int
	after bool
}

func (c *crasher) step(f func() error) error {
	c.left--
	if c.left == 0 && c.after {
		_ = f()
	}
	if c.left <= 0 {
		return errCrash
	}
	return f()
}

func (c *crasher) Rename(a, b string) error {
	return c.step(func() error { return c.Target.Rename(a, b) })
}
func (c *crasher) Unlink(a string) error { return c.step(func() error { return c.Target.Unlink(a) }) }
func (c *crasher) Rmdir(a string) error  { return c.step(func() error { return c.Target.Rmdir(a) }) }
func (c *crasher) Mkdir(a string) error  { return c.step(func() error { return c.Target.Mkdir(a) }) }
func (c *crasher) Create(a string) error { return c.step(func() error { return c.Target.Create(a) }) }
func (c *crasher) Symlink(a, b string) error {
	return c.step(func() error { return c.Target.Symlink(a, b) })
}
func (c *crasher) Link(a, b string) error { return c.step(func() error { return c.Target.Link(a, b) }) }
func (c *crasher) Write(a string, p []byte, off int64) error {
	return c.step(func() error { return c.Target.Write(a, p, off) })
}
func (c *crasher) Truncate(a string, n int64) error {
	return c.step(func() error { return c.Target.Truncate(a, n) })
}
func (c *crasher) Chmod(a string, m uint32) error {
	return c.step(func() error { return c.Target.Chmod(a, m) })
}
func (c *crasher) Utimes(a string, x, y int64) error {
	return c.step(func() error { return c.Target.Utimes(a, x, y) })
}

// TestCrashAnywhere cuts a commit off at each of its changes, before and after
// it, then again in the recovery, and checks that the next start completes it.
func TestCrashAnywhere(t *testing.T) {
	quick(t)
	for _, s := range vfstest.Sessions(t) {
		if s.File != "rename.txt" && s.File != "names.txt" && s.File != "content.txt" {
			continue
		}
		t.Run(s.File+"/"+s.Name, func(t *testing.T) {
			for n := 1; n < 200; n++ {
				if crashAt(t, &s, n, false) {
					break
				}
				crashAt(t, &s, n, true)
			}
		})
	}
}

// crashAt crashes at the nth change; done means that there are fewer.
func crashAt(t *testing.T, s *vfstest.Session, n int, after bool) (done bool) {
	t.Helper()
	dir, state := prepare(t, s), t.TempDir()
	fs := openLayered(t, dir)
	vfstest.Play(t, vfstest.Over(fs), s, false)
	want := tree(fs)
	w, err := createLog(state, Owner{}, []Tree{{Path: dir, Changes: fs.Changes}})
	if err != nil {
		t.Fatal(err)
	}
	if w == nil {
		return true
	}
	if err := w.finish(""); err != nil {
		t.Fatal(err)
	}
	crash := func(n int) func(commit.Target) commit.Target {
		return func(to commit.Target) commit.Target { return &crasher{to, n, after} }
	}
	err = applyWAL(w.f, false, false, crash(n))
	if err == nil {
		_ = w.remove()
		return true
	}
	if !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	if err := applyWAL(w.f, true, false, crash(n/2+1)); !errors.Is(err, errCrash) && err != nil {
		t.Fatalf("crash at %d: recovery: %v", n, err)
	}
	_ = w.f.Close() // as a process that died would
	if k, err := Recover(state, nil); k != 1 || err != nil {
		t.Fatalf("crash at %d: recovered %d, %v", n, k, err)
	}
	compare(t, want, dir)
	return false
}

// TestIncompleteLog cuts a write-ahead file at every byte: the host stays as it
// was, and the file goes.
func TestIncompleteLog(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	fs := openLayered(t, dir)
	if _, err := fs.Root().Create("f", vfs.NewNode{Mode: 0o100644}); err != nil {
		t.Fatal(err)
	}
	w, err := createLog(state, Owner{}, []Tree{{Path: dir, Changes: fs.Changes}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.finish(""); err != nil {
		t.Fatal(err)
	}
	name := w.name
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if k, err := Recover(state, nil); k != 0 || err != nil {
		t.Errorf("a commit of a living process: %d, %v", k, err)
	}
	_ = w.f.Close()
	for i := range text {
		if err := os.WriteFile(name, text[:i], 0o600); err != nil {
			t.Fatal(err)
		}
		if k, err := Recover(state, nil); k != 0 || err != nil {
			t.Fatalf("cut at %d: %d, %v", i, k, err)
		}
		if _, err := os.Stat(name); err == nil {
			t.Fatalf("cut at %d: the file is still there", i)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the target has %v", left)
	}
}

// TestPlantedLink replaces a directory by a symbolic link out of the tree
// between the run and the commit.
func TestPlantedLink(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	fs := openLayered(t, dir)
	d, err := fs.Root().Lookup("d")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("f", vfs.NewNode{Mode: 0o100644}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "d")), os.Symlink(out, filepath.Join(dir, "d"))); err != nil {
		t.Fatal(err)
	}
	err = Commit(t.TempDir(), Tree{Path: dir, Changes: fs.Changes})
	if err == nil || !strings.Contains(err.Error(), "kept in") {
		t.Errorf("commit: %v", err)
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("written outside: %v", left)
	}
}

// TestStateDirectory refuses what a program writes where commits are kept.
func TestStateDirectory(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	fs := openLayered(t, dir)
	d, err := fs.Root().Create("state", vfs.NewNode{Mode: 0o40755})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("x.commit", vfs.NewNode{Mode: 0o100644}); err != nil {
		t.Fatal(err)
	}
	if err := Commit(state, Tree{Path: dir, Changes: fs.Changes}); err == nil {
		t.Error("committed")
	}
}

// TestChangedMeanwhile replaces a file on the host between the run and the
// commit: it keeps what the host has, the others are committed.
func TestChangedMeanwhile(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	name := filepath.Join(dir, "log")
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	fs := openLayered(t, dir)
	n, err := fs.Root().Lookup("log")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.WriteAt([]byte("guest"), 0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Root().Create("new", vfs.NewNode{Mode: 0o100644}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(name+"2", []byte("host"), 0o644), os.Rename(name+"2", name)); err != nil {
		t.Fatal(err)
	}
	err = Commit(state, Tree{Path: dir, Changes: fs.Changes})
	if !errors.Is(err, commit.ErrChanged) || !strings.Contains(err.Error(), "log") {
		t.Errorf("commit: %v", err)
	}
	if text, _ := os.ReadFile(name); string(text) != "host" {
		t.Errorf("the file is %q", text)
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(state); len(left) > 0 {
		t.Errorf("the state directory keeps %v", left)
	}
}

// TestRecoverOnce gives up on a commit that cannot be completed, and says so once.
func TestRecoverOnce(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	fs := openLayered(t, dir)
	if _, err := fs.Root().Create("f", vfs.NewNode{Mode: 0o100644}); err != nil {
		t.Fatal(err)
	}
	w, err := createLog(state, Owner{}, []Tree{{Path: dir, Changes: fs.Changes}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.finish(""), w.f.Close(), os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(state, nil); err == nil || !strings.Contains(err.Error(), ".failed") {
		t.Errorf("first: %v", err)
	}
	if n, err := Recover(state, nil); n != 0 || err != nil {
		t.Errorf("second: %d, %v", n, err)
	}
}
