package pack

import (
	"bytes"
	"fmt"
	"io"
	"sort"

	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// Limits of a pack.
const (
	MaxSize   = 4 << 20   // bytes
	FrameSize = 64 << 10  // bytes at which a Builder ends a frame
	MaxFrame  = 256 << 10 // bytes of a decompressed frame
	maxChunks = MaxSize / chunkEntry
	maxFrames = MaxSize / frameEntry
)

// Version is the version of the format.
const Version = 1

const (
	magic      = "EMURPACK"
	headerSize = len(magic) + 4
	footerSize = 4 + snapshot.HashSize
	frameEntry = 4 + 4 + 4
	chunkEntry = snapshot.HashSize + 4 + 4 + 4
)

// Frame is a group of chunks that are compressed together.
type Frame struct {
	Offset  uint32 // in the pack
	Size    uint32 // compressed
	RawSize uint32
	CRC     uint32 // CRC-32C of the compressed bytes
}

// Chunk is where a chunk is.
type Chunk struct {
	Hash   snapshot.Hash
	Frame  uint32
	Offset uint32 // in the decompressed frame
	Size   uint32
}

// Index is the table of contents of a pack.
type Index struct {
	Frames []Frame
	Chunks []Chunk // ascending by hash
}

// Find returns the place in Chunks of the chunk named h.
func (x *Index) Find(h snapshot.Hash) (int, bool) {
	i := sort.Search(len(x.Chunks), func(i int) bool { return bytes.Compare(x.Chunks[i].Hash[:], h[:]) >= 0 })
	if i == len(x.Chunks) || x.Chunks[i].Hash != h {
		return 0, false
	}
	return i, true
}

// Freeze writes x.
func (x *Index) Freeze(e *wire.Encoder) {
	e.Count(len(x.Frames))
	for _, f := range x.Frames {
		e.Uint32(f.Size)
		e.Uint32(f.RawSize)
		e.Uint32(f.CRC)
	}
	e.Count(len(x.Chunks))
	for i := range x.Chunks {
		c := &x.Chunks[i]
		e.Fixed(c.Hash[:])
		e.Uint32(c.Frame)
		e.Uint32(c.Offset)
		e.Uint32(c.Size)
	}
}

// Thaw reads x.
func (x *Index) Thaw(d *wire.Decoder) {
	x.Frames = make([]Frame, d.Count(maxFrames, frameEntry))
	offset := uint64(headerSize)
	for i := range x.Frames {
		f := &x.Frames[i]
		*f = Frame{uint32(offset), d.Uint32(), d.Uint32(), d.Uint32()}
		offset += uint64(f.Size)
		if offset > MaxSize || f.RawSize > MaxFrame {
			d.Fail("frame %d has %d bytes, %d decompressed", i, f.Size, f.RawSize)
		}
	}
	x.Chunks = make([]Chunk, d.Count(maxChunks, chunkEntry))
	for i := range x.Chunks {
		c := &x.Chunks[i]
		d.Fixed(c.Hash[:])
		c.Frame, c.Offset, c.Size = d.Uint32(), d.Uint32(), d.Uint32()
		x.check(d, i)
	}
}

// check tests that chunk i is in order and inside its frame.
func (x *Index) check(d *wire.Decoder, i int) {
	c := &x.Chunks[i]
	if d.Err() != nil {
		return
	}
	if i > 0 && bytes.Compare(x.Chunks[i-1].Hash[:], c.Hash[:]) >= 0 {
		d.Fail("chunk %d is not behind the one before", i)
	}
	if c.Frame >= uint32(len(x.Frames)) || uint64(c.Offset)+uint64(c.Size) > uint64(x.Frames[c.Frame].RawSize) {
		d.Fail("chunk %d is outside its frame %d", i, c.Frame)
	}
}

// end returns where the frames end.
func (x *Index) end() int {
	if len(x.Frames) == 0 {
		return headerSize
	}
	f := x.Frames[len(x.Frames)-1]
	return int(f.Offset + f.Size)
}

// header returns the first bytes of a pack.
func header() []byte {
	e := wire.NewEncoder([]byte(magic))
	e.Uint32(Version)
	return e.Encoding()
}

// ReadIndex returns the index of the pack r of size bytes.
func ReadIndex(r io.ReaderAt, size int64) (*Index, error) {
	head := make([]byte, headerSize)
	if n, err := r.ReadAt(head, 0); n < headerSize && err != io.EOF {
		return nil, err
	}
	if err := checkHeader(head); err != nil {
		return nil, err
	}
	if size < int64(headerSize+footerSize) || size > MaxSize {
		return nil, fmt.Errorf("pack of %d bytes: %w", size, snapshot.ErrCorrupt)
	}
	footer := make([]byte, footerSize)
	if _, err := r.ReadAt(footer, size-footerSize); err != nil && err != io.EOF {
		return nil, err
	}
	n := int64(wire.NewDecoder(footer).Uint32())
	if n > size-int64(headerSize+footerSize) {
		return nil, fmt.Errorf("index of %d bytes: %w", n, snapshot.ErrCorrupt)
	}
	tail := make([]byte, n+footerSize)
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	return decodeIndex(tail, size)
}

// decodeIndex returns the index of a pack of size bytes from index and footer.
func decodeIndex(tail []byte, size int64) (*Index, error) {
	index, sum := tail[:len(tail)-footerSize], tail[len(tail)-snapshot.HashSize:]
	if got := snapshot.Sum(append(header(), index...)); !bytes.Equal(got[:], sum) {
		return nil, fmt.Errorf("index: its checksum differs: %w", snapshot.ErrCorrupt)
	}
	x := new(Index)
	if err := wire.Unmarshal(index, x); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if int64(x.end()+len(tail)) != size {
		return nil, fmt.Errorf("index: its frames end at %d: %w", x.end(), snapshot.ErrCorrupt)
	}
	return x, nil
}

func checkHeader(p []byte) error {
	if len(p) < headerSize || string(p[:len(magic)]) != magic {
		return fmt.Errorf("no pack: it does not begin with %q: %w", magic, snapshot.ErrCorrupt)
	}
	if v := wire.NewDecoder(p[len(magic):headerSize]).Uint32(); v != Version {
		return fmt.Errorf("the pack has format version %d and this emurun reads version %d: use the emurun that wrote it, or a newer one: %w",
			v, Version, snapshot.ErrVersion)
	}
	return nil
}
