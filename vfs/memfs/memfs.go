package memfs

import (
	"emurun/vfs"
	"emurun/vfs/overlay"
)

// Options describe the root directory.
type Options struct {
	Dev      uint64
	Mode     uint32 // permission bits, for example 0o1777
	UID, GID uint32
	Time     vfs.Time
	Clock    vfs.Clock
	Limit    int64 // bytes of content; 0: no limit
}

// New returns an empty file system in memory, tmpfs(5).
func New(o Options) *overlay.FS {
	return overlay.New(overlay.Options{
		Dev: o.Dev, RootMode: o.Mode, UID: o.UID, GID: o.GID, Time: o.Time, Clock: o.Clock, SizeLimit: o.Limit,
	})
}
