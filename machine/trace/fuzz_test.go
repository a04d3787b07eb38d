package trace

import (
	"bytes"
	"crypto/sha256"
	"hash/crc32"
	"io"
	"testing"
)

// FuzzReader reads hostile traces: errors, no panics, no more memory than a frame's worth. The
// input is taken as a file, and as the records of a frame that is otherwise right.
func FuzzReader(f *testing.F) {
	for _, mode := range []Mode{Full, Hash} {
		f.Add(byte(mode), sample(f, mode))
		f.Add(byte(mode), records(mode))
	}
	f.Fuzz(func(t *testing.T, mode byte, p []byte) {
		drain(t, p)
		if len(p) > 0 && len(p) <= maxFrame {
			drain(t, framed(t, Mode(mode&1), p))
		}
	})
}

// drain reads a trace to its end and prints it.
func drain(t *testing.T, p []byte) {
	r, err := NewReader(bytes.NewReader(p))
	if err != nil {
		return
	}
	for n := 0; ; n++ {
		rec, err := r.Next()
		if err != nil {
			return
		}
		if n < 100 {
			_ = rec.String()
			_ = rec.JSON()
		}
		if s := r.After(); s != nil && s.RIP != rec.Next {
			t.Fatalf("the thread is at %#x after %v", s.RIP, rec)
		}
	}
}

// framed returns a trace whose only frame has the bytes raw.
func framed(t testing.TB, mode Mode, raw []byte) []byte {
	file, err := (&Header{Mode: mode}).encode()
	if err != nil {
		t.Fatal(err)
	}
	chain := sha256.Sum256(file)
	packed := packer.EncodeAll(raw, nil)
	h := head{uint32(len(raw)), uint32(len(packed)), 0, chainAfter(chain, 0, raw), crc32.Checksum(packed, castagnoli)}
	p := make([]byte, frameHead)
	h.put(p)
	return append(append(append(file, chain[:]...), p...), packed...)
}

// packer is one for all, because making it costs more than using it.
var packer = newEncoder()

// some are records of all kinds.
func some(mode Mode) []Record {
	list := []Record{
		{Kind: Turn, PID: 7, TID: 7, RIP: 0x1000, Next: 0x1000, Chain: 1},
		{Kind: Call, PID: 7, TID: 7, RIP: 0x1000, Next: 0x1002, Syscall: Syscall{Number: 1, Args: [6]uint64{1, 2, 3}, State: Returned, Result: -9}, Chain: 2},
		{Kind: Signal, PID: 7, TID: 7, Signal: Siginfo{Signo: 11, Code: 1}},
		{Kind: Fault, PID: 7, TID: 7, RIP: 0x1002, Next: 0x1002, Code: []byte{0xf4}, Chain: 3},
		{Kind: Input, Input: Outside{Kind: 3, Size: 2, Data: []byte("hi")}},
		{Kind: State, Sum: [32]byte{1, 2}},
	}
	if mode == Full {
		list[0].Regs = []Change{{Reg: 4, New: 0x7000}, {Reg: RegXMM + 3, New: 1 << 60}}
		list[0].Memory = []Write{{PID: 7, Addr: 0x7000, Words: []uint64{1, 2, 3}}}
		for i := range uint64(3) {
			list = append(list, Record{
				Kind: Instruction, Step: i, PID: 7, TID: 7, RIP: 0x1002, Next: 0x1002, Code: []byte{0xeb, 0xfe},
				Regs: []Change{{Reg: 0, Old: i, New: i + 1}},
			})
		}
		list = append(list, Record{Kind: Memory, Step: 3, Memory: []Write{{PID: 8, Addr: 8, Words: []uint64{9}}}})
	} else {
		list = append(list, Record{Kind: Block, Step: 3, PID: 7, TID: 7, RIP: 0x1002, Next: 0x2000, Chain: 4})
	}
	return append(list, Record{Kind: Exit, Step: 3, PID: 7, TID: 7, Ended: Ended{Process: true}}, Record{Kind: End, Step: 3})
}

// sample returns a trace with records of all kinds.
func sample(t testing.TB, mode Mode) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{Mode: mode, Every: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range some(mode) {
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// records returns the bytes of a frame with records of all kinds.
func records(mode Mode) []byte {
	e := encoder{}
	e.full = mode == Full
	e.reset(0)
	for _, r := range some(mode) {
		if r.Kind.hasEffects() {
			e.thread(r.TID, &ThreadState{PID: r.PID, RIP: r.RIP})
		}
		e.record(&r)
		e.apply(&r)
	}
	return e.p
}

// TestSample shows that what the fuzzing begins with is read to its end.
func TestSample(t *testing.T) {
	for _, mode := range []Mode{Full, Hash} {
		for _, p := range [][]byte{sample(t, mode), framed(t, mode, records(mode))} {
			r, err := NewReader(bytes.NewReader(p))
			for err == nil {
				_, err = r.Next()
			}
			if err != io.EOF {
				t.Errorf("%v: %v", mode, err)
			}
		}
	}
}
