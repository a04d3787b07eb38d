// Package overlay is the writable file system: an in-memory upper layer over a
// read-only lower tree, or over nothing (memfs).
//
// A node is a file of the lower tree that was seen, or one that the guest made.
// A directory keeps only the names that differ from its lower directory: a node,
// or nil for a name that is gone (a whiteout). A regular file keeps only the
// pages that were written; the rest is read from the lower file as far as its
// lowerSize reaches, and is zero beyond. So a directory of the lower tree that is
// renamed takes its lower content along, and a huge file costs what is changed.
//
// Every mutation is a journal.Record and happens in FS.Apply, live and on replay.
// The operations of vfs.Node do no more than build records. Options.Observe sees
// each record after it was applied.
//
// Pages beyond Options.MemoryLimit go to Options.Scratch, a file of the host
// that only this run knows.
//
// Changes derives from the final state what has to be done to the lower tree; see
// package commit.
package overlay
