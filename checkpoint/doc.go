// Package checkpoint stores the snapshots of a running machine behind its back.
//
// A Run is called between the machine's turns. When a checkpoint is due it freezes the
// machine, which takes no longer than the objects of its kernel take to write down, and
// lets it go on; hashing, compressing, storing and committing happen on another goroutine,
// one checkpoint at a time. Memory, registers, kernel and the updates of the host's files
// commit as one: the updates are durable under the name of the manifest before the
// manifest is, and are applied after it.
package checkpoint
