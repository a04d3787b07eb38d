//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package dirstore

import "os"

// lock cannot be had here: whoever runs two writers on one store damages nothing, but
// one's GC may take what the other has not committed.
func lock(*os.File) error { return nil }

// syncDir has no counterpart here; the host's file system orders renames itself.
func syncDir(string) error { return nil }
