package core

import "time"

// Time is nanoseconds on a monotonic clock of whoever uses the package.
type Time int64

// State is a job's place in its life.
type State string

// The states.
const (
	Pending   State = "pending"   // waits for a worker
	Assigned  State = "assigned"  // a worker is to run it and may not know yet
	Running   State = "running"   // a worker has said that it runs it
	Stopping  State = "stopping"  // its worker is to commit a last checkpoint and let it go
	Held      State = "held"      // waits for somebody to resume it, or for a node to return
	Completed State = "completed" // its program has ended
	Failed    State = "failed"    // it cannot go on
	Cancelled State = "cancelled" // somebody did not want it any more
)

// Leased reports whether a worker has the job.
func (s State) Leased() bool { return s == Assigned || s == Running || s == Stopping }

// Ended reports whether nothing can happen to the job any more.
func (s State) Ended() bool { return s == Completed || s == Failed || s == Cancelled }

// Head is the newest checkpoint of a job; Seq 0 is the beginning, before the first.
type Head struct {
	Seq    uint64    `json:"seq"`
	Epoch  uint64    `json:"epoch"`
	Digest string    `json:"digest"` // of the manifest
	Step   uint64    `json:"step"`
	Output [2]uint64 `json:"output"` // bytes of stdout and stderr that it contains
}

// Lost reports whether the worker's lease has expired.
func (w *Worker) Lost() bool { return w.lost }

// Job is a named machine. All of it is durable.
type Job struct {
	Name        string `json:"name"`
	State       State  `json:"state"`
	Epoch       uint64 `json:"epoch"`                 // of the lease given last
	Worker      string `json:"worker,omitempty"`      // who has the lease
	Incarnation uint64 `json:"incarnation,omitempty"` // of that worker
	Head        Head   `json:"head"`

	Then State  `json:"then,omitempty"` // of a stopping job: what it becomes
	Want string `json:"want,omitempty"` // the worker that is to run it next
	Home string `json:"home,omitempty"` // the worker that it left because of a drain
	// Rewind says that a stopping job is not to commit: its worker is ahead of the head.
	Rewind bool `json:"rewind,omitempty"`
	// For is the node whose return a held job waits for.
	For     string   `json:"for,omitempty"`
	Crashed []string `json:"crashed,omitempty"` // where the emulator broke since the last commit
	Status  int32    `json:"status,omitempty"`  // wait status of a completed job
	Reason  string   `json:"reason,omitempty"`  // why it is failed or held
}

// maxCrashes is on how many workers the emulator may break at the same checkpoint before
// the job is held.
const maxCrashes = 3

// Drain says what a worker that is going away does with its jobs.
type Drain string

// The ways of a drain.
const (
	NoDrain      Drain = ""
	DrainHold    Drain = "hold"    // its jobs wait until it is back
	DrainMigrate Drain = "migrate" // its jobs go to other workers
)

// Worker is a node that runs jobs. It is durable but for the time.
type Worker struct {
	Name        string `json:"name"`
	Incarnation uint64 `json:"incarnation"` // that has the leases; 0 before the first
	Issued      uint64 `json:"issued"`      // the newest incarnation that was given out
	Nonce       uint64 `json:"nonce"`       // to whom: chosen by the process, so that it may register twice
	Slots       int    `json:"slots"`       // jobs at a time
	Drain       Drain  `json:"drain,omitempty"`

	beat  Time   // when it was last heard of
	count uint64 // of its heartbeats
	lost  bool   // its lease expired
	// told has the first heartbeat whose answer may have told it to run a job in an epoch. Only
	// one that has seen that answer proves that the worker does not have the job.
	told map[string]told
}

// told is an epoch of a job, and a heartbeat.
type told struct{ epoch, count uint64 }

// Profile is the times of leases.
type Profile struct {
	Beat   time.Duration // between heartbeats
	Freeze time.Duration // a worker stops its guests so long after it sent the last heartbeat that was answered
	Expire time.Duration // the server gives a lease to another so long after the last heartbeat came
}

// Profiles by name; Fast is for tests and for networks that do not fail.
var (
	Normal = Profile{Beat: 5 * time.Second, Freeze: 15 * time.Second, Expire: 22 * time.Second}
	Fast   = Profile{Beat: time.Second, Freeze: 3500 * time.Millisecond, Expire: 5 * time.Second}

	Profiles = map[string]Profile{"normal": Normal, "fast": Fast}
)
