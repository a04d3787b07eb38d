package memfs_test

import (
	"testing"

	"emurun/vfs"
	"emurun/vfs/journal"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// TestConformance makes every file of the sessions in one file system without a
// lower tree, which is what memfs.New returns.
func TestConformance(t *testing.T) {
	vfstest.Run(t, func(_ vfs.FileSystem, observe func(*journal.Record)) vfstest.Replayer {
		now := func() vfs.Time { return 2_000_000_000 }
		return overlay.New(overlay.Options{Observe: observe, RootMode: 0o755, Clock: now})
	}, false)
}
