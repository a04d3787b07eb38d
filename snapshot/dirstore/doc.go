// Package dirstore keeps snapshots in a directory.
//
//	emurun-store                     what this is, and its version
//	lock                             who writes holds it
//	packs/00000001-<hash>.pack       chunks (package pack), numbered in order of writing
//	manifests/<hash>.snap            one per checkpoint
//	tmp/                             what is being written
//
// A file is written under tmp, synced, renamed to its place and the place synced; it
// never changes there. Packs are there before the manifest that needs them: the
// rename of the manifest is the instant of a commit. So after a crash anywhere there is
// the old checkpoint or the new one; packs that no manifest needs are left for GC, and
// what is in tmp goes when somebody writes next. There is nothing to recover on opening.
//
// One process writes; others may read meanwhile. After an operation that writes has
// failed, the Store refuses to write until it is opened again, because nobody knows
// what a failed fsync left behind: what was put since the last Commit is to be put again.
//
// This room meets the host. Its rules are those of storetest, its crashes are in
// crash_test.go.
package dirstore
