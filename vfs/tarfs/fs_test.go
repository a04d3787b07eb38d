package tarfs_test

import (
	"archive/tar"
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/vfs"
	"emurun/vfs/overlay"
	"emurun/vfs/tarfs"
	"emurun/vfs/vfstest"
)

// archive makes a tar of entries.
func archive(t testing.TB, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range entries {
		text := ""
		if h.Typeflag == tar.TypeReg {
			text = "content of " + h.Name
			h.Size = int64(len(text))
		}
		h.ModTime = time.Unix(5, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var entries = []tar.Header{
	{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755},
	{Typeflag: tar.TypeReg, Name: "./etc/passwd", Mode: 0o644, Uid: 3, Gid: 4},
	{Typeflag: tar.TypeLink, Name: "etc/p2", Linkname: "./etc/passwd"},
	{Typeflag: tar.TypeSymlink, Name: "bin", Linkname: "usr/bin", Mode: 0o777},
	{Typeflag: tar.TypeReg, Name: "../up", Mode: 0o600},
	{Typeflag: tar.TypeReg, Name: "up", Mode: 0o601, PAXRecords: map[string]string{"SCHILY.xattr.user.a": "b"}},
	{Typeflag: tar.TypeChar, Name: "dev/null", Mode: 0o666, Devmajor: 1, Devminor: 3},
	{Typeflag: tar.TypeDir, Name: "etc", Mode: 0o700},
}

func TestTree(t *testing.T) {
	p := archive(t, entries...)
	fs, err := tarfs.New(bytes.NewReader(p), int64(len(p)), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`/ 40755 0:0 nlink 4 size 4096 times 5000000000 5000000000 <nil>`,
		`/bin 120777 0:0 nlink 1 size 7 times 5000000000 5000000000 <nil> -> usr/bin`,
		`/dev 40755 0:0 nlink 2 size 4096 times 0 0 <nil>`,
		`/dev/null 20666 0:0 nlink 1 size 0 times 5000000000 5000000000 <nil>`,
		`/etc 40700 0:0 nlink 2 size 4096 times 5000000000 5000000000 <nil>`,
		`/etc/p2 100644 3:4 nlink 2 size 23 times 5000000000 5000000000 <nil> "content of ./etc/passwd" <nil>`,
		`/etc/passwd is /etc/p2`,
		`/up 100601 0:0 nlink 1 size 13 times 5000000000 5000000000 <nil> user.a="b" "content of up" <nil>`,
	}
	if d := cmp.Diff(want, vfstest.Tree(fs)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	over := overlay.New(overlay.Options{Lower: fs})
	c := &vfs.Context{Root: vfs.NewNamespace(over, "", "", 0).Root()}
	c.Cwd = c.Root
	if err := c.Rename(nil, "etc/p2", nil, "new", 0); err != nil {
		t.Error(err)
	}
}

// TestCut cuts an archive at every block: an error or fewer files, never a panic.
func TestCut(t *testing.T) {
	p := archive(t, entries...)
	for n := 0; n < len(p); n += 100 {
		if fs, err := tarfs.New(bytes.NewReader(p[:n]), int64(n), 1); err == nil {
			vfstest.Tree(fs)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add(archive(f, entries...))
	f.Fuzz(func(t *testing.T, p []byte) {
		if fs, err := tarfs.New(bytes.NewReader(p), int64(len(p)), 1); err == nil {
			vfstest.Tree(fs)
		}
	})
}
