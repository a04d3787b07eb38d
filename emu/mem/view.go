package mem

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"emurun/snapshot/wire"
)

// View is the private pages of a Space, or the pages of an Object, at one instant: their
// wire.Contents. Taking it copies nothing; who writes later copies the page.
type View struct {
	pool   *Pool
	of     *freezing
	root   *node
	pages  int
	chunks []*chunk // there may be more by the time it is stored
}

// View returns the private pages of s as they are now. Its cost does not depend on how
// much memory there is.
func (s *Space) View() *View {
	s.flushForView()
	return s.pool.view(&s.tree)
}

// View returns the pages of o as they are now.
func (o *Object) View() *View {
	for _, m := range o.maps {
		if m.Flags&Shared != 0 {
			m.space.flushForView()
		}
	}
	return o.pool.view(&o.tree)
}

// flushForView flushes the write tags, once for all views of an instant.
func (s *Space) flushForView() {
	if s.viewed != s.pool.epoch {
		s.TLB.flushWriteAll()
		s.viewed = s.pool.epoch
	}
}

// Len returns the number of pages in v.
func (v *View) Len() int { return v.pages }

// Size implements wire.Contents.
func (v *View) Size() uint64 { return treeLimit << PageShift }

// Store implements wire.Contents. Hashes that a view has computed before are not computed
// again. Several views may be stored at once.
func (v *View) Store(to wire.Sink) (Sum, error) {
	if v.root == nil {
		return Sum{}, nil
	}
	w := storing{View: v, to: to}
	return w.node(v.root, levels-1)
}

// Sum returns the root of the page table, without storing anything.
func (v *View) Sum() Sum {
	sum, _ := v.Store(nil) // only a Sink has errors
	return sum
}

// storing is one call of Store.
type storing struct {
	*View
	to  wire.Sink // nil: only the hash is wanted
	buf [levels][]byte
}

// has reports whether what freezing put has put is where it shall be.
func (w *storing) has(put uint32) bool { return w.to == nil || w.of.has(put) }

// put puts a chunk and returns the number to be remembered for it.
func (w *storing) put(sum Sum, p []byte) (uint32, error) {
	if w.to == nil {
		return 0, nil
	}
	return w.of.n, w.to.Put(sum, p)
}

// node stores n and what is below, and returns its hash: of the encoding of a node of a
// page table, zero if it has no entries.
func (w *storing) node(n *node, level int) (Sum, error) {
	known := n.sums.get(n.epoch)
	if known != nil && w.has(known.put) {
		return known.sum, nil
	}
	b, err := w.encode(n, level)
	if err != nil {
		return Sum{}, err
	}
	k := nodeSum{epoch: n.epoch}
	if len(b) > 1 {
		if known != nil {
			k.sum = known.sum
		} else {
			k.sum = sha256.Sum256(b)
		}
		if k.put, err = w.put(k.sum, b); err != nil {
			return Sum{}, fmt.Errorf("page table node %x: %w", k.sum, err)
		}
	}
	n.sums.set(&k)
	return k.sum, nil
}

// encode returns the encoding of n, in a buffer of its level.
func (w *storing) encode(n *node, level int) ([]byte, error) {
	b := append(w.buf[level][:0], byte(level))
	for i := range fan {
		sum, err := w.entry(n, level, i)
		if err != nil {
			return nil, err
		}
		if sum != (Sum{}) {
			b = append(binary.LittleEndian.AppendUint16(b, uint16(i)), sum[:]...)
		}
	}
	w.buf[level] = b
	return b, nil
}

// entry stores what is at entry i of n, and returns its hash; zero if there is nothing.
func (w *storing) entry(n *node, level, i int) (Sum, error) {
	switch {
	case level == 0 && n.page[i] != 0:
		return w.page(n.page[i].frame())
	case level > 0 && n.kid[i] != nil:
		return w.node(n.kid[i], level-1)
	}
	return Sum{}, nil
}

// page stores the content of f and returns its hash.
func (w *storing) page(f Frame) (Sum, error) {
	c, i := w.chunks[f>>chunkShift], f&chunkMask
	epoch := c.meta[i].epoch
	s := c.sums.at(i)
	p := c.mem[i<<PageShift : (i+1)<<PageShift]
	sum, ok := s.get(epoch)
	if !ok {
		if bytes.Equal(p, zeroPage[:]) {
			sum = zeroSum
		} else {
			sum = sha256.Sum256(p)
		}
		s.set(epoch, sum)
	}
	if sum == zeroSum && f != zeroFrame {
		return w.page(zeroFrame) // stored once for all
	}
	if w.has(s.put.Load()) {
		return sum, nil
	}
	n, err := w.put(sum, p)
	if err != nil {
		return Sum{}, fmt.Errorf("page %x: %w", sum, err)
	}
	s.stored(epoch, n)
	return sum, nil
}

// Pages calls f for the pages, in ascending order, until it returns false. f must not keep
// or change the page. It is for the guest's goroutine: what was thawed is loaded.
func (v *View) Pages(f func(index uint64, page *[PageSize]byte) bool) {
	t := tree{pool: v.pool, root: v.root}
	t.each(0, treeLimit, func(i uint64, e pte) bool {
		frame, cause := v.pool.frame(e)
		return cause == CauseNone && f(i, v.pool.bytes(frame))
	})
}
