package store

import (
	"encoding/json"
	"fmt"
	"time"

	"emurun/snapshot"
)

// The tables of Meta, by the beginning of their keys. Records are JSON, so that a later
// version adds a field without a new format; a field that is unknown is an error nowhere.
//
//	!lsn !store        what the store is
//	c/JOB\0EEEE…SSSS…ID  CheckpointRecord, by epoch, seq and name in hexadecimal
//	h/JOB              Head
//	i/ID               the key of the CheckpointRecord of that name
//	n/NAMESPACE        Namespace
//	p/HASH             a small pack
//	t/ID               Token
//
// For the job machine, in package core: a job's record changes in the same batch as its
// head where both matter, since Commit takes keys of any table.
//
//	j/JOB              what the job is, and its state
//	s/JOB              how it is run
//	w/WORKER           a worker, its incarnation and state
//
// A lease is granted by a batch that puts j/JOB and the Head with the next epoch, on
// condition that the Head is at the version that was read (Store.LeaseBatch).
const (
	checkpointTable = "c/"
	headTable       = "h/"
	idTable         = "i/"
	namespaceTable  = "n/"
	packTable       = "p/"
	tokenTable      = "t/"

	JobTable    = "j/"
	SpecTable   = "s/"
	WorkerTable = "w/"
)

// MaxJob bounds the bytes of a job's name.
const MaxJob = snapshot.MaxName

// CheckpointRecord is a checkpoint that is kept.
type CheckpointRecord struct {
	ID       snapshot.Hash `json:"id"`
	Job      string        `json:"job"`
	Epoch    uint64        `json:"epoch"`
	Seq      uint64        `json:"seq"`
	Parent   snapshot.Hash `json:"parent"`
	Step     uint64        `json:"step"`
	Created  int64         `json:"created"` // by the client's clock
	Label    string        `json:"label,omitempty"`
	Manifest snapshot.Hash `json:"manifest"` // the pack that is the encoded manifest
	Table    snapshot.Hash `json:"table"`    // the pack that lists the packs with its chunks
	Bytes    int64         `json:"bytes"`    // of those packs
	Trimmed  bool          `json:"trimmed,omitempty"`
	Grown    int           `json:"grown,omitempty"` // packs that the table got since it was trimmed
	At       time.Time     `json:"at"`              // by the server's clock
}

// Head is where a job stands.
type Head struct {
	Job       string        `json:"job"`
	Namespace string        `json:"namespace"`
	Epoch     uint64        `json:"epoch"` // of the newest lease; 0 if there was none
	Seq       uint64        `json:"seq"`
	ID        snapshot.Hash `json:"id"`             // the newest checkpoint, zero if there is none
	Key       string        `json:"key,omitempty"`  // of its record
	From      string        `json:"from,omitempty"` // of the oldest record that retention has to look at
	Bytes     int64         `json:"bytes"`          // of its packs, at most; exact after GC
}

func packKey(name snapshot.Hash) string  { return packTable + name.String() }
func idKey(id snapshot.Hash) string      { return idTable + id.String() }
func headKey(job string) string          { return headTable + job }
func checkpointPrefix(job string) string { return checkpointTable + job + "\x00" }

// key returns the key of c, which sorts the checkpoints of a job by age.
func (c *CheckpointRecord) key() string {
	return fmt.Sprintf("%s%016x%016x%v", checkpointPrefix(c.Job), c.Epoch, c.Seq, c.ID)
}

// put returns the write of a record.
func put(key string, record any) (KV, error) {
	p, err := json.Marshal(record)
	return KV{key, p}, err
}
