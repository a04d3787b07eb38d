// Package vfs is the virtual file system: nodes, open files, mounts and path
// walking, with the error numbers and corner cases of Linux (path_resolution(7)).
//
// A Node is an inode of some file system; a Dentry is a name in the tree of one
// Namespace; an OpenFile is an open file description (open(2)). A file system
// embeds NodeDefaults and overrides what its nodes support. A mutation of a
// writable file system is a journal.Record, applied by one function, live and on
// replay. No method blocks: a file that is not ready answers abi.EAGAIN and the
// caller parks on its Queue.
package vfs
