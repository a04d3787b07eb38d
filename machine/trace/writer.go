package trace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Writer writes a trace. Its memory is bounded by a frame and the threads that live.
type Writer struct {
	w     io.Writer
	zstd  *zstd.Encoder
	enc   encoder
	chain [32]byte
	first uint64 // step of the frame
	buf   []byte
	state map[int32]*ThreadState // of all threads; only looked up and cleared
	fresh bool                   // the frame has no record
	ended bool
	err   error
	size  int64 // bytes written
}

// NewWriter begins a trace. The caller ends it with a record of kind End, and closes w.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	head, err := h.encode()
	if err != nil {
		return nil, err
	}
	t := &Writer{w: w, zstd: newEncoder(), state: map[int32]*ThreadState{}, fresh: true}
	t.enc.full = h.Mode == Full
	t.chain = sha256.Sum256(head)
	t.write(append(head, t.chain[:]...))
	return t, t.err
}

// Thread returns the state of a thread as the records say it is, or nil if there was none.
func (t *Writer) Thread(tid int32) *ThreadState { return t.state[tid] }

// Size returns how many bytes have been written.
func (t *Writer) Size() int64 { return t.size }

// Chain returns the chain's value after the last frame that was written.
func (t *Writer) Chain() [32]byte { return t.chain }

var errEnded = errors.New("a record behind the end of the trace")

// Write appends r. After the record End the file is complete.
func (t *Writer) Write(r *Record) error {
	if t.ended && t.err == nil {
		t.err = errEnded
	}
	if t.err != nil {
		return t.err
	}
	if t.fresh {
		t.enc.reset(r.Step)
		t.first, t.fresh = r.Step, false
	}
	if r.Kind.hasEffects() {
		s := t.state[r.TID]
		if s == nil {
			s = &ThreadState{PID: r.PID, RIP: r.RIP}
			t.state[r.TID] = s
		}
		s.PID = r.PID
		t.enc.thread(r.TID, s)
	}
	t.enc.record(r)
	t.enc.apply(r)
	t.remember(r)
	t.ended = r.Kind == End
	if t.ended || len(t.enc.p) >= frameSize || len(t.enc.threads) >= maxThreads {
		t.endFrame()
	}
	return t.err
}

// remember keeps what r says of a thread for the next frame.
func (t *Writer) remember(r *Record) {
	switch {
	case r.Kind.hasEffects():
		*t.state[r.TID] = *t.enc.current
	case r.Kind == Exit && r.Ended.Process:
		// order: entries only go
		for tid, s := range t.state {
			if s.PID == r.PID {
				delete(t.state, tid)
			}
		}
	case r.Kind == Exit:
		delete(t.state, r.TID)
	}
}

// endFrame writes the frame.
func (t *Writer) endFrame() {
	raw := t.enc.p
	if len(raw) > maxFrame {
		panic(fmt.Sprintf("trace: a frame of %d bytes", len(raw)))
	}
	t.chain = chainAfter(t.chain, t.first, raw)
	b := append(t.buf[:0], make([]byte, frameHead)...)
	b = t.zstd.EncodeAll(raw, b)
	packed := b[frameHead:]
	h := head{uint32(len(raw)), uint32(len(packed)), t.first, t.chain, crc32.Checksum(packed, castagnoli)}
	h.put(b)
	t.write(b)
	t.buf, t.enc.p, t.fresh = b, raw[:0], true
}

func (t *Writer) write(p []byte) {
	if t.err == nil {
		_, t.err = t.w.Write(p)
		t.size += int64(len(p))
	}
}
