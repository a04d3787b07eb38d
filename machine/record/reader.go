package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// ErrCorrupt is what the errors of a recording that is not as it was written wrap.
var ErrCorrupt = errors.New("the recording is damaged")

// ErrVersion is what the error of a recording of another version wraps.
var ErrVersion = errors.New("a version that this emurun does not read")

// frameAt is where a frame's body is.
type frameAt struct {
	kind  frameKind
	index int
	off   int64
	size  int
}

// String names the frame in errors.
func (f frameAt) String() string {
	return fmt.Sprintf("frame %d (%v) at byte %#x", f.index, f.kind, f.off-frameHead)
}

// Reader is a recording. It implements the inputs of machine.Replay, and snapshot.Getter. It
// is not safe for concurrent use.
type Reader struct {
	Header Header
	End    *End   // nil for a recording that was cut off
	Files  *Files // nil if the guest's files were not recorded

	r     io.ReaderAt
	zstd  *zstd.Decoder
	logs  []frameAt
	safe  int     // how many of logs were there at the last mark
	files frameAt // the last; size 0 for none

	inputs []byte // what is left of the current log frame
	input  machine.Input
	at     frameAt

	chunks map[snapshot.Hash]chunkAt
	frames map[int64][]byte // decompressed chunk frames, the last few
	order  []int64          // in which they were used
}

// chunkAt is where a chunk is.
type chunkAt struct {
	frame     frameAt
	off, size int // in the decompressed frame
}

// Open reads a recording of size bytes. It reads all of it once, to test it.
func Open(r io.ReaderAt, size int64) (*Reader, error) {
	x := &Reader{r: r, zstd: newDecoder(maxRaw), chunks: map[snapshot.Hash]chunkAt{}, frames: map[int64][]byte{}}
	p := make([]byte, headLen)
	if _, err := r.ReadAt(p, 0); err != nil || string(p[:len(magic)]) != magic {
		return nil, fmt.Errorf("it is no recording: %w", ErrCorrupt)
	}
	if v := binary.LittleEndian.Uint32(p[len(magic):]); v != Version {
		return nil, fmt.Errorf("the recording has version %d and this emurun reads version %d: replay it with the emurun that wrote it: %w", v, Version, ErrVersion)
	}
	if err := x.scan(size, link([hashLen]byte{}, p, nil)); err != nil {
		return nil, err
	}
	return x, x.loadFiles()
}

// scan tests all frames and notes where they are. What is behind the last whole frame was
// being written when the writer was killed.
func (x *Reader) scan(size int64, hash [hashLen]byte) error {
	off := int64(headLen)
	for i := 0; off+frameHead+hashLen <= size; i++ {
		var head [frameHead]byte
		if _, err := x.r.ReadAt(head[:], off); err != nil {
			return err
		}
		f := frameAt{frameKind(head[0]), i, off + frameHead, int(binary.LittleEndian.Uint32(head[1:]))}
		if f.size <= maxBody && f.off+int64(f.size)+hashLen > size {
			break
		}
		if f.size > maxBody {
			return fmt.Errorf("%v: a length of %d: %w", f, f.size, ErrCorrupt)
		}
		p := make([]byte, f.size+hashLen)
		if _, err := x.r.ReadAt(p, f.off); err != nil {
			return err
		}
		hash = link(hash, head[:], p[:f.size])
		if !bytes.Equal(hash[:], p[f.size:]) {
			return fmt.Errorf("%v: its hash differs: %w", f, ErrCorrupt)
		}
		if err := x.note(f, p[:f.size]); err != nil {
			return fmt.Errorf("%v: %w", f, err)
		}
		off = f.off + int64(f.size) + hashLen
	}
	if x.End == nil {
		x.logs = x.logs[:x.safe]
	}
	if x.Header.Argv == nil {
		return fmt.Errorf("it has no header: %w", ErrCorrupt)
	}
	return nil
}

// note takes in a frame.
func (x *Reader) note(f frameAt, body []byte) error {
	switch {
	case x.End != nil:
		return fmt.Errorf("it is behind the end: %w", ErrCorrupt)
	case (f.index == 0) != (f.kind == frameHeader):
		return fmt.Errorf("it is not where the header belongs: %w", ErrCorrupt)
	}
	switch f.kind {
	case frameHeader:
		return wire.Unmarshal(body, &x.Header)
	case frameLog:
		x.logs = append(x.logs, f)
	case frameChunks:
		raw, err := x.expand(body)
		if err != nil {
			return err
		}
		return x.noteChunks(f, raw)
	case frameFiles:
		x.files = f
	case frameMark:
		x.safe = len(x.logs)
	case frameEnd:
		x.End = new(End)
		return wire.Unmarshal(body, x.End)
	default:
		return fmt.Errorf("kind %d: %w", f.kind, ErrCorrupt)
	}
	return nil
}

// noteChunks names the chunks of a frame.
func (x *Reader) noteChunks(f frameAt, raw []byte) error {
	d := wire.NewDecoder(raw)
	for range d.Count(maxRaw, 4) {
		p := d.Bytes(maxChunk)
		end := len(raw) - d.Left()
		x.chunks[snapshot.Sum(p)] = chunkAt{f, end - len(p), len(p)}
	}
	return d.End()
}

// expand decompresses a body.
func (x *Reader) expand(body []byte) ([]byte, error) {
	raw, err := x.zstd.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	return raw, nil
}

// body reads the body of a frame that was tested.
func (x *Reader) body(f frameAt) ([]byte, error) {
	p := make([]byte, f.size)
	_, err := x.r.ReadAt(p, f.off)
	return p, err
}

// loadFiles reads the last files frame.
func (x *Reader) loadFiles() error {
	if x.files.size == 0 {
		return nil
	}
	body, err := x.body(x.files)
	if err != nil {
		return err
	}
	raw, err := newDecoder(maxAllFile).DecodeAll(body, nil)
	if err == nil {
		x.Files = new(Files)
		err = wire.Unmarshal(raw, x.Files)
	}
	if err != nil {
		return fmt.Errorf("%v: %w: %v", x.files, ErrCorrupt, err)
	}
	return nil
}

// Next returns the next input; io.EOF at the end of the log.
func (x *Reader) Next() (*machine.Input, error) {
	for len(x.inputs) == 0 {
		if len(x.logs) == 0 {
			return nil, io.EOF
		}
		x.at = x.logs[0]
		x.logs = x.logs[1:]
		body, err := x.body(x.at)
		if err == nil {
			x.inputs, err = x.expand(body)
		}
		if err != nil {
			return nil, fmt.Errorf("%v: %w", x.at, err)
		}
		x.input = machine.Input{}
	}
	e, left, err := machine.DecodeInput(x.inputs, &x.input)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", x.at, err)
	}
	x.input, x.inputs = e, left
	return &x.input, nil
}

// keptFrames is how many decompressed frames of chunks are kept.
const keptFrames = 8

// Get implements snapshot.Getter.
func (x *Reader) Get(h snapshot.Hash) ([]byte, error) {
	c, ok := x.chunks[h]
	if !ok {
		return nil, fmt.Errorf("chunk %v: %w", h, snapshot.ErrNotFound)
	}
	raw, ok := x.frames[c.frame.off]
	if !ok {
		body, err := x.body(c.frame)
		if err == nil {
			raw, err = x.expand(body)
		}
		if err != nil {
			return nil, fmt.Errorf("%v: %w", c.frame, err)
		}
		if len(x.order) == keptFrames {
			delete(x.frames, x.order[0])
			x.order = x.order[1:]
		}
		x.frames[c.frame.off] = raw
		x.order = append(x.order, c.frame.off)
	}
	if c.off+c.size > len(raw) {
		return nil, fmt.Errorf("%v changed: %w", c.frame, ErrCorrupt)
	}
	return raw[c.off : c.off+c.size : c.off+c.size], nil
}
