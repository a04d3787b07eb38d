// Package store keeps what emusrv keeps, on one machine's disk.
//
//	emusrv-store          what this is, and its version
//	lock                  who serves holds it
//	acked                 the newest batch that was acknowledged
//	meta/                 badger: every mutable fact (Meta)
//	packs/ab/abcd…        immutable bytes named by their SHA-256 (Packs)
//	tmp/                  what is being written
//	quarantine/           what was moved out of the way, never deleted
//	tls/, secrets/        the server's certificates and keys
//
// There are two kinds of state. Packs never change: memory pages, page tables, manifests.
// They are durable before anything names them. Facts change, all of them in Meta, whose
// one way of writing is Commit: a batch whose conditions all hold is applied as a whole
// and durably, or not at all. One goroutine commits, many batches in one synchronous
// transaction, so that a hundred writers do not wait for a hundred disks.
//
// A checkpoint is committed by one batch that adds its record and moves the head of its
// job, on condition that the head is still what the committer was told: the epoch of a
// lease is compared there, inside the commit, and nowhere else. A crash at any point leaves
// the old head or the new one.
//
// Every batch has a number, its LSN. Whoever was told of one can say so later, and a store
// that no longer has it knows that it went backwards, and refuses to write.
//
// Badger is imported here and nowhere else; its errors end here. keys.go has the tables.
package store
