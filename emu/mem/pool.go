package mem

import (
	"unsafe"

	"emurun/snapshot/wire"
)

// Frame names a page frame of a Pool; 0 is none.
type Frame uint32

// maxIdle is how many used frames may lie free before an empty chunk goes back to the
// host: enough that a shell's short-lived children reuse what is there.
const maxIdle = 8 << chunkShift

// zeroFrame is the frame of all zeroes that every page not yet written shares.
const zeroFrame Frame = 1

// chunkShift says how many frames a chunk of the arena has: 1024, or 4 MiB.
const (
	chunkShift = 10
	chunkSize  = 1 << chunkShift
	chunkMask  = chunkSize - 1
)

// chunk is a piece of the arena.
type chunk struct {
	base   unsafe.Pointer
	mem    []byte
	free   []uint16 // used before and free now
	fresh  int      // frames from here on were never used and are zero
	used   int
	listed bool // in Pool.spare
	sums   frameSums
	meta   [chunkSize]frameMeta // last: the collector need not look behind the pointers
}

// frameMeta is what a Pool knows of a frame. Frame and epoch together name a content:
// nobody writes to a frame while a view has it, and who writes later does so in a
// later epoch.
type frameMeta struct {
	refs   int32  // tree slots that hold it
	epoch  uint32 // of the last write
	source uint32 // where the content is, if it is not here yet: a position in Pool.sources, plus 1
}

// Pool is the page frames of a machine. What counts against its limit is what a guest
// has, not what the host spends on it: each Space and each Object is charged all its
// pages, though a child of fork shares them with its parent, though a thawed page may
// not have been loaded; views are charged nothing.
type Pool struct {
	limit, used int // in pages
	charged     int // what Spaces cost besides their pages, in pages
	live        int // frames that are given out
	touched     int // frames that were used since their chunk was last empty
	epoch       uint32
	chunks      []*chunk
	spare       []int // chunks that may have a free frame, used as a stack
	objects     []*Object
	observer    WriteObserver // of a trace, or nil; not state
	nodes       nodeStore

	freezing  *freezing // between BeginFreeze and EndFreeze
	freezings uint32    // the last one's number
	missing   []uint32  // freezings that were not committed; copied to change it
	sources   []wire.Source
	err       error
}

// maxLimit is the largest limit in pages.
const maxLimit = 1<<31 - 1

// NewPool returns a pool for at most limit bytes of pages.
func NewPool(limit uint64) *Pool {
	p := &Pool{limit: int(min(limit>>PageShift, maxLimit)), epoch: firstEpoch, freezings: thawed}
	p.addChunk()
	c := p.chunks[0]
	c.fresh, c.used, p.touched = 2, 2, 2 // 0 means none, 1 is the zero frame
	c.meta[zeroFrame] = frameMeta{refs: 1 << 30, epoch: thawedEpoch}
	return p
}

// Epochs count from firstEpoch. What was thawed and not changed since is of thawedEpoch.
const (
	thawedEpoch = 1
	firstEpoch  = 2
)

// Limit returns how many bytes of pages Spaces and Objects may have.
func (p *Pool) Limit() uint64 { return uint64(p.limit) << PageShift }

// Used returns how many bytes of pages Spaces and Objects have.
func (p *Pool) Used() uint64 { return uint64(p.used) << PageShift }

// Available returns how many bytes a guest may still ask for. A reserve is kept
// back so that a program told ENOMEM has room to say so.
func (p *Pool) Available() uint64 {
	reserve := min(p.limit/16, 512)
	return uint64(max(p.limit-p.used-p.charged-reserve, 0)+p.reclaimable()) << PageShift
}

func (p *Pool) addChunk() {
	c := &chunk{listed: true, mem: newArena(chunkSize * PageSize)}
	c.base = unsafe.Pointer(&c.mem[0])
	p.spare = append(p.spare, len(p.chunks))
	p.chunks = append(p.chunks, c)
}

// admit reports whether there may be one more page.
func (p *Pool) admit() bool { return !p.full() || p.reclaim() }

// alloc returns a frame with one reference. Its content is zero if zero is asked for,
// else arbitrary.
func (p *Pool) alloc(zero bool) Frame {
	n, c := p.roomy()
	var i int
	if last := len(c.free) - 1; last >= 0 {
		i = int(c.free[last])
		c.free = c.free[:last]
		if zero {
			clear(c.mem[i<<PageShift : (i+1)<<PageShift])
		}
	} else {
		i = c.fresh
		c.fresh++
		p.touched++
	}
	c.used++
	p.live++
	c.meta[i] = frameMeta{refs: 1, epoch: p.epoch}
	return Frame(n<<chunkShift | i)
}

// full reports whether the limit is reached.
func (p *Pool) full() bool { return p.used+p.charged >= p.limit }

// roomy returns a chunk with a free frame.
func (p *Pool) roomy() (int, *chunk) {
	for len(p.spare) > 0 {
		n := p.spare[len(p.spare)-1]
		c := p.chunks[n]
		if c.used < chunkSize {
			return n, c
		}
		c.listed = false
		p.spare = p.spare[:len(p.spare)-1]
	}
	p.addChunk()
	return len(p.chunks) - 1, p.chunks[len(p.chunks)-1]
}

// addr returns the address of f's first byte.
func (p *Pool) addr(f Frame) unsafe.Pointer {
	return unsafe.Add(p.chunks[f>>chunkShift].base, uintptr(f&chunkMask)<<PageShift)
}

// bytes returns the content of f.
func (p *Pool) bytes(f Frame) *[PageSize]byte { return (*[PageSize]byte)(p.addr(f)) }

func (p *Pool) meta(f Frame) *frameMeta { return &p.chunks[f>>chunkShift].meta[f&chunkMask] }

// hold adds a reference to f.
func (p *Pool) hold(f Frame) { p.meta(f).refs++ }

// drop takes a reference from f and frees it with the last one. The pages of a chunk
// without used frames go back to the host if there are plenty.
func (p *Pool) drop(f Frame) {
	n := int(f >> chunkShift)
	c := p.chunks[n]
	m := &c.meta[f&chunkMask]
	if m.refs--; m.refs > 0 {
		return
	}
	p.live--
	c.used--
	c.free = append(c.free, uint16(f&chunkMask))
	if !c.listed {
		c.listed = true
		p.spare = append(p.spare, n)
	}
	if c.used == 0 && p.touched-p.live > maxIdle && discardArena(c.mem) {
		p.touched -= c.fresh
		c.fresh, c.free = 0, c.free[:0]
	}
}

// copyFrame returns a new frame with f's content.
func (p *Pool) copyFrame(f Frame) Frame {
	g := p.alloc(false)
	*p.bytes(g) = *p.bytes(f)
	return g
}

// Close gives all memory back to the host. Nothing of the pool may be used afterwards.
func (p *Pool) Close() {
	for _, c := range p.chunks {
		freeArena(c.mem)
		c.base, c.mem = nil, nil
	}
}
