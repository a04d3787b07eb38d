package snapshot

import (
	"errors"

	"emurun/snapshot/wire"
)

// The errors of a Store and of what reads from it.
var (
	// ErrNotFound says that there is no such chunk or manifest.
	ErrNotFound = errors.New("not found")
	// ErrCorrupt says that bytes are not what was stored.
	ErrCorrupt = wire.ErrCorrupt
	// ErrVersion says that a newer emurun wrote it.
	ErrVersion = errors.New("unknown format version")
)

// MaxChunk bounds the bytes of a chunk.
const MaxChunk = 32 << 10

// Getter is where chunks come from.
type Getter interface {
	// Get returns the chunk named h, whose hash has been checked. The caller must not
	// change it.
	Get(h Hash) ([]byte, error)
}

// Putter is where chunks go.
type Putter interface {
	// Put takes the chunk p, whose hash is h. It does not keep p. A Putter may believe
	// the name, for whoever puts a page has just computed it; one that hears from
	// another machine must not. What was put is there for certain only when a later
	// Commit has returned.
	Put(h Hash, p []byte) error
}

// Store keeps snapshots. Its chunks and manifests never change once they are there.
// One goroutine at a time may use it. Package storetest has what it must do.
type Store interface {
	Getter
	Putter
	// Commit makes m, and all chunks put before, durable in one step: after a crash
	// at any instant all of it is there or the manifest is not. The roots of m must be
	// there. It returns the name of m. Committing again what is there does nothing.
	Commit(m *Manifest) (Hash, error)
	// Manifest returns the manifest named id.
	Manifest(id Hash) (*Manifest, error)
	// List returns the names of all manifests, ascending, readable or not.
	List() ([]Hash, error)
	// Delete removes the manifest named id, not its chunks.
	Delete(id Hash) error
}
