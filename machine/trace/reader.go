package trace

import (
	"fmt"
	"hash/crc32"
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
	b := make([]byte, frameHead)
	if n, err := io.ReadFull(t.r, b); err != nil {
		if t.ended && n > 0 {
			t.fail("there are bytes behind the end")
			return
		}
		t.cut(err)
		return
	}
	t.frame++
	var h head
	switch ok := h.get(b); {
	case t.ended:
		t.fail("there is a frame behind the end")
	case !ok:
		t.fail("the checksum of its head differs")
	case h.raw > maxFrame || h.raw == 0 || h.size > maxFrame+maxFrame/8:
		t.fail("a frame of %d bytes, %d compressed", h.raw, h.size)
	default:
		t.readFrame(&h)
	}
}

// readFrame reads the bytes of a frame.
func (t *Reader) readFrame(h *head) {
	if cap(t.packed) < int(h.size) {
		t.packed = make([]byte, h.size)
	}
	t.packed = t.packed[:h.size]
	if _, err := io.ReadFull(t.r, t.packed); err != nil {
		t.cut(err)
		return
	}
	if crc32.Checksum(t.packed, castagnoli) != h.crc {
		t.fail("steps from %d: its checksum differs", h.first)
		return
	}
	t.open(h)
}

// open decompresses the frame and checks its chain.
func (t *Reader) open(h *head) {
	raw, err := t.zstd.DecodeAll(t.packed, t.dec.p[:0])
	switch {
	case err != nil:
		t.fail("steps from %d: it does not decompress (%v)", h.first, err)
	case len(raw) != int(h.raw):
		t.fail("steps from %d: it has %d bytes, not %d", h.first, len(raw), h.raw)
	case chainAfter(t.chain, h.first, raw) != h.chain:
		t.fail("steps from %d: its hash differs: a frame before it is missing or another", h.first)
	}
	if t.err != nil {
		return
	}
	t.chain = h.chain
	t.offset += int64(frameHead + len(t.packed))
	t.dec.p, t.dec.off = raw, 0
	t.dec.reset(h.first)
}
