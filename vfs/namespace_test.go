package vfs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/memfs"
)

// world is a namespace with a second file system mounted at /m.
func world(t *testing.T) *vfs.Context {
	t.Helper()
	ns := vfs.NewNamespace(memfs.New(memfs.Options{Dev: 1, Mode: 0o755}), "root", "tmpfs", 0)
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root()}
	for _, d := range []string{"/m", "/d", "/d/e", "/jail"} {
		must(t, c.Mkdir(nil, d, 0o755))
	}
	mount(t, c, "/m", 0)
	must(t, c.Mkdir(nil, "/m/in", 0o755))
	must(t, c.Symlink("/d", nil, "/m/abs"))
	must(t, c.Symlink("../d", nil, "/m/rel"))
	must(t, c.Symlink("e", nil, "/d/l"))
	return c
}

func mount(t *testing.T, c *vfs.Context, path string, flags uint64) {
	t.Helper()
	_, err := c.NS.Mount(walk(t, c, path), memfs.New(memfs.Options{Dev: 2, Mode: 0o755}), "inner", "tmpfs", flags)
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func walk(t *testing.T, c *vfs.Context, path string) *vfs.Dentry {
	t.Helper()
	d, err := c.Walk(nil, path, true)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return d
}

// TestPath walks to places and asks for their path, as getcwd(2) after chdir(2).
func TestPath(t *testing.T) {
	c := world(t)
	for _, tt := range []struct{ path, want string }{
		{"/", "/"},
		{"//", "/"},
		{"/..", "/"},
		{"/m", "/m"},
		{"/m/..", "/"},
		{"/m/in/..", "/m"},
		{"/m/in/../..", "/"},
		{"/m/in/../../d/e", "/d/e"},
		{"/m/abs/e", "/d/e"},
		{"/m/rel", "/d"},
		{"/d/l/..", "/d"},
	} {
		got, err := walk(t, c, tt.path).Getcwd(c.Root)
		if got != tt.want || err != nil {
			t.Errorf("%s is at %s, %v; want %s", tt.path, got, err, tt.want)
		}
	}
}

// TestRoot changes the root directory, chroot(2).
func TestRoot(t *testing.T) {
	c := world(t)
	outside := walk(t, c, "/d/e")
	c.Root = walk(t, c, "/m")
	c.Cwd = c.Root
	if got, _ := walk(t, c, "/in/../../..").Getcwd(c.Root); got != "/" {
		t.Errorf("above the root is %s", got)
	}
	if got, _ := outside.Getcwd(c.Root); got != "(unreachable)/d/e" {
		t.Errorf("outside is %s", got)
	}
	if _, err := c.Walk(nil, "abs", true); err != abi.ENOENT {
		t.Errorf("an absolute link begins outside the root: %v", err)
	}
}

// TestMoved renames and removes what is held open.
func TestMoved(t *testing.T) {
	c := world(t)
	f, err := c.Open(nil, "/d/f", vfs.How{Flags: abi.O_CREAT | abi.O_RDWR, Mode: 0o644})
	must(t, err)
	defer f.Unref()
	e := walk(t, c, "/d/e")
	path := func(d *vfs.Dentry) string { p, _ := d.Path(c.Root); return p }
	must(t, c.Rename(nil, "/d", nil, "/moved", 0))
	got := []string{path(f.Dentry), path(e)}
	must(t, c.Unlink(nil, "/moved/f"))
	got = append(got, path(f.Dentry))
	_, err = c.Open(nil, "/moved/f", vfs.How{Flags: abi.O_CREAT | abi.O_RDWR, Mode: 0o644})
	must(t, err)
	got = append(got, path(f.Dentry))
	must(t, c.Rmdir(nil, "/moved/e"))
	got = append(got, path(e))
	want := []string{"/moved/f", "/moved/e", "/moved/f (deleted)", "/moved/f (deleted)", "/moved/e (deleted)"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if _, err := e.Getcwd(c.Root); err != abi.ENOENT {
		t.Errorf("getcwd of a removed directory: %v", err)
	}
	if _, err := c.Walk(e, "x", true); err != abi.ENOENT {
		t.Errorf("walk from a removed directory: %v", err)
	}
}

// TestMounts covers what mounts forbid.
func TestMounts(t *testing.T) {
	c := world(t)
	must(t, c.Mkdir(nil, "/ro", 0o755))
	mount(t, c, "/ro", abi.ST_RDONLY)
	open := func(path string, flags uint32) error {
		f, err := c.Open(nil, path, vfs.How{Flags: flags, Mode: 0o644})
		if err == nil {
			f.Unref()
		}
		return err
	}
	for _, tt := range []struct {
		what string
		err  error
		want error
	}{
		{"rename out of a mount", c.Rename(nil, "/m/in", nil, "/in", 0), abi.EXDEV},
		{"link out of a mount", c.Link(walk(t, c, "/m/in"), nil, "/in"), abi.EXDEV},
		{"rename a mount point", c.Rename(nil, "/m", nil, "/n", 0), abi.EBUSY},
		{"remove a mount point", c.Rmdir(nil, "/m"), abi.EBUSY},
		{"unlink a mount point", c.Unlink(nil, "/m"), abi.EISDIR},
		{"make a file on a read-only mount", open("/ro/f", abi.O_CREAT|abi.O_WRONLY), abi.EROFS},
		{"make a directory on a read-only mount", c.Mkdir(nil, "/ro/d", 0o755), abi.EROFS},
		{"change a mode on a read-only mount", c.Chmod(walk(t, c, "/ro"), 0o700), abi.EROFS},
		{"read a read-only mount", open("/ro", abi.O_RDONLY), nil},
		{"access to a read-only mount", c.MayAccess(walk(t, c, "/ro"), vfs.MayWrite), abi.EROFS},
		{"unmount", c.NS.Unmount(walk(t, c, "/ro")), nil},
		{"make a file where the mount was", open("/ro/f", abi.O_CREAT|abi.O_WRONLY), nil},
		{"unmount the root", c.NS.Unmount(c.Root), abi.EINVAL},
	} {
		if tt.err != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, tt.err, tt.want)
		}
	}
}

// TestResolve covers the RESOLVE flags of openat2(2).
func TestResolve(t *testing.T) {
	c := world(t)
	for _, tt := range []struct {
		at, path string
		resolve  uint64
		want     error
	}{
		{"/d", "e", abi.RESOLVE_BENEATH, nil},
		{"/d", "e/../l", abi.RESOLVE_BENEATH, nil},
		{"/d", "..", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/d", "e/../../d", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/d", "/d/e", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/m", "abs", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/m", "rel", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/d", "/e", abi.RESOLVE_IN_ROOT, nil},
		{"/d", "../../e", abi.RESOLVE_IN_ROOT, nil},
		{"/m", "abs", abi.RESOLVE_IN_ROOT, abi.ENOENT},
		{"/d", "l", abi.RESOLVE_NO_SYMLINKS, abi.ELOOP},
		{"/d", "e", abi.RESOLVE_NO_SYMLINKS, nil},
		{"/", "m/in", abi.RESOLVE_NO_XDEV, abi.EXDEV},
		{"/m", "in", abi.RESOLVE_NO_XDEV, nil},
		{"/m", "..", abi.RESOLVE_NO_XDEV, abi.EXDEV},
		{"/m", "abs", abi.RESOLVE_NO_XDEV, abi.EXDEV},
		{"/d", "l", abi.RESOLVE_NO_MAGICLINKS, nil},
	} {
		_, err := c.WalkHow(walk(t, c, tt.at), tt.path, true, tt.resolve)
		if err != tt.want {
			t.Errorf("%s from %s with %#x: %v, want %v", tt.path, tt.at, tt.resolve, err, tt.want)
		}
	}
}

// magic is a link to a place, as in /proc/PID/fd.
type magic struct {
	vfs.NodeDefaults
	to *vfs.Dentry
}

func (m *magic) Attr() (vfs.Attr, error)      { return vfs.Attr{Mode: abi.S_IFLNK | 0o777, Nlink: 1}, nil }
func (m *magic) Follow() (*vfs.Dentry, error) { return m.to, nil }
func (m *magic) Readlink() (string, error)    { return "somewhere (deleted)", nil }

// links is a directory with a magic link "x", looked up each time.
type links struct {
	vfs.NodeDefaults
	x *magic
}

func (l *links) Root() vfs.Node          { return l }
func (l *links) Statfs() vfs.Statfs      { return vfs.Statfs{} }
func (l *links) Attr() (vfs.Attr, error) { return vfs.Attr{Mode: abi.S_IFDIR | 0o755, Nlink: 2}, nil }
func (l *links) Dynamic()                {}
func (l *links) Lookup(name string) (vfs.Node, error) {
	if name != "x" || l.x == nil {
		return nil, abi.ENOENT
	}
	return l.x, nil
}

func TestMagicLink(t *testing.T) {
	c := world(t)
	f, err := c.Open(nil, "/d/f", vfs.How{Flags: abi.O_CREAT | abi.O_RDWR, Mode: 0o644})
	must(t, err)
	defer f.Unref()
	must(t, c.Unlink(nil, "/d/f"))
	l := &links{x: &magic{to: f.Dentry}}
	_, err = c.NS.Mount(walk(t, c, "/d/e"), l, "links", "proc", 0)
	must(t, err)
	if d := walk(t, c, "/d/e/x"); d != f.Dentry {
		t.Error("the link leads elsewhere")
	}
	g, err := c.Open(nil, "/d/e/x", vfs.How{Flags: abi.O_RDWR | abi.O_CREAT})
	must(t, err)
	g.Unref()
	if _, err := c.WalkHow(nil, "/d/e/x", true, abi.RESOLVE_NO_MAGICLINKS); err != abi.ELOOP {
		t.Errorf("with RESOLVE_NO_MAGICLINKS: %v", err)
	}
	l.x = nil
	if _, err := c.Walk(nil, "/d/e/x", true); err != abi.ENOENT {
		t.Errorf("a link that went by itself: %v", err)
	}
}

// TestDirent reads a directory while names come and go.
func TestDirent(t *testing.T) {
	c := world(t)
	for _, name := range []string{"/d/a", "/d/b", "/d/c"} {
		must(t, c.Mkdir(nil, name, 0o755))
	}
	f, err := c.Open(nil, "/d", vfs.How{Flags: abi.O_RDONLY | abi.O_DIRECTORY})
	must(t, err)
	defer f.Unref()
	var got []string
	for {
		e, ok, err := f.Dirent()
		must(t, err)
		if !ok {
			break
		}
		f.DirPos++
		got = append(got, e.Name)
		if len(e.Name) == 1 && e.Name != "." && e.Name != "l" && e.Name != "e" {
			must(t, c.Rmdir(nil, "/d/"+e.Name))
		}
	}
	if d := cmp.Diff([]string{".", "..", "a", "b", "c", "e", "l"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if pos, err := f.Seek(0, abi.SEEK_SET); pos != 0 || err != nil {
		t.Errorf("rewind: %d, %v", pos, err)
	}
	if e, ok, err := f.Dirent(); e.Name != "." || !ok || err != nil {
		t.Errorf("first entry again: %q, %v, %v", e.Name, ok, err)
	}
	f.DirPos = 2
	if e, ok, err := f.Dirent(); e.Name != "e" || !ok || err != nil {
		t.Errorf("first name after the removals: %q, %v, %v", e.Name, ok, err)
	}
}
