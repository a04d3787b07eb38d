package vfs

// Time is a file timestamp in nanoseconds since 1970-01-01 UTC.
type Time int64

// Attr is what stat(2) tells of a node. Host accidents (device and inode
// numbers, access times, free space) are replaced by deterministic values.
type Attr struct {
	Dev     uint64
	Ino     uint64
	Mode    uint32 // abi.S_IFMT type and permission bits
	Nlink   uint32
	UID     uint32
	GID     uint32
	Rdev    uint64
	Size    int64
	Blksize int64
	Blocks  int64 // 512-byte units
	Atime   Time
	Mtime   Time
	Ctime   Time
	Btime   Time
}

// AttrMask says which fields of an Attr a SetAttr changes.
type AttrMask uint32

// The changeable fields.
const (
	AttrMode AttrMask = 1 << iota
	AttrUID
	AttrGID
	AttrSize
	AttrAtime
	AttrMtime
	AttrCtime
)

// DirEntry is one name in a directory.
type DirEntry struct {
	Name string
	Ino  uint64
	Type uint8 // abi.DT_REG…
}

// NewNode says what Mknod-like operations create.
type NewNode struct {
	Mode     uint32 // type and permission bits, umask already applied
	UID, GID uint32
	Rdev     uint64
	Target   string // of a symbolic link
	Time     Time   // all four timestamps
}

// Node is an inode. A method that a node's type does not support answers with
// the error Linux gives (NodeDefaults). Permission checks are the caller's
// (Namespace and the system calls), except that a host file system also obeys what
// the host refuses. Names are single components, never "." or "..".
type Node interface {
	Attr() (Attr, error)
	SetAttr(mask AttrMask, a Attr, now Time) error

	// Directories.
	Lookup(name string) (Node, error)
	Entries() ([]DirEntry, error)                // ascending by name, without "." and ".."
	Create(name string, n NewNode) (Node, error) // regular file, directory, symlink, device, FIFO or socket
	Link(name string, target Node, now Time) error
	Unlink(name string, now Time) error
	Rmdir(name string, now Time) error
	// Rename moves name to newName in newDir; flags are abi.RENAME_NOREPLACE and RENAME_EXCHANGE.
	Rename(name string, newDir Node, newName string, flags uint32, now Time) error

	Readlink() (string, error)

	// Regular files.
	ReadAt(p []byte, off int64) (int, error) // 0, nil at end of file
	WriteAt(p []byte, off int64, now Time) (int, error)
	// Allocate implements fallocate(2) in the given mode.
	Allocate(mode uint32, off, length int64, now Time) error
	Sync() error

	// Extended attributes, xattr(7).
	Getxattr(name string) ([]byte, error)
	Setxattr(name string, value []byte, flags int, now Time) error
	Listxattr() ([]string, error)
	Removexattr(name string, now Time) error

	// Open returns the file behind a new open file description. Nodes whose
	// content is ReadAt and WriteAt return NodeFile(n).
	Open(flags uint32) (File, error)
}
