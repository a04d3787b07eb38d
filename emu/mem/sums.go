package mem

import (
	"crypto/sha256"
	"slices"
	"sync/atomic"

	"emurun/snapshot/wire"
)

// Sum is a SHA-256 hash.
type Sum = wire.Sum

// zeroSum is the hash of a page of zeroes.
var zeroSum = sha256.Sum256(zeroPage[:])

// What views computed is kept here, for the next ones: published once, never changed
// while a view may read it, and never looked at by the running guest. So views
// can be stored on other goroutines than the guest's, and several at once.

// nodeSum is the hash of a node as it was last changed in epoch.
type nodeSum struct {
	epoch uint32
	put   uint32 // the freezing that put the node and all below it; 0: none
	sum   Sum
}

// nodeSums holds the last nodeSum of a node.
type nodeSums struct{ p atomic.Pointer[nodeSum] }

// get returns what is known of a node last changed in epoch, or nil.
func (s *nodeSums) get(epoch uint32) *nodeSum {
	if k := s.p.Load(); k != nil && k.epoch == epoch {
		return k
	}
	return nil
}

func (s *nodeSums) set(k *nodeSum) { s.p.Store(k) }

// frameSum is the hash of the content of a frame.
type frameSum struct {
	epoch atomic.Uint32 // the frame's when it was computed; 0: none; busy: it is being set
	put   atomic.Uint32 // the freezing that put the page; 0: none
	sum   Sum
}

const busy = ^uint32(0)

// get returns the hash of a frame last written in epoch.
func (s *frameSum) get(epoch uint32) (Sum, bool) {
	if s.epoch.Load() != epoch {
		return Sum{}, false
	}
	return s.sum, true
}

// set publishes the hash, unless another view is about to.
func (s *frameSum) set(epoch uint32, sum Sum) {
	old := s.epoch.Load()
	if old == busy || old == epoch || !s.epoch.CompareAndSwap(old, busy) {
		return
	}
	s.put.Store(0)
	s.sum = sum
	s.epoch.Store(epoch)
}

// stored says that freezing n has put the page.
func (s *frameSum) stored(epoch, n uint32) {
	if s.epoch.Load() == epoch {
		s.put.Store(n)
	}
}

// frameSums is the frameSum of each frame of a chunk, made when first needed.
type frameSums struct {
	p atomic.Pointer[[chunkSize]frameSum]
}

func (s *frameSums) at(i Frame) *frameSum {
	p := s.p.Load()
	if p == nil {
		s.p.CompareAndSwap(nil, new([chunkSize]frameSum))
		p = s.p.Load()
	}
	return &p[i]
}

// freezing is one freezing of a machine: its views belong together, and are committed
// together or not at all.
type freezing struct {
	n       uint32   // its number
	missing []uint32 // the freezings before it that were not committed
	open    int      // views not released yet
	ended   bool     // no views are to come
	failed  bool     // a view was not committed
}

// thawed is the number of the freezing that thawed memory came from.
const thawed = 1

// has reports whether what freezing put has put need not be put again.
func (f *freezing) has(put uint32) bool {
	if put == 0 || put > f.n {
		return false
	}
	_, missing := slices.BinarySearch(f.missing, put)
	return !missing
}
