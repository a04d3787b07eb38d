package capture

import (
	"emurun/abi"
	"emurun/vfs"
)

// SetAttr refuses: the tree is read-only.
func (n *node) SetAttr(vfs.AttrMask, vfs.Attr, vfs.Time) error { return abi.EROFS }

// Create refuses: the tree is read-only.
func (n *node) Create(string, vfs.NewNode) (vfs.Node, error) { return nil, abi.EROFS }

// Link refuses: the tree is read-only.
func (n *node) Link(string, vfs.Node, vfs.Time) error { return abi.EROFS }

// Unlink refuses: the tree is read-only.
func (n *node) Unlink(string, vfs.Time) error { return abi.EROFS }

// Rmdir refuses: the tree is read-only.
func (n *node) Rmdir(string, vfs.Time) error { return abi.EROFS }

// Rename refuses: the tree is read-only.
func (n *node) Rename(string, vfs.Node, string, uint32, vfs.Time) error { return abi.EROFS }

// WriteAt refuses: the tree is read-only.
func (n *node) WriteAt([]byte, int64, vfs.Time) (int, error) { return 0, abi.EROFS }

// Allocate refuses: the tree is read-only.
func (n *node) Allocate(uint32, int64, int64, vfs.Time) error { return abi.EROFS }

// Setxattr refuses: the tree is read-only.
func (n *node) Setxattr(string, []byte, int, vfs.Time) error { return abi.EROFS }

// Removexattr refuses: the tree is read-only.
func (n *node) Removexattr(string, vfs.Time) error { return abi.EROFS }
