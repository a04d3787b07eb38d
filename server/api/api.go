package api

import (
	"net/url"
	"time"

	"emurun/server/core"
	"emurun/snapshot"
)

// Limits of requests.
const (
	MaxJSON  = 1 << 20              // bytes of a JSON body
	MaxPack  = snapshot.MaxManifest // bytes of a pack
	MaxNames = 8192                 // packs in a question
	MaxPage  = 1000                 // elements in an answer that is a list
	// MaxInline bounds the bytes of one small pack in a commit, and MaxInlines their number.
	MaxInline  = 64 << 10
	MaxInlines = 8
)

// Headers of our own.
const (
	// MarkHeader carries, in an answer, the mark of the newest batch that it acknowledges,
	// and in a request the newest that the client was told of.
	MarkHeader = "Emusrv-Mark"
	// RequestHeader carries a name of the request, for logs.
	RequestHeader = "X-Request-Id"
)

// NoJob stands for a job without a name in paths.
const NoJob = "-"

func segment(s string) string {
	if s == "" {
		return NoJob
	}
	return url.PathEscape(s)
}

// PackPath is where a pack is put, and got back by who put it.
func PackPath(name snapshot.Hash) string { return "/v1/packs/" + name.String() }

// JobPackPath is where a pack of a job's checkpoints is got.
func JobPackPath(job string, name snapshot.Hash) string {
	return "/v1/jobs/" + segment(job) + "/packs/" + name.String()
}

// JobCheckpointsPath is where a job's checkpoints are committed and listed.
func JobCheckpointsPath(job string) string { return "/v1/jobs/" + segment(job) + "/checkpoints" }

// CheckpointPath is where a checkpoint is described.
func CheckpointPath(id snapshot.Hash) string { return "/v1/checkpoints/" + id.String() }

// JobPath is where a job is described; with ":ORDER" behind it that is what is asked for.
func JobPath(job string) string { return "/v1/jobs/" + segment(job) }

// WorkerPath is a worker's, likewise.
func WorkerPath(name string) string { return "/v1/workers/" + segment(name) }

// The paths without parameters.
const (
	MissingPath     = "/v1/packs:missing"
	CheckpointsPath = "/v1/checkpoints"
	JobsPath        = "/v1/jobs"
	WorkersPath     = "/v1/workers"
	NamespacesPath  = "/v1/namespaces"
	TokensPath      = "/v1/admin/tokens"
	VerifyPath      = "/v1/admin/verify"
	GCPath          = "/v1/admin/gc"
	BackupPath      = "/v1/admin/backup"
	HealthPath      = "/healthz"
	ReadyPath       = "/readyz"
	MetricsPath     = "/metrics"
)

// Missing asks which packs have to be put, and is the answer.
type Missing struct {
	Packs []snapshot.Hash `json:"packs"`
}

// Commit commits a checkpoint. The manifest says whose, and which.
type Commit struct {
	Digest   snapshot.Hash   `json:"digest"`             // the checkpoint's name
	Manifest []byte          `json:"manifest,omitempty"` // encoded, or
	At       snapshot.Hash   `json:"at"`                 // the pack that it was put as
	Base     snapshot.Hash   `json:"base"`               // the checkpoint whose packs have the rest
	Add      []snapshot.Hash `json:"add,omitempty"`      // packs besides
	Inline   [][]byte        `json:"inline,omitempty"`   // small packs that come along
	Run      *Run            `json:"run,omitempty"`      // of a job that was submitted
}

// Run is what the worker that has a job says with its checkpoint.
type Run struct {
	Output [2]uint64 `json:"output"` // bytes of stdout and stderr that it contains
	Final  bool      `json:"final,omitempty"`
	Status int32     `json:"status,omitempty"` // wait status, when the program has ended
}

// Committed is the answer to a Commit.
type Committed struct {
	ID    snapshot.Hash `json:"id"`
	Again bool          `json:"again,omitempty"` // it was there before
}

// Checkpoint describes a checkpoint.
type Checkpoint struct {
	ID      snapshot.Hash `json:"id"`
	Job     string        `json:"job"`
	Epoch   uint64        `json:"epoch"`
	Seq     uint64        `json:"seq"`
	Parent  snapshot.Hash `json:"parent"`
	Step    uint64        `json:"step"`
	Created int64         `json:"created"` // nanoseconds since 1970, by the client's clock
	Label   string        `json:"label,omitempty"`
	Bytes   int64         `json:"bytes"` // of its packs
	At      time.Time     `json:"at"`    // by the server's clock
}

// Checkpoints is a list of checkpoints. Next is where the next page begins, empty if this
// is the last.
type Checkpoints struct {
	Checkpoints []Checkpoint  `json:"checkpoints"`
	Next        snapshot.Hash `json:"next"`
}

// Pack is a pack and its size.
type Pack struct {
	Name snapshot.Hash `json:"name"`
	Size int64         `json:"size"`
}

// Table is the packs of a checkpoint.
type Table struct {
	Job   string `json:"job"`
	Packs []Pack `json:"packs"`
}

// Output is the sections of a checkpoint with all that its program has written to stdout and stderr.
var Output = map[string]string{"stdout": "@output1", "stderr": "@output2"}

// NewJob submits a job.
type NewJob struct {
	Job       string `json:"job"`
	Namespace string `json:"namespace,omitempty"`
	Spec      Spec   `json:"spec"`
}

// Spec is how a job is run.
type Spec struct {
	Header []byte `json:"header"` // a record.Header, encoded
	Every  string `json:"every"`  // between checkpoints: a time, or N-steps
}

// Order is what is asked for a job or a worker; the path says what.
type Order struct {
	To     string     `json:"to,omitempty"`     // migrate: the worker
	Drain  core.Drain `json:"drain,omitempty"`  // drain: what becomes of the jobs
	Return bool       `json:"return,omitempty"` // undrain: bring home what went away
}

// Register is a worker's process that begins; the answer is a core.Registered.
type Register struct {
	Name  string `json:"name"`
	Nonce uint64 `json:"nonce"`
}

// Directives answers a heartbeat, which is a core.Heartbeat.
type Directives struct {
	core.Directives
	Tokens map[string]string `json:"tokens,omitempty"` // job tokens of the jobs to run
}

// Release gives a job back.
type Release struct {
	core.Release
	Worker string `json:"worker"` // who had it
}

// Worker is a node.
type Worker struct {
	Name  string     `json:"name"`
	Slots int        `json:"slots"`
	Lost  bool       `json:"lost"` // its lease expired
	Drain core.Drain `json:"drain,omitempty"`
}

// Workers is a list of workers.
type Workers struct {
	Workers []Worker `json:"workers"`
}

// Job is where a job stands.
type Job struct {
	Job       string        `json:"job"`
	Namespace string        `json:"namespace"`
	Epoch     uint64        `json:"epoch"`
	Seq       uint64        `json:"seq"`
	Head      snapshot.Hash `json:"head"`
	Bytes     int64         `json:"bytes"`

	// Of a job that was submitted:
	State  core.State `json:"state,omitempty"`
	Worker string     `json:"worker,omitempty"`
	Step   uint64     `json:"step,omitempty"` // of the head
	Output [2]uint64  `json:"output"`         // bytes of stdout and stderr in the head
	Status int32      `json:"status,omitempty"`
	Reason string     `json:"reason,omitempty"`
}

// Jobs is a list of jobs. Next is where the next page begins.
type Jobs struct {
	Jobs []Job  `json:"jobs"`
	Next string `json:"next,omitempty"`
}

// Namespace is a namespace with its use and quota in bytes; 0 for no quota.
type Namespace struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Quota int64  `json:"quota,omitempty"`
}

// Namespaces is a list of namespaces.
type Namespaces struct {
	Namespaces []Namespace `json:"namespaces"`
}

// SetQuota sets the quota of a namespace; 0 for none.
type SetQuota struct {
	Quota int64 `json:"quota"`
}

// NewToken asks for a token.
type NewToken struct {
	Role      string    `json:"role"`
	Namespace string    `json:"namespace,omitempty"`
	Note      string    `json:"note,omitempty"`
	Expires   time.Time `json:"expires,omitzero"`
}

// Token describes a token. Token itself is only there in the answer that makes it.
type Token struct {
	ID        string    `json:"id"`
	Token     string    `json:"token,omitempty"`
	Role      string    `json:"role"`
	Namespace string    `json:"namespace,omitempty"`
	Note      string    `json:"note,omitempty"`
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires,omitzero"`
}

// Tokens is a list of tokens.
type Tokens struct {
	Tokens []Token `json:"tokens"`
}

// GC is what a collection did.
type GC struct {
	Condemned int   `json:"condemned"` // packs found useless, to go in a later cycle
	Deleted   int   `json:"deleted"`
	Freed     int64 `json:"freed"` // bytes
	Trimmed   int   `json:"trimmed"`
	Live      int   `json:"live"`
}

// Verify is what a verification found.
type Verify struct {
	Checkpoints int      `json:"checkpoints"`
	Good        int      `json:"good"`
	Packs       int      `json:"packs"`
	Bytes       int64    `json:"bytes"`
	Damage      []string `json:"damage,omitempty"`
}
