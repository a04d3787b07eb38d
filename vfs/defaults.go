package vfs

import "emurun/abi"

// NodeDefaults answers every operation as Linux does for a node that lacks it.
// File systems embed it and override what their nodes support; Attr they must.
type NodeDefaults struct {
	cache   Cache
	writers int // see writeCount
}

// SetAttr refuses: the attributes are fixed.
func (NodeDefaults) SetAttr(AttrMask, Attr, Time) error { return abi.EPERM }

// Lookup refuses: not a directory.
func (NodeDefaults) Lookup(string) (Node, error) { return nil, abi.ENOTDIR }

// Entries refuses: not a directory.
func (NodeDefaults) Entries() ([]DirEntry, error) { return nil, abi.ENOTDIR }

// Create refuses, with vfs_create's EACCES for regular files and EPERM for the rest.
func (NodeDefaults) Create(_ string, n NewNode) (Node, error) {
	if n.Mode&abi.S_IFMT == abi.S_IFREG {
		return nil, abi.EACCES
	}
	return nil, abi.EPERM
}

// Link refuses: the file system has no hard links.
func (NodeDefaults) Link(string, Node, Time) error { return abi.EPERM }

// Unlink refuses: names cannot be removed.
func (NodeDefaults) Unlink(string, Time) error { return abi.EPERM }

// Rmdir refuses: names cannot be removed.
func (NodeDefaults) Rmdir(string, Time) error { return abi.EPERM }

// Rename refuses: names cannot be changed.
func (NodeDefaults) Rename(string, Node, string, uint32, Time) error { return abi.EPERM }

// Readlink refuses: not a symbolic link.
func (NodeDefaults) Readlink() (string, error) { return "", abi.EINVAL }

// ReadAt refuses: not a file with content.
func (NodeDefaults) ReadAt([]byte, int64) (int, error) { return 0, abi.EINVAL }

// WriteAt refuses: not a file with content.
func (NodeDefaults) WriteAt([]byte, int64, Time) (int, error) { return 0, abi.EINVAL }

// Allocate refuses: not a file with content.
func (NodeDefaults) Allocate(uint32, int64, int64, Time) error { return abi.EOPNOTSUPP }

// Sync succeeds: there is nothing to write back.
func (NodeDefaults) Sync() error { return nil }

// Getxattr refuses: no extended attributes.
func (NodeDefaults) Getxattr(string) ([]byte, error) { return nil, abi.EOPNOTSUPP }

// Setxattr refuses: no extended attributes.
func (NodeDefaults) Setxattr(string, []byte, int, Time) error { return abi.EOPNOTSUPP }

// Listxattr returns none.
func (NodeDefaults) Listxattr() ([]string, error) { return nil, nil }

// Removexattr refuses: no extended attributes.
func (NodeDefaults) Removexattr(string, Time) error { return abi.EOPNOTSUPP }

// Open refuses: nothing answers behind this node (open(2), ENXIO).
func (NodeDefaults) Open(uint32) (File, error) { return nil, abi.ENXIO }

// FileDefaults answers every operation of an open file that is always ready,
// has no position and can neither be read nor written.
type FileDefaults struct{}

// Read refuses.
func (FileDefaults) Read([]byte, int64) (int, error) { return 0, abi.EINVAL }

// Write refuses.
func (FileDefaults) Write([]byte, int64) (int, error) { return 0, abi.EINVAL }

// Seekable reports false.
func (FileDefaults) Seekable() bool { return false }

// Ready reports that reading and writing would not wait, as poll(2) does for regular files.
func (FileDefaults) Ready() uint32 {
	return abi.POLLIN | abi.POLLOUT | abi.POLLRDNORM | abi.POLLWRNORM
}

// Queue returns nil: always ready.
func (FileDefaults) Queue() *Queue { return nil }

// Ioctl refuses.
func (FileDefaults) Ioctl(uint32, uint64, Memory) (uint64, error) { return 0, abi.ENOTTY }

// Release has nothing to give back.
func (FileDefaults) Release() {}
