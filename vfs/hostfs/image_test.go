package hostfs_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"emurun/vfs/hostfs"
)

func TestOpenImage(t *testing.T) {
	var plain, packed bytes.Buffer
	w := tar.NewWriter(&plain)
	must(t, w.WriteHeader(&tar.Header{Name: "f", Size: 5, Mode: 0o644}))
	_, err := w.Write([]byte("hello"))
	must(t, err)
	must(t, w.Close())
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain.Bytes())
	must(t, err)
	must(t, z.Close())
	for name, text := range map[string][]byte{"a.tar": plain.Bytes(), "a.tar.gz": packed.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, text, 0o644))
		im, err := hostfs.OpenImage(path, "", 1)
		must(t, err)
		n, err := im.Root().Lookup("f")
		must(t, err)
		p := make([]byte, 9)
		if k, err := n.ReadAt(p, 0); string(p[:k]) != "hello" || err != nil {
			t.Errorf("%s: %q, %v", name, p[:k], err)
		}
		im.Close()
	}
	for name, text := range map[string]string{"empty": "", "text": "no archive at all"} {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(text), 0o644))
		if _, err := hostfs.OpenImage(path, "", 1); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
