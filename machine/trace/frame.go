package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// Limits of a frame, in bytes before compression.
const (
	frameSize = 256 << 10 // at which a Writer ends it
	maxFrame  = 1 << 20
	// maxWords bounds the words of memory of one record, so that no record exceeds a frame.
	maxWords = 32 << 10
	// maxData bounds the bytes of an input that are written out.
	maxData = 64
	// maxThreads bounds the threads of a frame.
	maxThreads = 1 << 12
)

// frameHead is the size of a head.
const frameHead = 4 + 4 + 8 + 32 + 4 + 4

// head is what lies before each frame.
type head struct {
	raw, size uint32 // bytes, and compressed
	first     uint64 // step
	chain     [32]byte
	crc       uint32 // CRC-32C of the compressed bytes
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// put writes h and the CRC-32C of its bytes.
func (h *head) put(b []byte) {
	binary.LittleEndian.PutUint32(b, h.raw)
	binary.LittleEndian.PutUint32(b[4:], h.size)
	binary.LittleEndian.PutUint64(b[8:], h.first)
	copy(b[16:], h.chain[:])
	binary.LittleEndian.PutUint32(b[48:], h.crc)
	binary.LittleEndian.PutUint32(b[52:], crc32.Checksum(b[:52], castagnoli))
}

// get reads what put writes, and reports whether it is that.
func (h *head) get(b []byte) bool {
	h.raw, h.size = binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	h.first, h.crc = binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint32(b[48:])
	copy(h.chain[:], b[16:])
	return binary.LittleEndian.Uint32(b[52:]) == crc32.Checksum(b[:52], castagnoli)
}

// chainAfter returns the chain after a frame: SHA-256(chain before, raw size, first step, raw bytes).
func chainAfter(chain [32]byte, step uint64, raw []byte) (sum [32]byte) {
	d := sha256.New()
	b := append([]byte(nil), chain[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(raw)))
	b = binary.LittleEndian.AppendUint64(b, step)
	d.Write(b)
	d.Write(raw)
	d.Sum(sum[:0])
	return sum
}

func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("trace: " + err.Error()) // the options are constant
	}
	return e
}

// newDecoder returns a decompressor that bounds what a hostile frame may take.
func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame), zstd.WithDecoderMaxWindow(maxFrame))
	if err != nil {
		panic("trace: " + err.Error()) // the options are constant
	}
	return d
}

// learned is what writer and reader know while they are in a frame, the same.
type learned struct {
	full    bool // the mode
	step    uint64
	pid     int32
	tid     int32 // 0: no turn yet
	addr    uint64
	threads map[int32]*ThreadState
	current *ThreadState // of tid
	code    []codeSlot
}

// codeSlots is the number of instructions that are remembered.
const codeSlots = 1 << 12

// codeSlot is what is remembered of an instruction: its bytes and which registers it
// changed the last time.
type codeSlot struct {
	addr uint64
	set  regSet
	len  uint8
	code [15]byte
}

// regSet is a set of registers by number.
type regSet [2]uint64

func (s *regSet) add(n uint8) { s[n>>6] |= 1 << (n & 63) }

func (l *learned) reset(step uint64) {
	l.step, l.pid, l.tid, l.addr, l.current = step, 0, 0, 0, nil
	l.threads = map[int32]*ThreadState{}
	if l.code == nil {
		l.code = make([]codeSlot, codeSlots)
	}
	clear(l.code)
}

// slot returns where the instruction at addr is remembered.
func (l *learned) slot(addr uint64) *codeSlot {
	return &l.code[(addr^addr>>12)&(codeSlots-1)]
}

// apply takes over what r changed.
func (l *learned) apply(r *Record) {
	switch {
	case r.Kind.hasEffects():
		t := l.current
		t.RIP = r.Next
		for _, c := range r.Regs {
			t.Regs[c.Reg] = c.New
		}
	case r.Kind == Exit && r.Ended.Process:
		// order: entries only go
		for tid, t := range l.threads {
			if t.PID == r.PID {
				delete(l.threads, tid)
			}
		}
		l.leave()
	case r.Kind == Exit:
		delete(l.threads, r.TID)
		l.leave()
	}
	if r.Kind == Instruction {
		l.step++
	}
}

// leave forgets the current thread if it is gone.
func (l *learned) leave() {
	if l.threads[l.tid] == nil {
		l.tid, l.current = 0, nil
	}
}
