// Package core is what decides who runs a job and what counts: leases, the life of a job, the
// validation of commits, and the agent of a worker. It does no I/O and has no clock: who
// uses it hands in messages with the time and carries out what comes back.
//
// Server.Step returns a Batch and messages. The messages may leave only when the batch, and all
// batches before it, are durable; so no one ever learns of a state that a crash can
// undo. A server that starts again loads what was durable.
//
// Safety does not depend on any clock. A job has an epoch, which grows with each lease; a
// commit names its epoch and the checkpoint that it follows, and is refused if either
// is not the present one. Times only decide when to give up waiting.
//
//	PENDING → ASSIGNED → RUNNING → COMPLETED, FAILED
//	             └──────────┴→ STOPPING → PENDING (migration) or HELD (pause, drain)
//	any of them → CANCELLED; HELD → PENDING
package core
