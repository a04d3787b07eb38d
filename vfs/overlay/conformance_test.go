package overlay_test

import (
	"testing"

	"emurun/vfs"
	"emurun/vfs/journal"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

func makeOverlay(lower vfs.FileSystem, observe func(*journal.Record)) vfstest.Replayer {
	now := func() vfs.Time { return 2_000_000_000 }
	return overlay.New(overlay.Options{Lower: lower, Observe: observe, RootMode: 0o755, Clock: now})
}

func TestConformance(t *testing.T) { vfstest.Run(t, makeOverlay, true) }

// TestBlocks counts the space of a file over lower content, in units of 512 bytes.
func TestBlocks(t *testing.T) {
	lower := makeOverlay(nil, nil)
	f, err := lower.Root().Create("f", vfs.NewNode{Mode: 0o100644})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 3*4096), 0, 0); err != nil {
		t.Fatal(err)
	}
	n, err := makeOverlay(lower, nil).Root().Lookup("f")
	if err != nil {
		t.Fatal(err)
	}
	const punch = 3 // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
	for _, step := range []struct {
		name string
		err  func() error
		want int64
	}{
		{"nothing", func() error { return nil }, 24},
		{"overwrite", func() error { _, err := n.WriteAt([]byte("x"), 5000, 0); return err }, 24},
		{"punch a hole", func() error { return n.Allocate(punch, 0, 4096, 0) }, 16},
		{"fill it", func() error { _, err := n.WriteAt([]byte("x"), 0, 0); return err }, 24},
		{"extend with a gap", func() error { _, err := n.WriteAt([]byte("x"), 10*4096, 0); return err }, 32},
		{"truncate", func() error { return n.SetAttr(vfs.AttrSize, vfs.Attr{Size: 4097}, 0) }, 16},
	} {
		if err := step.err(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if a, _ := n.Attr(); a.Blocks != step.want {
			t.Errorf("%s: %d blocks, want %d", step.name, a.Blocks, step.want)
		}
	}
}
