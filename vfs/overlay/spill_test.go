package overlay_test

import (
	"bytes"
	"io"
	"testing"

	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"

	"emurun/vfs"
)

// scratch is a scratch file in memory.
type scratch struct{ p []byte }

func (s *scratch) WriteAt(p []byte, off int64) (int, error) {
	if need := int(off) + len(p); need > len(s.p) {
		s.p = append(s.p, make([]byte, need-len(s.p))...)
	}
	return copy(s.p[off:], p), nil
}

func (s *scratch) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, s.p[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestSpill writes far more than the memory limit and reads it back.
func TestSpill(t *testing.T) {
	var s scratch
	const limit, size = 8 * 4096, 100 * 4096
	fs := overlay.New(overlay.Options{RootMode: 0o755, Scratch: &s, MemoryLimit: limit})
	n, err := fs.Root().Create("f", vfs.NewNode{Mode: 0o100644})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(i * 7 / 4096)
	}
	for round := range 3 {
		for off := 0; off < size; off += 1000 {
			part := want[off:min(size, off+1000)]
			for i := range part {
				part[i] += byte(round)
			}
			if _, err := n.WriteAt(part, int64(off), 0); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, size)
		if k, err := n.ReadAt(got, 0); k != size || err != nil || !bytes.Equal(got, want) {
			t.Fatalf("round %d: %d bytes, %v, equal %v", round, k, err, bytes.Equal(got, want))
		}
	}
	if len(s.p) == 0 || len(s.p) > size {
		t.Errorf("scratch file of %d bytes", len(s.p))
	}
	if err := fs.Root().Unlink("f", 0); err != nil {
		t.Fatal(err)
	}
	if got := len(vfstest.Tree(fs)); got != 1 {
		t.Errorf("%d lines in the tree", got)
	}
}
