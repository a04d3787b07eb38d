package mem

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// View is the content of a Space's private pages, or of an Object, at one instant.
// Taking it copies nothing; who writes later copies the page. It must be released.
type View struct {
	tree  tree
	epoch uint32
}

// Freeze returns a view of the private pages of s as they are now and begins a new
// epoch. Its cost does not depend on how much memory there is.
func (s *Space) Freeze() *View {
	s.TLB.flushWriteAll()
	return freeze(&s.tree)
}

// Freeze returns a view of the pages of o as they are now and begins a new epoch.
func (o *Object) Freeze() *View {
	o.flushWrite(0, treeLimit)
	return freeze(&o.tree)
}

// freeze shares t. What is written from now on has a later epoch, whatever was
// written before: every write passes tree.slot after the write tags are gone.
func freeze(t *tree) *View {
	v := &View{tree: t.share(), epoch: t.pool.epoch}
	t.pool.epoch++
	return v
}

// Epoch returns the epoch that v ended.
func (v *View) Epoch() uint32 { return v.epoch }

// Release gives up the view.
func (v *View) Release() { v.tree.drop() }

// Len returns the number of pages in v.
func (v *View) Len() int { return v.tree.len() }

// Pages calls f for the pages that were written in epoch since or later, in ascending
// order, until it returns false. Nothing that is older is looked at but its neighbours
// in a leaf. f must not keep or change the page.
func (v *View) Pages(since uint32, f func(index uint64, page *[PageSize]byte) bool) {
	p := v.tree.pool
	if v.tree.root == nil || v.tree.root.epoch < since {
		return
	}
	v.tree.root.each(levels-1, 0, 0, treeLimit, since, func(i uint64, e pte) bool {
		return p.meta(e.frame()).epoch < since || f(i, p.bytes(e.frame()))
	})
}

// Sum is a SHA-256 hash.
type Sum = [sha256.Size]byte

// Sum returns the hash of the pages as a Merkle tree over the page table. A page of
// zeroes counts as none. Only what changed since the last Sum of an earlier view is
// hashed again.
//
//	leaf:  H(0, (index, H(page))…)    index within the node, 16 bits, little-endian
//	above: H(level, (index, sum)…)    the sum of nothing is all zero
func (v *View) Sum() Sum {
	if v.tree.root == nil {
		return Sum{}
	}
	return v.tree.pool.sum(v.tree.root, levels-1)
}

// sums is what a node remembers of its hashes. It belongs to all copies of the node
// and is never changed.
type sums struct {
	epoch uint32 // the node's when they were computed
	sum   Sum
	pages *[fan]Sum // of a leaf; zero for pages of zeroes
}

// sum returns the hash of n.
func (p *Pool) sum(n *node, level int) Sum {
	if n.sums != nil && n.sums.epoch == n.epoch {
		return n.sums.sum
	}
	fresh := &sums{epoch: n.epoch}
	b := []byte{byte(level)}
	add := func(i int, s Sum) {
		if s != (Sum{}) {
			b = append(binary.LittleEndian.AppendUint16(b, uint16(i)), s[:]...)
		}
	}
	if level == 0 {
		fresh.pages = new([fan]Sum)
		for i, e := range n.page {
			if e != 0 {
				fresh.pages[i] = p.pageSum(n, i, e.frame())
				add(i, fresh.pages[i])
			}
		}
	} else {
		for i, k := range n.kid {
			if k != nil {
				add(i, p.sum(k, level-1))
			}
		}
	}
	if len(b) > 1 {
		fresh.sum = sha256.Sum256(b)
	}
	n.sums = fresh
	return fresh.sum
}

// pageSum returns the hash of f, entry i of the leaf n: the one computed before if
// neither the page nor the entry changed since.
func (p *Pool) pageSum(n *node, i int, f Frame) Sum {
	if old := n.sums; old != nil && p.meta(f).epoch <= old.epoch && old.pages[i] != (Sum{}) {
		return old.pages[i]
	}
	b := p.bytes(f)[:]
	if bytes.Equal(b, zeroPage[:]) {
		return Sum{}
	}
	return sha256.Sum256(b)
}
