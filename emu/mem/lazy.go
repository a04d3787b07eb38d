package mem

import (
	"encoding/binary"
	"fmt"

	"emurun/snapshot/wire"
)

// Thawed memory is loaded when it is touched. A node that was not needed yet has a source and
// its hash, but no entries. A page that was not needed yet has a frame, with a source and its
// hash, but no content; entries for it have pteLazy, also afterwards, so that a page
// that is only read does not change its node. Views need nothing but the hashes.

// entrySize is the size of an entry of an encoded node: index and hash.
const entrySize = 2 + len(Sum{})

// Err returns the error because of which the contents of p can no longer be relied
// on: something thawed could not be loaded. The machine must not go on.
func (p *Pool) Err() error { return p.err }

// fail records why thawed memory could not be loaded.
func (p *Pool) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// thawTree returns a tree with these pages, of which src has the contents.
func (p *Pool) thawTree(src wire.Source, pages int) tree {
	t := tree{pool: p, pages: pages}
	p.used += pages
	if src != nil && src.Root() != (Sum{}) {
		p.sources = append(p.sources, src)
		t.root = lazyNode(src.Root(), uint32(len(p.sources)))
	}
	return t
}

func lazyNode(sum Sum, source uint32) *node {
	n := &node{refs: 1, epoch: thawedEpoch, pages: unknown, source: source}
	n.sums.set(&nodeSum{thawedEpoch, thawed, sum})
	return n
}

// load makes the entries of n, which has a source, known. If that fails it has none.
func (p *Pool) load(n *node, level int) {
	source := n.source
	n.source = 0
	n.kid, n.page = p.nodes.arrays(level)
	b := p.chunk(n, level, source)
	n.pages = unknown
	if level == 0 {
		n.pages = len(b) / entrySize
	}
	for ; len(b) > 0; b = b[entrySize:] {
		i, sum := binary.LittleEndian.Uint16(b), Sum(b[2:entrySize])
		if level > 0 {
			n.kid[i] = lazyNode(sum, source)
		} else {
			n.page[i] = p.lazyPage(sum, source)
		}
	}
}

// chunk returns the encoded entries of n, which its source has; nil if it fails.
func (p *Pool) chunk(n *node, level int, source uint32) []byte {
	sum := n.sums.get(thawedEpoch).sum
	b, err := p.sources[source-1].Chunk(sum)
	if err == nil {
		err = checkNode(b, level)
	}
	if err != nil {
		p.fail(fmt.Errorf("page table node %x: %w", sum, err))
		return nil
	}
	return b[1:]
}

// checkNode checks an encoded node.
func checkNode(b []byte, level int) error {
	if len(b) < 1+entrySize || (len(b)-1)%entrySize != 0 || int(b[0]) != level {
		return fmt.Errorf("%d bytes are no node of level %d: %w", len(b), level, wire.ErrCorrupt)
	}
	last := -1
	for b = b[1:]; len(b) > 0; b = b[entrySize:] {
		i := int(binary.LittleEndian.Uint16(b))
		if i <= last || i >= fan || Sum(b[2:entrySize]) == (Sum{}) {
			return fmt.Errorf("entry %d behind entry %d of a node of level %d: %w", i, last, level, wire.ErrCorrupt)
		}
		last = i
	}
	return nil
}

// lazyPage returns the entry of a page that source has.
func (p *Pool) lazyPage(sum Sum, source uint32) pte {
	if sum == zeroSum {
		p.hold(zeroFrame)
		return pte(zeroFrame)
	}
	f := p.alloc(false)
	*p.meta(f) = frameMeta{refs: 1, epoch: thawedEpoch, source: source}
	s := p.chunks[f>>chunkShift].sums.at(f & chunkMask)
	s.epoch.Store(0) // of the frame's use before
	s.set(thawedEpoch, sum)
	s.stored(thawedEpoch, thawed)
	return pteLazy | pte(f)
}

// frame returns the frame of the entry e with its content.
func (p *Pool) frame(e pte) (Frame, Cause) {
	f := e.frame()
	if e&pteLazy != 0 && p.meta(f).source != 0 && !p.loadPage(f) {
		return 0, CauseLost
	}
	return f, CauseNone
}

// loadPage loads the content of f.
func (p *Pool) loadPage(f Frame) bool {
	m := p.meta(f)
	sum, _ := p.chunks[f>>chunkShift].sums.at(f & chunkMask).get(thawedEpoch)
	b, err := p.sources[m.source-1].Chunk(sum)
	if err == nil && len(b) != PageSize {
		err = fmt.Errorf("%d bytes: %w", len(b), wire.ErrCorrupt)
	}
	if err != nil {
		p.fail(fmt.Errorf("page %x: %w", sum, err))
		return false
	}
	copy(p.bytes(f)[:], b)
	m.source = 0
	return true
}
