package hostfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// benchContext is a context over a host directory with a file some directories down.
func benchContext(b *testing.B) (*vfs.Context, string) {
	dir := b.TempDir()
	path := filepath.Join(dir, "a/b/c/d")
	if err := os.MkdirAll(path, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "f"), make([]byte, 1<<20), 0o644); err != nil {
		b.Fatal(err)
	}
	host, err := hostfs.Open(dir, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(host.Close)
	fs := overlay.New(overlay.Options{Lower: host, Clock: func() vfs.Time { return 0 }})
	ns := vfs.NewNamespace(fs, dir, "overlay", 0)
	return &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Cred: vfs.Cred{UID: uint32(os.Getuid())}}, "/a/b/c/d/f"
}

func BenchmarkStat(b *testing.B) {
	c, path := benchContext(b)
	for b.Loop() {
		d, err := c.Walk(nil, path, true)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Node.Attr(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStatMissing(b *testing.B) {
	c, path := benchContext(b)
	for b.Loop() {
		if _, err := c.Walk(nil, path+"none", true); err == nil {
			b.Fatal("found")
		}
	}
}

func BenchmarkOpenClose(b *testing.B) {
	c, path := benchContext(b)
	for b.Loop() {
		f, err := c.Open(nil, path, vfs.How{})
		if err != nil {
			b.Fatal(err)
		}
		f.Unref()
	}
}

func BenchmarkRead4K(b *testing.B) {
	c, path := benchContext(b)
	f, err := c.Open(nil, path, vfs.How{})
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 4096)
	b.SetBytes(4096)
	for i := 0; b.Loop(); i++ {
		if _, err := f.Pread(p, int64(i%256)*4096); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite4K(b *testing.B) {
	c, path := benchContext(b)
	f, err := c.Open(nil, path, vfs.How{Flags: 2})
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 4096)
	b.SetBytes(4096)
	for i := 0; b.Loop(); i++ {
		if _, err := f.Pwrite(p, int64(i%256)*4096); err != nil {
			b.Fatal(err)
		}
	}
}
