package core

// Message is what goes between server, workers and people. Each may come late, twice or never.
type Message struct {
	From, To string // names of workers; "" is the server; people have names of their own
	Body     any    // one of the types below
}

// Register says that a worker's process has begun. The answer is Registered.
type Register struct {
	Nonce uint64 `json:"nonce"`
}

// Registered gives a worker its incarnation.
type Registered struct {
	Nonce       uint64 `json:"nonce"`
	Incarnation uint64 `json:"incarnation"`
}

// Heartbeat renews the lease of all jobs of a worker and says which it has. The answer is Directives.
type Heartbeat struct {
	Incarnation uint64 `json:"incarnation"`
	Count       uint64 `json:"count"` // of this incarnation's heartbeats
	Seen        uint64 `json:"seen"`  // the newest that was answered: answers to older ones do not count any more
	Slots       int    `json:"slots"` // how many jobs it may have
	Jobs        []Has  `json:"jobs"`
}

// Has is a job on a worker.
type Has struct {
	Job   string `json:"job"`
	Epoch uint64 `json:"epoch"`
	Acked uint64 `json:"acked"` // the last checkpoint that the server acknowledged, or from which it thawed
	Boot  uint64 `json:"boot"`  // of the server that gave it
}

// Directives answers the heartbeat Count.
type Directives struct {
	Incarnation uint64      `json:"incarnation"`
	Count       uint64      `json:"count"`
	Gone        bool        `json:"gone,omitempty"` // the server does not know this incarnation: register again
	List        []Directive `json:"list"`
}

// Directive tells a worker what to do with a job.
type Directive struct {
	Do    Do     `json:"do"`
	Job   string `json:"job"`
	Epoch uint64 `json:"epoch"`
	Head  Head   `json:"head"` // of Run
	Boot  uint64 `json:"boot"` // of Run: the server's
}

// Do is what a directive wants.
type Do string

// What directives want. They are repeated until the heartbeat shows that they are done.
const (
	DoRun     Do = "run"     // thaw the head and run it
	DoStop    Do = "stop"    // commit a last checkpoint and release it
	DoDiscard Do = "discard" // forget it: it is somebody else's, or nobody's
)

// Commit makes a checkpoint the job's head. The answer is Committed.
type Commit struct {
	Job    string
	Epoch  uint64
	Parent uint64 // Seq of the checkpoint that it follows
	Digest string
	Step   uint64
	Output [2]uint64
	Final  bool // the program has ended, with Status
	Status int32
}

// Committed answers a Commit.
type Committed struct {
	Job    string
	Epoch  uint64
	Seq    uint64 // of the checkpoint
	Digest string
	Code   Code
}

// Code says why something was refused; the names are those of the API.
type Code string

// The codes.
const (
	OK             Code = ""
	Fenced         Code = "fenced"          // another lease has begun
	ParentMismatch Code = "parent_mismatch" // it follows another checkpoint than the head
	Gone           Code = "gone"            // there is no such job
	Conflict       Code = "conflict"        // the job's state does not allow it
	Exists         Code = "exists"
	NoWorker       Code = "no_worker"
)

// Release gives a job back: it was stopped, or the emulator broke.
type Release struct {
	Job     string `json:"job"`
	Epoch   uint64 `json:"epoch"`
	Crashed bool   `json:"crashed,omitempty"`
	Failed  bool   `json:"failed,omitempty"` // it can never go on, for the reason given
	Reason  string `json:"reason,omitempty"`
}

// Order is what people ask for. The answer is Done.
type Order struct {
	ID     uint64 // echoed
	What   What
	Job    string
	Worker string // of Migrate, Drain and Undrain
	Drain  Drain
	Return bool   // Undrain: bring home what went away
	As     string // Fork: the new job
}

// What is a kind of order.
type What string

// The orders.
const (
	Submit  What = "submit"
	Pause   What = "pause"
	Resume  What = "resume"
	Cancel  What = "cancel"
	Migrate What = "migrate"
	Fork    What = "fork"
	DrainIt What = "drain"
	Undrain What = "undrain"
)

// Done answers an Order.
type Done struct {
	ID   uint64
	Code Code
}

// Read asks for the state of a job. The answer is Shown.
type Read struct {
	ID  uint64 // echoed
	Job string
}

// Shown is the state of a job, durable.
type Shown struct {
	ID   uint64
	Code Code
	Job  Job
}

// Batch is what must be durable before the messages of its step leave: records by key.
type Batch []Put

// Put is one record.
type Put struct {
	Key   string
	Value []byte
}
