package pack

import (
	"bytes"
	"hash/crc32"
	"slices"

	"github.com/klauspost/compress/zstd"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// Builder makes a pack. A Builder is used again after Finish.
type Builder struct {
	limit int
	zstd  *zstd.Encoder
	out   []byte       // header and finished frames
	raw   []byte       // the frame that is being filled
	busy  *compression // of the frame before that; nil if it is finished
	spare []byte       // a buffer for the next
	index Index
	have  map[snapshot.Hash]int // its place in index.Chunks
}

// NewBuilder returns a Builder of packs of at most limit bytes, itself at most MaxSize.
func NewBuilder(limit int) *Builder {
	b := &Builder{limit: limit, zstd: newEncoder()}
	b.reset()
	return b
}

func (b *Builder) reset() {
	b.out, b.raw, b.index, b.have = header(), b.raw[:0], Index{}, map[snapshot.Hash]int{}
}

// Len returns the number of chunks in the pack.
func (b *Builder) Len() int { return len(b.index.Chunks) }

// Full reports whether another chunk might make the pack too large.
func (b *Builder) Full() bool {
	const slack = 64 // what zstd may add to a frame
	rest := len(b.raw)
	if b.busy != nil {
		rest += len(b.busy.raw) + slack
	}
	rest += snapshot.MaxChunk + slack + footerSize + 8
	tables := (b.frames()+2)*frameEntry + (len(b.index.Chunks)+1)*chunkEntry
	return len(b.out)+rest+tables > b.limit
}

// Add adds the chunk p named h, of at most snapshot.MaxChunk bytes, to a pack that is
// not full.
func (b *Builder) Add(h snapshot.Hash, p []byte) {
	if _, ok := b.have[h]; ok {
		return
	}
	b.have[h] = len(b.index.Chunks)
	b.index.Chunks = append(b.index.Chunks, Chunk{h, uint32(b.frames()), uint32(len(b.raw)), uint32(len(p))})
	b.raw = append(b.raw, p...)
	if len(b.raw) >= FrameSize {
		b.endFrame()
	}
}

// Get returns the chunk named h if it is in the pack.
func (b *Builder) Get(h snapshot.Hash) ([]byte, bool, error) {
	i, ok := b.have[h]
	if !ok {
		return nil, false, nil
	}
	c, raw := b.index.Chunks[i], b.raw
	if b.busy != nil && int(c.Frame) == len(b.index.Frames) {
		raw = b.busy.raw
	} else if int(c.Frame) < len(b.index.Frames) {
		f := b.index.Frames[c.Frame]
		var err error
		if raw, err = f.Open(b.out[f.Offset : f.Offset+f.Size]); err != nil {
			return nil, true, err
		}
	}
	p, err := c.In(raw)
	return bytes.Clone(p), true, err
}

// frames returns how many frames are finished or being compressed.
func (b *Builder) frames() int {
	if b.busy != nil {
		return len(b.index.Frames) + 1
	}
	return len(b.index.Frames)
}

// compression is a frame that is compressed while the next one is filled.
type compression struct {
	raw, out []byte
	done     chan struct{}
}

// endFrame begins to compress what is there, and ends what is being compressed.
func (b *Builder) endFrame() {
	b.collect()
	c := &compression{raw: b.raw, done: make(chan struct{})}
	b.busy, b.raw, b.spare = c, b.spare[:0], nil
	go func() {
		c.out = b.zstd.EncodeAll(c.raw, nil)
		close(c.done)
	}()
}

// collect adds the frame that is being compressed.
func (b *Builder) collect() {
	c := b.busy
	if c == nil {
		return
	}
	<-c.done
	b.index.Frames = append(b.index.Frames, Frame{uint32(len(b.out)), uint32(len(c.out)), uint32(len(c.raw)), crc32.Checksum(c.out, castagnoli)})
	b.out = append(b.out, c.out...)
	b.busy, b.spare = nil, c.raw
}

// Finish returns the pack, its name and its index, and begins an empty one.
func (b *Builder) Finish() ([]byte, snapshot.Hash, *Index) {
	if len(b.raw) > 0 {
		b.endFrame()
	}
	b.collect()
	x, out := b.index, b.out
	slices.SortFunc(x.Chunks, func(a, c Chunk) int { return bytes.Compare(a.Hash[:], c.Hash[:]) })
	start := len(out)
	e := wire.NewEncoder(out)
	x.Freeze(e)
	size := len(e.Encoding()) - start
	sum := snapshot.Sum(append(header(), e.Encoding()[start:]...))
	e.Uint32(uint32(size))
	e.Fixed(sum[:])
	b.reset()
	return e.Encoding(), snapshot.Sum(e.Encoding()), &x
}
