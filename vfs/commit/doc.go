// Package commit is what has to be done to a real directory tree so that it
// becomes what the guest sees: a list of path operations, and how to apply it so
// that it can be cut off anywhere and applied again.
//
// overlay.FS.Changes derives the operations from its final state, hostfs writes
// them ahead to a log and implements Target on the host's files.
//
// The order is: files that move are put aside under temporary names and files
// that go are removed, deepest directories first; then the new tree is built from
// above, new files under temporary names until they are complete; then hard links,
// content that changes in place, attributes, and directory times last. Applying the
// list again from its beginning is harmless after any crash: an operation that takes
// something away names the file by its ID on the host, and everything new is in
// the list.
package commit
