package trace

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Reader reads a trace. Its memory is bounded by a frame.
type Reader struct {
	Header Header

	r      io.Reader
	zstd   *zstd.Decoder
	dec    decoder
	chain  [32]byte
	offset int64 // of what is read next
	frame  int   // number of the frame that is read, from 1
	packed []byte
	rec    Record
	used   bool // rec is to be applied before the next one
	ended  bool
	err    error
}

// NewReader begins to read a trace. It refuses what is none, and what has an unknown
// version.
func NewReader(r io.Reader) (*Reader, error) {
	h, sum, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	t := &Reader{Header: *h, r: r, zstd: newDecoder(), chain: sum}
	head, err := h.encode()
	if err != nil {
		return nil, err
	}
	t.offset = int64(len(head) + len(sum))
	t.dec.full = h.Mode == Full
	return t, nil
}

// Step returns the step up to which the trace was read.
func (t *Reader) Step() uint64 { return t.dec.step }

// Next returns the next record, which is valid until Next is called again; io.EOF behind
// the record End. ErrCut says that the file ends before: all that was returned is good. Any
// other error says what is wrong and where.
func (t *Reader) Next() (*Record, error) {
	if t.used {
		t.dec.apply(&t.rec)
		t.used = false
	}
	for t.err == nil {
		if t.dec.off == len(t.dec.p) {
			t.nextFrame()
			continue
		}
		if t.ended {
			t.fail("there are records behind the end")
			break
		}
		if !t.dec.record(&t.rec) {
			if t.dec.err != nil {
				t.err = fmt.Errorf("frame %d: %w", t.frame, t.dec.err)
			}
			continue
		}
		t.ended = t.rec.Kind == End
		t.used = true
		return &t.rec, nil
	}
	return nil, t.err
}

// Before returns the registers of the thread of the record that Next returned, as they
// were before it; nil if it has none.
func (t *Reader) Before() *ThreadState {
	if !t.used || !t.rec.Kind.hasEffects() {
		return nil
	}
	return t.dec.current
}

// After returns the registers after the record that Next returned.
func (t *Reader) After() *ThreadState {
	s := t.Before()
	if s == nil {
		return nil
	}
	after := *s
	after.RIP = t.rec.Next
	for _, c := range t.rec.Regs {
		after.Regs[c.Reg] = c.New
	}
	return &after
}

func (t *Reader) fail(format string, args ...any) {
	t.err = fmt.Errorf("frame %d, at byte %#x of the file: %s: %w", t.frame, t.offset, fmt.Sprintf(format, args...), ErrCorrupt)
}

// cut is the error for a file that ends too early.
func (t *Reader) cut(err error) {
	switch {
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		t.err = err
	case t.ended:
		t.err = io.EOF
	default:
		t.err = fmt.Errorf("%w after step %d, at byte %#x of the file: what comes before is good", ErrCut, t.dec.step, t.offset)
	}
}

// nextFrame reads a frame and checks it.
func (t *Reader) nextFrame() {
	head := make([]byte, frameHead)
	if n, err := io.ReadFull(t.r, head); err != nil {
		if t.ended && n > 0 {
			t.fail("there are bytes behind the end")
			return
		}
		t.cut(err)
		return
	}
	t.frame++
	if t.ended {
		t.fail("there is a frame behind the end")
		return
	}
	raw, size := binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:])
	first := binary.LittleEndian.Uint64(head[8:])
	if raw > maxFrame || raw == 0 || size > maxFrame+maxFrame/8 {
		t.fail("a frame of %d bytes, %d compressed", raw, size)
		return
	}
	if cap(t.packed) < int(size) {
		t.packed = make([]byte, size)
	}
	t.packed = t.packed[:size]
	if _, err := io.ReadFull(t.r, t.packed); err != nil {
		t.cut(err)
		return
	}
	t.open(int(raw), first, [32]byte(head[16:]))
}

// open decompresses the frame and checks its chain.
func (t *Reader) open(size int, first uint64, chain [32]byte) {
	raw, err := t.zstd.DecodeAll(t.packed, t.dec.p[:0])
	switch {
	case err != nil:
		t.fail("steps from %d: it does not decompress (%v)", first, err)
	case len(raw) != size:
		t.fail("steps from %d: it has %d bytes, not %d", first, len(raw), size)
	case next(t.chain, first, raw) != chain:
		t.fail("steps from %d: its hash differs", first)
	}
	if t.err != nil {
		return
	}
	t.chain = chain
	t.offset += int64(frameHead + len(t.packed))
	t.dec.p, t.dec.off = raw, 0
	t.dec.reset(first)
}
