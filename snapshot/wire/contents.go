package wire

import (
	"crypto/sha256"
	"iter"
)

// PageSize is the number of bytes of a page of contents.
const PageSize = 4096

// Sum is a SHA-256 hash. The zero Sum names a page of zeroes and the table without pages.
type Sum = [sha256.Size]byte

// Contents is the pages of an object at the instant at which it was frozen. They lie beside
// the graph, in a section of their own.
type Contents interface {
	// Size returns the number of bytes.
	Size() uint64
	// Store puts what was not stored by the last Contents of the object that was
	// committed, and returns the root of the page table. It may run on another
	// goroutine than the object's, which changes in the meantime.
	Store(to Sink) (Sum, error)
	// Release ends the use; committed says that what Store put is there for good.
	// It is called once, on the goroutine of the object.
	Release(committed bool)
}

// Sink is where contents go.
type Sink interface {
	// Put takes the chunk p, a page or a node of a page table, whose hash is h. It does not keep p.
	Put(h Sum, p []byte) error
	// Update returns the root of the page table that old becomes with these pages,
	// which it takes; nil stands for zeroes.
	Update(old Sum, pages iter.Seq2[uint64, *[PageSize]byte]) (Sum, error)
}

// Source is where thawed contents come from, when they are needed.
type Source interface {
	// Root returns the root of the page table.
	Root() Sum
	// Size returns the number of bytes.
	Size() uint64
	// Page fills dst with a page.
	Page(index uint64, dst *[PageSize]byte) error
	// Chunk returns a page, or a node of the page table, which must not be changed.
	Chunk(h Sum) ([]byte, error)
}

// Reopener is a Sink from which contents that it has taken can be read again, once they are
// committed, even while it takes others on another goroutine.
type Reopener interface {
	Source(root Sum, size uint64) Source
}
