package core

// bug is a mistake that could be made in this package. With the build tag "bugs" a test plants
// one at a time and proves that the simulation finds it.
type bug string

const (
	bugNone         bug = ""
	bugOldHeartbeat bug = "an old heartbeat counts"
	bugNoDiscard    bug = "a worker is not told that a job is not its own any more"
	bugSameEpoch    bug = "a new lease has the old epoch"
	bugNoFence      bug = "the epoch of a commit is not compared"
	bugNoParent     bug = "the parent of a commit is not compared"
	bugNotDurable   bug = "a commit is acknowledged and not written"
	bugOldRelease   bug = "the epoch of a release is not compared"
	bugNoFreeze     bug = "a worker that is cut off runs on"
	bugEarlyAck     bug = "messages leave before what they tell is durable"
	bugStaleHead    bug = "a worker goes on from the checkpoint that it had, not from the head"
	bugLostRelease  bug = "a release is not repeated by the heartbeat"
	bugNewDigest    bug = "a commit that is sent again has another content"
	bugOldCommit    bug = "an answer to an old commit counts for the new one"
)

// Bugs returns all that can be planted.
func Bugs() []string {
	var list []string
	for _, b := range []bug{
		bugOldHeartbeat, bugNoDiscard, bugSameEpoch, bugNoFence, bugNoParent, bugNotDurable, bugOldRelease, bugNoFreeze,
		bugEarlyAck, bugStaleHead, bugLostRelease, bugNewDigest, bugOldCommit,
	} {
		list = append(list, string(b))
	}
	return list
}
