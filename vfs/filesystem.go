package vfs

import "errors"

// Statfs is what statfs(2) tells of a file system. Free space is a host
// accident, so file systems answer with fixed figures.
type Statfs struct {
	Type    int64 // abi.TMPFS_MAGIC…
	Bsize   int64
	Blocks  uint64
	Bfree   uint64
	Bavail  uint64
	Files   uint64
	Ffree   uint64
	Namelen int64
	Flags   uint64 // abi.ST_RDONLY…; the mount adds its own
}

// FileSystem is a tree of nodes that can be mounted.
type FileSystem interface {
	Root() Node
	Statfs() Statfs
}

// Clock tells the guest's time to file systems that stamp what open files write.
type Clock func() Time

// Follower is a magic link, symlink(7): a node that leads to a place itself
// instead of through its text, as /proc/PID/fd/N does.
type Follower interface{ Follow() (*Dentry, error) }

// Dynamic marks a directory whose names come and go by themselves, as /proc
// does: Namespace looks each name up again on every walk.
type Dynamic interface{ Dynamic() }

// Background is a regular file whose content can be read while somebody else uses its
// file system.
type Background interface {
	// Pages returns a function for any goroutine. It calls yield with those pages of the
	// content that are no hole, ascending, which yield does not keep, until it returns
	// false. The error is ErrChanged if the file is not what the node has seen.
	Pages() func(yield func(i int64, page *[4096]byte) bool) error
}

// ErrChanged says that somebody else has changed a file of the host.
var ErrChanged = errors.New("the file has changed")

// Extents is a regular file that knows its holes, lseek(2).
type Extents interface {
	// NextData returns the first offset at or after off where data (data) or a
	// hole (!data) begins; abi.ENXIO when there is none before the end.
	NextData(off int64, data bool) (int64, error)
}

// DirentType returns the getdents64(2) type of a file with the given mode.
func DirentType(mode uint32) uint8 { return uint8(mode >> 12 & 15) }
