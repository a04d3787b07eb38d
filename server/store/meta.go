package store

import (
	"errors"
	"fmt"
	"iter"

	"emurun/snapshot"
)

// LSN is the number of a batch, one more than the one before. A key's version is the LSN
// of the batch that wrote it last; 0 is the version of a key that is absent.
type LSN uint64

// Entry is a key with its value and version.
type Entry struct {
	Key     string
	Value   []byte
	Version LSN
}

// Reader reads facts.
type Reader interface {
	// Get returns the entry of key, or ErrNotFound.
	Get(key string) (Entry, error)
	// Scan yields the entries whose keys begin with prefix and are not below from, in
	// ascending order of the keys.
	Scan(prefix, from string) iter.Seq2[Entry, error]
}

// Meta is every mutable fact. Its own Get and Scan see what is committed when they are
// called.
type Meta interface {
	Reader
	// View calls f with a Reader of one instant.
	View(f func(Reader) error) error
	// Commit applies b durably and returns its LSN, if every condition of b holds;
	// otherwise it does nothing and returns ErrConflict. After any other error than
	// ErrConflict, ErrLimit and what Check finds, nobody knows whether b was applied:
	// the process must end.
	Commit(b Batch) (LSN, error)
}

// Batch is one atomic change.
type Batch struct {
	Pre []Cond
	Put []KV
	Del []string
}

// Cond is the condition that a key is at a version; at 0, that it is absent.
type Cond struct {
	Key     string
	Version LSN
}

// KV is a key and its new value.
type KV struct {
	Key   string
	Value []byte
}

// Limits of a batch, which any engine can keep. Exceeding one is an error: a batch is
// never split.
const (
	MaxConds = 64
	MaxOps   = 96       // puts and deletions
	MaxKey   = 1 << 10  // bytes
	MaxValue = 64 << 10 // bytes
	MaxBatch = 1 << 20  // bytes of all keys and values
)

// The errors of Meta.
var (
	// ErrNotFound says that there is no such key, checkpoint or pack.
	ErrNotFound = snapshot.ErrNotFound
	// ErrConflict says that a condition of a batch does not hold.
	ErrConflict = errors.New("changed meanwhile")
	// ErrLimit says that a batch is too large.
	ErrLimit = errors.New("batch too large")
)

// check tests b against the limits.
func (b *Batch) check() error {
	if len(b.Pre) > MaxConds {
		return fmt.Errorf("%d conditions, at most %d are allowed: %w", len(b.Pre), MaxConds, ErrLimit)
	}
	if n := len(b.Put) + len(b.Del); n > MaxOps {
		return fmt.Errorf("%d operations, at most %d are allowed: %w", n, MaxOps, ErrLimit)
	}
	seen := map[string]bool{}
	for _, kv := range b.Put {
		if len(kv.Value) > MaxValue {
			return fmt.Errorf("%q has a value of %d bytes, at most %d are allowed: %w", kv.Key, len(kv.Value), MaxValue, ErrLimit)
		}
	}
	for key := range b.keys() {
		if key == "" || len(key) > MaxKey {
			return fmt.Errorf("key of %d bytes, 1 to %d are allowed: %w", len(key), MaxKey, ErrLimit)
		}
		if seen[key] {
			return fmt.Errorf("%q is written twice: %w", key, ErrLimit)
		}
		seen[key] = true
	}
	if n := b.size(); n > MaxBatch {
		return fmt.Errorf("%d bytes, at most %d are allowed: %w", n, MaxBatch, ErrLimit)
	}
	return nil
}

// keys yields what b writes.
func (b *Batch) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, kv := range b.Put {
			if !yield(kv.Key) {
				return
			}
		}
		for _, k := range b.Del {
			if !yield(k) {
				return
			}
		}
	}
}

// size returns the bytes of all keys and values.
func (b *Batch) size() int {
	n := 0
	for _, c := range b.Pre {
		n += len(c.Key)
	}
	for _, kv := range b.Put {
		n += len(kv.Key) + len(kv.Value)
	}
	for _, k := range b.Del {
		n += len(k)
	}
	return n
}
