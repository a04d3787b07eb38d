package hostfiles

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"emurun/abi"
	"emurun/vfs"
)

// The work of the crash tests: what a guest does between checkpoint i and i+1 depends on i
// and on the files alone, so that the files of each checkpoint are known beforehand.

// workTree makes the files that the work begins with.
func workTree(t testing.TB, dir string) {
	t.Helper()
	for _, d := range []string{"logs", "spool", "spool/deep"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"logs/log": "begin\n", "spool/deep/a": "a", "spool/b": strings.Repeat("b", 9000), "data": strings.Repeat("0123456789", 5000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"logs/log", "spool/deep/a", "spool/b", "data", "spool/deep", "logs", "spool", "."} {
		if err := os.Chtimes(filepath.Join(dir, name), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
}

// worker performs calls until one fails.
type worker struct {
	c   *vfs.Context
	err error
}

func (w *worker) do(what string, err error) {
	if w.err == nil && err != nil {
		w.err = fmt.Errorf("%s: %w", what, err)
	}
}

// write writes text at off, or at the end if off is negative, of a file that is made if need be.
func (w *worker) write(path string, off int64, text string) {
	n, err := w.c.Walk(nil, path, true)
	if err == abi.ENOENT {
		var f *vfs.OpenFile
		if f, err = w.c.Open(nil, path, vfs.How{Flags: abi.O_CREAT | abi.O_WRONLY, Mode: 0o644}); err == nil {
			f.Unref()
			n, err = w.c.Walk(nil, path, true)
		}
	}
	if err == nil {
		if a, _ := n.Node.Attr(); off < 0 {
			off = a.Size
		}
		_, err = n.Node.WriteAt([]byte(text), off, w.c.Now)
	}
	w.do("write "+path, err)
}

// work does what belongs to step i.
func work(fs vfs.FileSystem, i int) error {
	ns := vfs.NewNamespace(fs, "", "", 0)
	w := &worker{c: &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Now: vfs.Time(1_000_000_000_000 + int64(i)*1_000_000_000)}}
	c := w.c
	w.write("/logs/log", -1, fmt.Sprintf("step %d\n", i))
	w.write("/data", int64(i*7919%45000), strings.Repeat(string(rune('A'+i%26)), 3000))
	w.write(fmt.Sprintf("/spool/new%d", i), 0, strings.Repeat(fmt.Sprint(i), 6000))
	if i%3 == 0 { // a file is replaced as an editor does it
		w.write("/spool/tmp", 0, fmt.Sprintf("config %d\n", i))
		w.do("rename", c.Rename(nil, "/spool/tmp", nil, "/config", 0))
	}
	if i >= 2 {
		w.do("unlink", c.Unlink(nil, fmt.Sprintf("/spool/new%d", i-2)))
	}
	// A directory moves to and fro, and one is made and removed.
	from, to := "/spool/deep", "/logs/moved"
	if i%2 == 1 {
		from, to = to, from
		w.do("rmdir", c.Rmdir(nil, "/once"))
	} else {
		w.do("mkdir", c.Mkdir(nil, "/once", 0o750))
	}
	w.do("rename "+from, c.Rename(nil, from, nil, to, 0))
	w.write(to+"/a", int64(i%5), "moved")
	if i%4 == 1 {
		w.do("symlink", c.Symlink(fmt.Sprint("target", i), nil, "/link"))
	} else if i%4 == 3 {
		w.do("unlink", c.Unlink(nil, "/link"))
	}
	return w.err
}

// expected returns what the host has at each checkpoint, from 0: the beginning.
func expected(t *testing.T, n int) [][]string {
	t.Helper()
	dir := t.TempDir()
	workTree(t, dir)
	all := [][]string{onHost(t, dir)}
	g := newGuest(t, dir, false)
	files := &Files{State: t.TempDir(), Trees: []Tree{{dir, g.upper, g.view}}}
	for i := range n {
		if err := work(g.upper, i); err != nil {
			t.Fatal(err)
		}
		step(t, files, "")
		all = append(all, onHost(t, dir))
	}
	return all
}
