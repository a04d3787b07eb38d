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
