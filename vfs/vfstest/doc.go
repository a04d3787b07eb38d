// Package vfstest is the conformance suite of writable file systems.
//
// testdata holds sessions, one file per group of system calls:
//
//	== move a directory into itself
//	> mkdir a 755
//	rename a a/b = EINVAL
//
// A line is an operation with its arguments and what Linux answers. Lines with
// ">" prepare the lower tree, where there is one. The same sessions run against
// the file systems of the project (Run) and, as the oracle, against a directory of
// the host's kernel, so that an expectation is never only an opinion.
//
// Run also replays the journal of each session into an empty upper layer and
// compares the trees.
package vfstest
