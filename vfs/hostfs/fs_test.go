package hostfs_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/hostfs"
)

// sample makes a directory tree and returns a context at its root.
func sample(t *testing.T) (string, *vfs.Context) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "sub/b"), []byte("hello"), 0o640))
	must(t, os.Link(filepath.Join(dir, "sub/b"), filepath.Join(dir, "a")))
	must(t, os.Symlink("sub/b", filepath.Join(dir, "link")))
	must(t, os.Symlink("/etc", filepath.Join(dir, "out")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	fs, err := hostfs.Open(dir, 1)
	must(t, err)
	t.Cleanup(fs.Close)
	ns := vfs.NewNamespace(fs, dir, "host", 0)
	return dir, &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Cred: vfs.Cred{UID: uint32(os.Getuid())}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	_, c := sample(t)
	f, err := c.Open(nil, "/link", vfs.How{})
	must(t, err)
	defer f.Unref()
	p := make([]byte, 9)
	n, err := f.Read(p)
	must(t, err)
	if got := string(p[:n]); got != "hello" {
		t.Errorf("read %q", got)
	}
	if path, _ := f.Dentry.Path(c.Root); path != "/sub/b" {
		t.Errorf("path %q", path)
	}
}

func TestEntriesAndHardLinks(t *testing.T) {
	_, c := sample(t)
	es, err := c.Root.Node.Entries()
	must(t, err)
	want := []vfs.DirEntry{
		{Name: "a", Ino: 2, Type: abi.DT_REG},
		{Name: "fifo", Ino: 3, Type: abi.DT_FIFO},
		{Name: "link", Ino: 4, Type: abi.DT_LNK},
		{Name: "out", Ino: 5, Type: abi.DT_LNK},
		{Name: "sub", Ino: 6, Type: abi.DT_DIR},
	}
	if d := cmp.Diff(want, es); d != "" {
		t.Errorf("entries (-want +got)\n%s", d)
	}
	a, err := c.Walk(nil, "a", true)
	must(t, err)
	b, err := c.Walk(nil, "sub/b", true)
	must(t, err)
	if a.Node != b.Node {
		t.Error("two names of a file lead to different nodes")
	}
}

func TestErrors(t *testing.T) {
	_, c := sample(t)
	for _, tt := range []struct {
		path  string
		flags uint32
		want  error
	}{
		{"/none", 0, abi.ENOENT},
		{"/a/x", 0, abi.ENOTDIR},
		{"/a/", 0, abi.ENOTDIR},
		{"/out/passwd", 0, abi.ENOENT}, // the link leads to the guest's /etc
		{"/fifo", 0, abi.ENXIO},
		{"/new", abi.O_CREAT | abi.O_WRONLY, abi.EROFS},
		{"/sub", abi.O_WRONLY, abi.EISDIR},
	} {
		if _, err := c.Open(nil, tt.path, vfs.How{Flags: tt.flags}); err != tt.want {
			t.Errorf("open %s: %v, want %v", tt.path, err, tt.want)
		}
	}
}

// TestManyHandles opens more files than the cache of handles holds.
func TestManyHandles(t *testing.T) {
	dir := t.TempDir()
	const n = 500
	name := func(i int) string { return filepath.Join(string(rune('a'+i%20)), string(rune(0x100+i))) }
	for i := range n {
		p := filepath.Join(dir, name(i))
		must(t, os.MkdirAll(p, 0o755))
		must(t, os.WriteFile(filepath.Join(p, "f"), []byte{byte(i)}, 0o644))
	}
	fs, err := hostfs.Open(dir, 1)
	must(t, err)
	defer fs.Close()
	ns := vfs.NewNamespace(fs, dir, "host", 0)
	c := &vfs.Context{Root: ns.Root(), Cwd: ns.Root()}
	for range 2 {
		for i := range n {
			d, err := c.Walk(nil, name(i)+"/f", true)
			must(t, err)
			var p [2]byte
			if k, err := d.Node.ReadAt(p[:], 0); k != 1 || err != nil || p[0] != byte(i) {
				t.Fatalf("%s: %d %v %v", name(i), k, err, p)
			}
		}
	}
}
