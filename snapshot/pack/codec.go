package pack

import (
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"emurun/snapshot"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// newEncoder returns a compressor that makes the same bytes each time.
func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("pack: " + err.Error()) // the options are constant
	}
	return e
}

// decoder decompresses frames; it bounds the memory that a hostile frame may take.
var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxFrame), zstd.WithDecoderMaxWindow(MaxFrame))
	if err != nil {
		panic("pack: " + err.Error()) // the options are constant
	}
	return d
}()

// Open returns the decompressed frame f, whose bytes in the pack are p.
func (f Frame) Open(p []byte) ([]byte, error) {
	if crc32.Checksum(p, castagnoli) != f.CRC {
		return nil, fmt.Errorf("frame at bytes %#x to %#x: its checksum differs: %w", f.Offset, f.Offset+f.Size, snapshot.ErrCorrupt)
	}
	raw, err := decoder.DecodeAll(p, make([]byte, 0, f.RawSize))
	if err != nil {
		return nil, fmt.Errorf("frame at bytes %#x to %#x: %w: %v", f.Offset, f.Offset+f.Size, snapshot.ErrCorrupt, err)
	}
	if len(raw) != int(f.RawSize) {
		return nil, fmt.Errorf("frame at bytes %#x to %#x: %d bytes, not %d: %w", f.Offset, f.Offset+f.Size, len(raw), f.RawSize, snapshot.ErrCorrupt)
	}
	return raw, nil
}

// In returns the bytes of c from its decompressed frame, having checked its hash.
func (c Chunk) In(raw []byte) ([]byte, error) {
	p := raw[c.Offset : c.Offset+c.Size : c.Offset+c.Size]
	if snapshot.Sum(p) != c.Hash {
		return nil, fmt.Errorf("chunk %v: its hash differs: %w", c.Hash, snapshot.ErrCorrupt)
	}
	return p, nil
}
