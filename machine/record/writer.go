package record

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// Writer writes a recording. It implements wire.Sink, for the contents of files. It is not safe for concurrent use.
type Writer struct {
	w    io.Writer
	zstd *zstd.Encoder
	hash [hashLen]byte // of the last frame
	err  error

	inputs []byte // of the log frame that is being filled
	before machine.Input

	chunks []byte // of the chunks frame that is being filled
	count  uint32
	put    map[wire.Sum]bool
	nodes  map[snapshot.Hash][]byte // of page tables
}

// NewWriter begins a recording.
func NewWriter(w io.Writer, h *Header) (*Writer, error) {
	x := &Writer{w: w, zstd: newEncoder(), put: map[wire.Sum]bool{}, nodes: map[snapshot.Hash][]byte{}}
	p := preamble(Version)
	x.hash = link([hashLen]byte{}, p, nil)
	x.write(p)
	body, err := wire.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("recording: header: %w", err)
	}
	x.frame(frameHeader, body)
	return x, x.err
}

// write writes p, after an error nothing.
func (x *Writer) write(p []byte) {
	if x.err == nil {
		_, x.err = x.w.Write(p)
	}
}

// frame writes one frame, with one call: a reader sees all of it or notices.
func (x *Writer) frame(k frameKind, body []byte) {
	if len(body) > maxBody && x.err == nil {
		x.err = fmt.Errorf("a %v frame of %d bytes is too large for a recording", k, len(body))
	}
	head := frameHeadOf(k, len(body))
	x.hash = link(x.hash, head, body)
	x.write(append(append(head, body...), x.hash[:]...))
}

// Append appends an input. A mark or the end writes out what there is.
func (x *Writer) Append(e *machine.Input) error {
	x.inputs = machine.AppendInput(x.inputs, &x.before, e)
	x.before = machine.Input{Step: e.Step, Tick: e.Tick}
	if len(x.inputs) >= cutLog || e.Kind == machine.InputMark || e.Kind == machine.InputEnd {
		x.flushLog()
	}
	if e.Kind == machine.InputMark {
		x.flushChunks()
		x.frame(frameMark, nil)
	}
	return x.err
}

// Flush writes out the inputs so far.
func (x *Writer) Flush() error {
	x.flushLog()
	return x.err
}

// flushLog writes the inputs so far.
func (x *Writer) flushLog() {
	if len(x.inputs) == 0 {
		return
	}
	x.frame(frameLog, x.zstd.EncodeAll(x.inputs, nil))
	x.inputs, x.before = x.inputs[:0], machine.Input{}
}

// Put implements wire.Sink.
func (x *Writer) Put(h wire.Sum, p []byte) error {
	if x.put[h] {
		return x.err
	}
	x.put[h] = true
	x.chunks = binary.LittleEndian.AppendUint32(x.chunks, uint32(len(p)))
	x.chunks = append(x.chunks, p...)
	x.count++
	if len(x.chunks) >= cutChunks {
		x.flushChunks()
	}
	return x.err
}

func (x *Writer) flushChunks() {
	if x.count == 0 {
		return
	}
	raw := append(binary.LittleEndian.AppendUint32(nil, x.count), x.chunks...)
	x.frame(frameChunks, x.zstd.EncodeAll(raw, nil))
	x.chunks, x.count = x.chunks[:0], 0
}

// PutFiles writes what the guest has seen of its files up to now, whose contents have been put.
func (x *Writer) PutFiles(f *Files) error {
	p, err := wire.Marshal(f)
	if err != nil {
		return fmt.Errorf("recording: files: %w", err)
	}
	x.flushChunks()
	x.frame(frameFiles, x.zstd.EncodeAll(p, nil))
	return x.err
}

// Close ends the recording; end may be nil, for one that is cut off.
func (x *Writer) Close(end *End) error {
	x.flushLog()
	x.flushChunks()
	if end != nil {
		body, err := wire.Marshal(end)
		if err != nil {
			return err
		}
		x.frame(frameEnd, body)
	}
	return x.err
}
