// Package journal is the log of file updates: a Record is one mutation of a
// writable file system, in canonical bytes.
//
// A file system applies records by one function, live and on replay: the records
// of a run, applied to an empty upper layer over the same lower tree, give the same
// tree. Files are named by inode number. A file of the lower tree gets its number
// in the journal by a Bind record before the first record that mentions it, so a
// journal depends on nothing that was merely looked at.
//
// The encoding of a record is
//
//	version  u8   Version
//	type     u8
//	fields   …    those of the type, in the order of Record.fields
//
// with little-endian integers of fixed width and byte strings behind a 32-bit
// length. Every record has exactly one encoding; Decode refuses anything else.
package journal
