package devfs

import (
	"emurun/abi"
	"emurun/vfs"
)

// null is /dev/null, null(4): writing goes nowhere, reading is at the end.
type null struct {
	vfs.FileDefaults
	_ bool // so that each has an address of its own
}

// Read implements vfs.File.
func (*null) Read([]byte, int64) (int, error) { return 0, nil }

// Write implements vfs.File.
func (*null) Write(p []byte, _ int64) (int, error) { return len(p), nil }

// Seekable implements vfs.File: lseek(2) succeeds, and the position means nothing.
func (*null) Seekable() bool { return true }

// zero is /dev/zero, zero(4): reading gives zeros.
type zero struct{ null }

// Read implements vfs.File.
func (*zero) Read(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// full is /dev/full, full(4): a device without space.
type full struct{ zero }

// Write implements vfs.File.
func (*full) Write([]byte, int64) (int, error) { return 0, abi.ENOSPC }

// randomFile is /dev/random and /dev/urandom, random(4): the machine's random
// stream, which never runs dry. Writing stirs nothing.
type randomFile struct {
	null
	fs *FS
}

// Read implements vfs.File.
func (f *randomFile) Read(p []byte, _ int64) (int, error) {
	f.fs.random(p)
	return len(p), nil
}
