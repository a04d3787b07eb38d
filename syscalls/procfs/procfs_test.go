package procfs

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/memfs"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/proc.txt")

// stillEngine retires what it may and changes nothing.
type stillEngine struct{}

func (stillEngine) Run(_ *emu.CPU, n uint64) (uint64, emu.Exit) { return n, emu.ExitBudget }

// newProc returns a machine of one process in known memory, with a directory open
// as descriptor 3 and /proc mounted.
func newProc(t *testing.T) (*kernel.Kernel, *vfs.Context) {
	t.Helper()
	pool := mem.NewPool(16 << 20)
	t.Cleanup(pool.Close)
	ns := vfs.NewNamespace(memfs.New(memfs.Options{Dev: 1, Mode: 0o755}), "none", "tmpfs", abi.ST_NODEV)
	k := kernel.New(kernel.Config{
		Seed: 7, EpochNs: 1_700_000_000e9, NsPerStep: 1, Pool: pool, Memory: 1 << 30, NS: ns,
		NewEngine: func(*mem.Space) emu.Engine { return stillEngine{} },
	})
	s := mem.NewSpace(pool)
	for _, m := range []mem.Mapping{
		{Start: 0x400000, End: 0x402000, Prot: mem.Read | mem.Exec, Name: "/bin/a b"},
		{Start: 0x10000000, End: 0x10004000, Prot: mem.Read | mem.Write},
		{Start: 0x7fff0000, End: 0x7fff8000, Prot: mem.Read | mem.Write, Name: "[stack]"},
	} {
		if err := s.Map(m); err != nil {
			t.Fatal(err)
		}
	}
	p := k.Spawn(s, 0x400000, 0x7fff8000, kernel.NewCred(1000, 100, []uint32{100, 20}))
	p.Leader().SetComm("a (b")
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root()}
	for _, dir := range []string{"/proc", "/with space"} {
		if err := c.Mkdir(nil, dir, 0o755); err != nil {
			t.Fatal(err)
		}
		d, err := c.Walk(nil, dir, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ns.Mount(d, New(k, 22), "proc", "proc", abi.ST_NOSUID|abi.ST_NOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	f, err := c.Open(nil, "/", vfs.How{Flags: abi.O_DIRECTORY})
	if err != nil {
		t.Fatal(err)
	}
	p.FDs.Set(3, f, true)
	return k, c
}

// show returns what a path in /proc is: a link's target, the names in a directory, or
// the content of a file.
func show(c *vfs.Context, path string) string {
	d, err := c.Walk(nil, path, false)
	if err != nil {
		return err.Error() + "\n"
	}
	if target, err := d.Node.Readlink(); err == nil {
		return "-> " + target + "\n"
	}
	f, err := c.OpenAt(d, abi.O_RDONLY)
	if err != nil {
		return err.Error() + "\n"
	}
	defer f.Unref()
	if list, err := d.Node.Entries(); err == nil {
		var b strings.Builder
		for _, e := range list {
			fmt.Fprintln(&b, e.Name)
		}
		return b.String()
	}
	var out []byte
	b := make([]byte, 100) // several reads
	for {
		n, err := f.Read(b)
		if err != nil {
			return err.Error() + "\n"
		}
		if n == 0 {
			return string(out)
		}
		out = append(out, b[:n]...)
	}
}

// TestProc compares /proc of a known machine with testdata/proc.txt: a line "== path" and
// what is there.
func TestProc(t *testing.T) {
	const golden = "testdata/proc.txt"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	_, c := newProc(t)
	var got strings.Builder
	for _, line := range strings.SplitAfter(string(want), "\n") {
		if path, ok := strings.CutPrefix(line, "== "); ok {
			got.WriteString(line + show(c, strings.TrimSuffix(path, "\n")))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" && !*update {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Every name that a directory lists can be looked up and read, and has the number and
// the type that the list says.
func TestListed(t *testing.T) {
	k, c := newProc(t)
	var walk func(path string, n vfs.Node)
	walk = func(path string, n vfs.Node) {
		list, err := n.Entries()
		if err != nil {
			return
		}
		for _, e := range list {
			child, err := n.Lookup(e.Name)
			if err != nil {
				t.Errorf("%s/%s: %v", path, e.Name, err)
				continue
			}
			a, err := child.Attr()
			if err != nil || a.Ino != e.Ino || abi.ModeType(a.Mode) != e.Type {
				t.Errorf("%s/%s: number %d type %d, listed %d %d, %v", path, e.Name, a.Ino, abi.ModeType(a.Mode), e.Ino, e.Type, err)
			}
			if a.Mode&abi.S_IFMT == abi.S_IFREG && e.Name != "mem" {
				f, err := child.Open(abi.O_RDONLY)
				if err == nil {
					_, err = f.Read(make([]byte, 4096), 0)
				}
				if err != nil {
					t.Errorf("%s/%s: %v", path, e.Name, err)
				}
			}
			walk(path+"/"+e.Name, child)
		}
	}
	walk("/proc", New(k, 22).Root())
	walk("/sys", NewSys(k, 23).Root())
	if got := show(c, "/proc/12345"); got != abi.ENOENT.Error()+"\n" {
		t.Errorf("a process that does not exist: %s", got)
	}
}
