package hostfiles

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/hostfs"
)

// step takes, prepares, applies and releases an update.
func step(t *testing.T, f *Files, name string) {
	t.Helper()
	u, err := f.Take()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Prepare(name); err != nil {
		t.Fatal(err)
	}
	if err := u.Apply(); err != nil {
		t.Fatal(err)
	}
	u.Release(true)
}

func lookup(t *testing.T, g *guest, path string) vfs.Node {
	t.Helper()
	ns := vfs.NewNamespace(g.upper, "", "", 0)
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root()}
	d, err := c.Walk(nil, path, true)
	if err != nil {
		t.Fatal(err)
	}
	return d.Node
}

// TestRemovedWhileOpen removes a file of the host that the guest has open, in a commit, and reads
// on, when the view has closed the handles that it has for itself.
func TestRemovedWhileOpen(t *testing.T) {
	for _, captured := range []bool{false, true} {
		dir := t.TempDir()
		content := bytes.Repeat([]byte("0123456789abcdef"), 1024)
		if err := os.WriteFile(filepath.Join(dir, "f"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range 300 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g := newGuest(t, dir, captured)
		f := lookup(t, g, "/f")
		file, err := f.Open(abi.O_RDWR)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("changed"), 5000, 1); err != nil {
			t.Fatal(err)
		}
		copy(content[5000:], "changed")
		if err := g.upper.Root().Unlink("f", 1); err != nil {
			t.Fatal(err)
		}
		files := &Files{State: t.TempDir(), Trees: []Tree{{dir, g.upper, g.view}}}
		step(t, files, "")
		if _, err := os.Stat(filepath.Join(dir, "f")); err == nil {
			t.Error("the host still has the file")
		}
		var b [1]byte
		for i := range 300 {
			if _, err := lookup(t, g, fmt.Sprint("/", i)).ReadAt(b[:], 0); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, len(content))
		if n, err := f.ReadAt(got, 0); n != len(got) || err != nil || !bytes.Equal(got, content) {
			t.Errorf("captured %v: read %d bytes, %v, equal %v", captured, n, err, bytes.Equal(got, content))
		}
		file.Release()
	}
}

// TestInPlace changes files that an earlier commit made, and those that somebody replaced
// meanwhile are left alone.
func TestInPlace(t *testing.T) {
	dir := t.TempDir()
	g := newGuest(t, dir, false)
	var warned []error
	files := &Files{State: t.TempDir(), Trees: []Tree{{dir, g.upper, g.view}}, Warn: func(err error) { warned = append(warned, err) }}
	for _, name := range []string{"a", "b"} {
		n, err := g.upper.Root().Create(name, vfs.NewNode{Mode: abi.S_IFREG | 0o644, Time: g.now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.WriteAt([]byte("first"), 0, g.now); err != nil {
			t.Fatal(err)
		}
	}
	step(t, files, "")
	before, err := os.Stat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	b := filepath.Join(dir, "b")
	if err := os.WriteFile(b+"2", []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(b+"2", b); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/a", "/b"} {
		if _, err := lookup(t, g, name).WriteAt([]byte(" second"), 5, g.now); err != nil {
			t.Fatal(err)
		}
	}
	step(t, files, "")
	after, err := os.Stat(filepath.Join(dir, "a"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("a is another file: %v", err)
	}
	for name, want := range map[string]string{"a": "first second", "b": "other"} {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(warned) != 1 {
		t.Errorf("warned of %v", warned)
	}
}

// TestOwner recovers updates that belong to a checkpoint.
func TestOwner(t *testing.T) {
	for _, committed := range []bool{false, true} {
		dir, state := t.TempDir(), t.TempDir()
		g := newGuest(t, dir, false)
		files := &Files{State: state, Store: "/store", Job: "job", Trees: []Tree{{dir, g.upper, g.view}}}
		step(t, files, "0000")
		if at, err := hostfs.Applied(state, "/store", "job"); at != "0000" || err != nil {
			t.Errorf("applied %q, %v", at, err)
		}
		if _, err := g.upper.Root().Create("f", vfs.NewNode{Mode: abi.S_IFREG | 0o644}); err != nil {
			t.Fatal(err)
		}
		u, err := files.Take()
		if err != nil {
			t.Fatal(err)
		}
		if err := u.Prepare("1111"); err != nil {
			t.Fatal(err)
		}
		judge := func(o hostfs.Owner) (bool, error) {
			if want := (hostfs.Owner{Store: "/store", Job: "job", Name: "1111"}); o != want {
				t.Errorf("asked for %v, want %v", o, want)
			}
			return committed, nil
		}
		if n, err := hostfs.Recover(state, judge); n != 0 || err != nil {
			t.Errorf("while the process lives: %d, %v", n, err)
		}
		u.Release(false)
		if _, err := files.Take(); err == nil {
			t.Error("updates after some that are in doubt")
		}
		if _, err := hostfs.Recover(state, nil); err == nil {
			t.Error("recovered without a judge")
		}
		want, at, text := 0, "0000", ""
		if committed {
			want, at, text = 1, "1111", "f"
		}
		if n, err := hostfs.Recover(state, judge); n != want || err != nil {
			t.Errorf("recovered %d, %v", n, err)
		}
		if got, err := hostfs.Applied(state, "/store", "job"); got != at || err != nil {
			t.Errorf("applied %q, %v", got, err)
		}
		if n, err := hostfs.Recover(state, judge); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != want || want == 1 && filepath.Base(names[0]) != text {
			t.Errorf("the host has %v", names)
		}
	}
}
