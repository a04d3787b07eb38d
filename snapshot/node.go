package snapshot

import (
	"encoding/binary"
	"fmt"
)

// The geometry of a page table.
const (
	PageSize = 4096
	fanShift = 9
	fan      = 1 << fanShift
	levels   = 4
	// MaxPages is the number of pages of a table.
	MaxPages = 1 << (levels * fanShift)
)

// entrySize is the size of an encoded entry of a node: index and hash.
const entrySize = 2 + HashSize

// node is a part of a page table. At level 0 its entries name pages, above they name
// nodes. A node that has not been needed yet is only its hash.
type node struct {
	sum    Hash // of the encoding; meaningless while dirty
	dirty  bool
	loaded bool
	page   *[fan]Hash  // at level 0
	kid    *[fan]*node // above
}

// newNode returns an empty node.
func newNode(level int) *node {
	n := &node{loaded: true}
	n.alloc(level)
	return n
}

func (n *node) alloc(level int) {
	if level == 0 {
		n.page = new([fan]Hash)
	} else {
		n.kid = new([fan]*node)
	}
}

// entry returns the hash of entry i.
func (n *node) entry(i int) Hash {
	switch {
	case n.page != nil:
		return n.page[i]
	case n.kid[i] != nil:
		return n.kid[i].sum
	}
	return Hash{}
}

// encode returns the chunk of n, whose kids are not dirty; nil if it is empty.
func (n *node) encode(level int) []byte {
	p := []byte{byte(level)}
	for i := range fan {
		if h := n.entry(i); !h.IsZero() {
			p = append(binary.LittleEndian.AppendUint16(p, uint16(i)), h[:]...)
		}
	}
	if len(p) == 1 {
		return nil
	}
	return p
}

// entries calls f for the entries of an encoded node of the given level.
func entries(p []byte, level int, f func(i int, h Hash) error) error {
	if len(p) < 1+entrySize || (len(p)-1)%entrySize != 0 || int(p[0]) != level {
		return fmt.Errorf("%d bytes are no page table node of level %d: %w", len(p), level, ErrCorrupt)
	}
	last := -1
	for p = p[1:]; len(p) > 0; p = p[entrySize:] {
		i, h := int(binary.LittleEndian.Uint16(p)), Hash(p[2:entrySize])
		if i <= last || i >= fan || h.IsZero() {
			return fmt.Errorf("entry %d behind entry %d of a page table node of level %d: %w", i, last, level, ErrCorrupt)
		}
		last = i
		if err := f(i, h); err != nil {
			return err
		}
	}
	return nil
}

// decode fills n from its chunk.
func (n *node) decode(p []byte, level int) error {
	n.alloc(level)
	err := entries(p, level, func(i int, h Hash) error {
		if level == 0 {
			n.page[i] = h
		} else {
			n.kid[i] = &node{sum: h}
		}
		return nil
	})
	n.loaded = err == nil
	return err
}

// slot returns the entry in a node of the given level on the way to page index.
func slot(index uint64, level int) int { return int(index>>(level*fanShift)) & (fan - 1) }
