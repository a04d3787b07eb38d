package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/hostfs"
	"emurun/vfs/vfstest"
)

func kinds(fs *capture.FS) *wire.Kinds {
	k := new(wire.Kinds)
	capture.Kinds(k, func() *capture.FS {
		x := fs
		fs = nil
		return x
	})
	return k
}

// hostTree makes a folder with a file of each kind.
func hostTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"a", "a/b", "c", "a/b/d"} {
		must(os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	for i, f := range []string{"one", "a/two", "a/b/three", "a/b/d/four", "c/five", "c/empty"} {
		must(os.WriteFile(filepath.Join(dir, f), bytes.Repeat([]byte(f), i*700), 0o644))
	}
	must(os.WriteFile(filepath.Join(dir, "c/empty"), nil, 0o644))
	must(os.Link(filepath.Join(dir, "one"), filepath.Join(dir, "a/b/uno")))
	must(os.Link(filepath.Join(dir, "c/five"), filepath.Join(dir, "a/cinque")))
	must(os.Symlink("../one", filepath.Join(dir, "a/link")))
	must(unix.Mkfifo(filepath.Join(dir, "c/fifo"), 0o600))
	must(unix.Mknod(filepath.Join(dir, "c/sock"), unix.S_IFSOCK|0o600, 0))
	if os.Getuid() == 0 {
		must(unix.Mknod(filepath.Join(dir, "c/null"), unix.S_IFCHR|0o600, 0x103))
	}
	sparse, err := os.Create(filepath.Join(dir, "c/sparse"))
	must(err)
	_, err = sparse.WriteAt([]byte("end"), 5<<20)
	must(err)
	must(sparse.Close())
	return dir
}

func open(t *testing.T, dir string) *hostfs.FS {
	t.Helper()
	fs, err := hostfs.Open(dir, 7)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fs.Close)
	return fs
}

// walk looks up a path.
func walk(fs vfs.FileSystem, path string) (vfs.Node, error) {
	n := fs.Root()
	for _, name := range strings.Split(path, "/") {
		var err error
		if n, err = n.Lookup(name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// ask puts a question to fs and returns the answer as text.
func ask(fs vfs.FileSystem, question int, path string) string {
	n, err := walk(fs, path)
	if err != nil {
		return err.Error()
	}
	a, _ := n.Attr()
	head := fmt.Sprintf("%+v ", a)
	switch question % 6 {
	case 0:
		es, err := n.Entries()
		return head + fmt.Sprint(es, err)
	case 1:
		s, err := n.Readlink()
		return head + fmt.Sprint(s, err)
	case 2:
		_, err := n.Open(abi.O_RDONLY)
		return head + fmt.Sprint(err)
	case 3:
		p := make([]byte, 5000)
		k, err := n.ReadAt(p, 100)
		return head + fmt.Sprintf("%q %v", p[:k], err)
	case 4:
		names, err := n.Listxattr()
		v, err2 := n.Getxattr("user.x")
		return head + fmt.Sprint(names, err, v, err2)
	}
	off, err := n.(vfs.Extents).NextData(0, true)
	end, err2 := n.(vfs.Extents).NextData(off, false)
	return head + fmt.Sprint(off, err, end, err2)
}

var places = []string{
	"one", "a", "a/b", "a/b/d", "c", "a/two", "a/b/three", "a/b/d/four", "c/five", "c/empty", "a/b/uno", "a/cinque",
	"a/link", "c/fifo", "c/sock", "c/null", "c/sparse", "none", "a/none", "one/none", "a/b/d/none",
}

// TestThaw asks the same of an FS that is frozen and thawed over another view of the host
// after each question, and of one that is not.
func TestThaw(t *testing.T) {
	dir := hostTree(t)
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		var pages wiretest.Pages
		unbroken := capture.New(open(t, dir), capture.Options{})
		broken := capture.New(open(t, dir), capture.Options{})
		type question struct {
			what int
			path string
		}
		var asked []question
		answers := map[question]string{}
		for range 60 {
			q := question{r.IntN(6), places[r.IntN(len(places))]}
			want, got := ask(unbroken, q.what, q.path), ask(broken, q.what, q.path)
			if got != want {
				t.Fatalf("seed %d: question %d about %s\ngot  %s\nwant %s", seed, q.what, q.path, got, want)
			}
			asked, answers[q] = append(asked, q), want
			s := pages.Freeze(t, kinds(broken), broken)
			if r.IntN(2) == 0 {
				broken = capture.New(open(t, dir), capture.Options{})
				s.Thaw(t, kinds(broken))
			}
		}
		want, got := pages.Hash(t, kinds(unbroken), unbroken), pages.Freeze(t, kinds(broken), broken)
		if d := cmp.Diff(want.Encoding, got.Encoding) + cmp.Diff(want.Roots, got.Roots); d != "" {
			t.Fatalf("seed %d: the states differ (-unbroken +thawed)\n%s", seed, d)
		}
		alone := capture.New(nil, capture.Options{})
		got.Thaw(t, kinds(alone))
		for _, q := range asked {
			if got := ask(alone, q.what, q.path); got != answers[q] {
				t.Fatalf("seed %d: alone: question %d about %s\ngot  %s\nwant %s", seed, q.what, q.path, got, answers[q])
			}
		}
		replayed := capture.New(alone, capture.Options{})
		for _, q := range asked {
			ask(replayed, q.what, q.path)
		}
		again := pages.Hash(t, kinds(replayed), replayed)
		if d := cmp.Diff(want.Encoding, again.Encoding) + cmp.Diff(want.Roots, again.Roots); d != "" {
			t.Fatalf("seed %d: the states differ (-live +replayed)\n%s", seed, d)
		}
	}
}

// TestAll compares a tree, and what is captured of it when it is gone.
func TestAll(t *testing.T) {
	dir := hostTree(t)
	want := vfstest.Full(open(t, dir).Root())
	var asked []string
	fs := capture.New(open(t, dir), capture.Options{Observe: func(a capture.Answer) {
		asked = append(asked, a.Question+" "+a.Path)
	}})
	if err := fs.All(); err != nil {
		t.Fatal(err)
	}
	var pages wiretest.Pages
	s := pages.Freeze(t, kinds(fs), fs)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(asked, "lookup a/b/three") || !slices.Contains(asked, "content a/b/three") {
		t.Errorf("observed %q", asked)
	}
	alone := capture.New(nil, capture.Options{})
	s.Thaw(t, kinds(alone))
	if d := cmp.Diff(want, vfstest.Full(alone.Root())); d != "" {
		t.Errorf("(-host +captured)\n%s", d)
	}
	if _, err := alone.Root().Lookup("never asked"); err != abi.ENOENT { // the folder was listed
		t.Errorf("lookup: %v", err)
	}
}

// TestNobodyToAsk asks what was never asked where there is no backing tree, and again
// where there is.
func TestNobodyToAsk(t *testing.T) {
	dir := hostTree(t)
	fs := capture.New(open(t, dir), capture.Options{})
	ask(fs, 2, "a/two")
	var pages wiretest.Pages
	s := pages.Freeze(t, kinds(fs), fs)
	fs = capture.New(nil, capture.Options{})
	s.Thaw(t, kinds(fs))
	for _, q := range []struct {
		what int
		path string
	}{{0, "one"}, {1, "c"}, {2, "a/none"}} {
		if got := ask(fs, q.what, q.path); got != abi.EIO.Error() {
			t.Errorf("question %d about %s: %s", q.what, q.path, got)
		}
	}
	a, _ := fs.Root().Lookup("a")
	if _, err := a.Entries(); err != abi.EIO {
		t.Errorf("list: %v", err)
	}
	fs.SetBacking(open(t, dir))
	if got := ask(fs, 1, "a/none"); got != abi.ENOENT.Error() {
		t.Errorf("with a backing tree: %s", got)
	}
	if es, err := a.Entries(); err != nil || len(es) != 4 {
		t.Errorf("list: %v %v", es, err)
	}
}

// TestChanged changes a file of the host before and after it is captured.
func TestChanged(t *testing.T) {
	dir := hostTree(t)
	store := func(fs *capture.FS, pages *wiretest.Pages) error {
		g, err := wire.FreezeGraph(kinds(fs), fs)
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Contents[0].Store(pages)
		g.Contents[0].Release(err == nil)
		return err
	}
	for name, change := range map[string]func(path string) error{
		"longer":  func(p string) error { return os.WriteFile(p, make([]byte, 9999), 0o644) },
		"same":    func(p string) error { return os.Chtimes(p, unixTime, unixTime) },
		"gone":    os.Remove,
		"another": func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) },
	} {
		t.Run(name, func(t *testing.T) {
			var pages wiretest.Pages
			path := filepath.Join(dir, "c", name)
			if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
				t.Fatal(err)
			}
			fs := capture.New(open(t, dir), capture.Options{})
			ask(fs, 2, "c/"+name)
			ask(fs, 2, "a/two")
			captured := capture.New(open(t, dir), capture.Options{})
			ask(captured, 2, "c/"+name)
			if err := store(captured, &pages); err != nil {
				t.Fatal(err)
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := store(fs, &pages); err == nil || !strings.Contains(err.Error(), "c/"+name+" has changed") {
					t.Errorf("store: %v", err)
				}
			}
			if err := store(captured, &pages); err != nil {
				t.Errorf("store again: %v", err)
			}
		})
	}
}
