// Package lock is advisory file locks: record locks, fcntl_locking(2), owned by a
// descriptor table (F_SETLK) or by an open file description (F_OFD_SETLK), and whole
// file locks, flock(2).
//
// A Table has a File for every inode on which somebody holds or wants a lock,
// keyed by device and inode number. Nothing blocks: a lock that is taken answers
// abi.EAGAIN, and the caller parks on the inode's queue.
package lock
