package record

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/klauspost/compress/zstd"
)

// frameKind is what a frame holds.
type frameKind uint8

const (
	frameHeader frameKind = iota + 1
	frameLog
	frameChunks
	frameFiles
	frameEnd
	frameMark
	frameKinds
)

var frameNames = [frameKinds]string{"", "header", "log", "chunks", "files", "end", "mark"}

// String returns the name of the kind.
func (k frameKind) String() string {
	if k >= frameKinds {
		return "unknown"
	}
	return frameNames[k]
}

// Version is the version of recordings that this package writes and reads.
const Version = 1

const (
	magic      = "EMURRUN\n"
	headLen    = len(magic) + 4
	frameHead  = 1 + 4
	hashLen    = sha256.Size
	maxBody    = 256 << 20
	maxRaw     = 64 << 20 // of a decompressed log or chunks frame
	cutLog     = 64 << 10 // bytes of inputs after which a frame is written
	cutChunks  = 1 << 20
	maxChunk   = 1 << 16
	maxAllFile = 1 << 30 // of a decompressed files frame
)

// preamble is the beginning of a recording.
func preamble(version uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte(magic), version)
}

// frameHeadOf returns what stands before a body.
func frameHeadOf(k frameKind, size int) []byte {
	return binary.LittleEndian.AppendUint32([]byte{byte(k)}, uint32(size))
}

// link returns the hash of a frame that follows one with the hash before.
func link(before [hashLen]byte, head, body []byte) (sum [hashLen]byte) {
	h := sha256.New()
	h.Write(before[:])
	h.Write(head)
	h.Write(body)
	h.Sum(sum[:0])
	return sum
}

// newEncoder returns a compressor that makes the same bytes each time.
func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("record: " + err.Error()) // the options are constant
	}
	return e
}

// newDecoder returns a decompressor that makes at most limit bytes.
func newDecoder(limit uint64) *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(limit), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		panic("record: " + err.Error()) // the options are constant
	}
	return d
}
