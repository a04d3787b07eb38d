// Package hostfs is the only room that touches the files of the host: a
// read-only view of a directory tree, and the writer that applies a commit to it.
//
// FS is a vfs.FileSystem over a host directory. Nothing above that directory can
// be reached: every component is opened relative to its parent's handle without
// following symbolic links. What the host leaves to accident has one value:
// inode numbers count from first sight (hard links share one), all files are on
// one device, entries are sorted, access and change times equal the modification
// time, a directory is 4096 bytes long.
//
// Attributes, names and links are taken once per run, at first sight, and the
// host is held to be constant from then on: that makes a lookup cheap and a run
// repeatable. File content is read when the guest reads it; where somebody else
// changes a file meanwhile, the guest sees the new bytes within the old length.
//
// Host errors become abi.Errno in one function, Errno. Directory and file handles
// are kept in a bounded cache and reopened when needed.
package hostfs
