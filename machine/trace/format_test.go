package trace_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"emurun/emu/x86"
	"emurun/machine/trace"
)

// invent returns n records that are in order: of threads that come and go, of all kinds.
func invent(mode trace.Mode, n int) []trace.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	states := map[int32]*trace.ThreadState{}
	var list []trace.Record
	step := uint64(1000)
	for len(list) < n {
		r := trace.Record{Kind: trace.Kind(rnd.IntN(int(trace.End))), PID: 1000 + int32(rnd.IntN(5)), Step: step}
		r.TID = r.PID + 100*int32(rnd.IntN(3))
		if mode == trace.Hash && (r.Kind == trace.Instruction || r.Kind == trace.Memory) {
			continue
		}
		switch r.Kind {
		case trace.Instruction, trace.Turn, trace.Block, trace.Call, trace.Fault:
			effects(rnd, mode, states, &r)
		case trace.Memory:
			r.PID, r.TID = 0, 0
			r.Memory = writes(rnd, 1+rnd.IntN(3))
		case trace.Exit:
			r.Ended = trace.Ended{Process: rnd.IntN(2) == 0, Status: int32(rnd.IntN(65536))}
			for tid, s := range states {
				if tid == r.TID || r.Ended.Process && s.PID == r.PID {
					delete(states, tid)
				}
			}
		case trace.Signal:
			r.Signal = trace.Siginfo{Signo: int32(rnd.IntN(65)), Code: -6, Data: [4]uint64{1, rnd.Uint64()}}
		case trace.Input:
			r.PID, r.TID = 0, 0
			r.Input = trace.Outside{Kind: 1, Port: 2, Set: 3, Errno: 4, Tick: rnd.Uint64(), Number: -5, Size: 3, Data: []byte("abc")}
		case trace.State:
			r.PID, r.TID = 0, 0
			r.Sum[rnd.IntN(32)] = 1
		}
		list = append(list, r)
		if r.Kind == trace.Instruction {
			step++
		}
		if rnd.IntN(10) == 0 {
			step += uint64(rnd.IntN(1000))
		}
	}
	return append(list, trace.Record{Kind: trace.End, Step: step, Reason: trace.Stopped})
}

// effects invents what a record changes.
func effects(rnd *rand.Rand, mode trace.Mode, states map[int32]*trace.ThreadState, r *trace.Record) {
	s := states[r.TID]
	if s == nil {
		s = &trace.ThreadState{RIP: uint64(rnd.IntN(8)) * 16}
		states[r.TID] = s
	}
	s.PID, r.RIP, r.Next = r.PID, s.RIP, uint64(rnd.IntN(8))*16
	switch r.Kind {
	case trace.Instruction:
		r.Code = []byte{byte(r.RIP), byte(rnd.IntN(2)), 3}
		if rnd.IntN(2) == 0 {
			r.Next = r.RIP + 3
		}
	case trace.Call:
		r.Syscall = trace.Syscall{Number: rnd.Uint64N(500), Args: [6]uint64{rnd.Uint64(), 1}, State: trace.SyscallState(rnd.IntN(3))}
		if r.Syscall.State == trace.Returned {
			r.Syscall.Result = -int64(rnd.IntN(100))
		}
	case trace.Fault:
		r.Code = []byte{0x0f, 0x0b}
		r.Fault = x86.Exception{Vector: x86.VecPF, Code: 6, Addr: rnd.Uint64()}
	}
	s.RIP = r.Next
	if mode == trace.Hash {
		r.Chain = rnd.Uint64()
		return
	}
	r.Memory = writes(rnd, rnd.IntN(3))
	for n := range uint8(trace.NumRegs) {
		if rnd.IntN(40) == 0 {
			v := rnd.Uint64() >> rnd.IntN(64)
			if v != s.Regs[n] {
				r.Regs = append(r.Regs, trace.Change{Reg: n, Old: s.Regs[n], New: v})
				s.Regs[n] = v
			}
		}
	}
}

// writes invents n runs of words.
func writes(rnd *rand.Rand, n int) (list []trace.Write) {
	for range n {
		w := trace.Write{PID: 1000 + int32(rnd.IntN(5)), Addr: rnd.Uint64N(1<<47) &^ 7, Words: make([]uint64, 1+rnd.IntN(20))}
		for i := range w.Words {
			w.Words[i] = rnd.Uint64()
		}
		list = append(list, w)
	}
	return list
}

// encode returns the trace of some records.
func encode(t testing.TB, mode trace.Mode, list []trace.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := trace.NewWriter(&b, trace.Header{Mode: mode, Every: 16, StateKind: "test", From: 1000, Seed: 7, EpochNs: -1, Args: []string{"a", "b c"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if err := w.Write(&list[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// same compares what was read with what was written.
func same(t *testing.T, want, got []trace.Record) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if trace.Equal(&want[i], &got[i]) {
			continue
		}
		t.Fatalf("record %d (-written +read):\n%s", i, cmp.Diff(want[i], got[i], cmpopts.EquateEmpty()))
	}
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
}

// TestRoundTrip reads back what was written, over many frames.
func TestRoundTrip(t *testing.T) {
	for _, mode := range []trace.Mode{trace.Full, trace.Hash} {
		want := invent(mode, 20_000)
		p := encode(t, mode, want)
		got, err := read(p)
		if err != io.EOF {
			t.Errorf("%v: error %v", mode, err)
		}
		same(t, want, got)
	}
}

// TestCut cuts a trace at every byte: what can be read is what was written, and the error
// says that the rest is missing.
func TestCut(t *testing.T) {
	want := invent(trace.Full, 6000)
	p := encode(t, trace.Full, want)
	step := max(1, len(p)/60)
	most := 0
	for n := 0; n < len(p); n += step {
		got, err := read(p[:n])
		if n > 0 && !errors.Is(err, trace.ErrCut) {
			t.Fatalf("cut at byte %d of %d: error %v", n, len(p), err)
		}
		same(t, want[:len(got)], got)
		most = max(most, len(got))
	}
	if most == 0 || most == len(want) {
		t.Errorf("%d of %d records were read", most, len(want))
	}
}

// TestFlippedBit flips a bit in each byte of a trace: that is found, and what was returned before is
// good.
func TestFlippedBit(t *testing.T) {
	want := invent(trace.Full, 30)
	p := encode(t, trace.Full, want)
	for i := range p {
		bit := i % 8
		q := bytes.Clone(p)
		q[i] ^= 1 << bit
		_, err := read(q)
		inHead := i < 16 && (errors.Is(err, trace.ErrVersion) || errors.Is(err, trace.ErrCut))
		if !errors.Is(err, trace.ErrCorrupt) && !inHead {
			t.Fatalf("byte %d, bit %d: error %v", i, bit, err)
		}
	}
}

// TestFlippedFrame shows how a flipped bit is named.
func TestFlippedFrame(t *testing.T) {
	p := encode(t, trace.Full, invent(trace.Full, 6000))
	p[len(p)-100] ^= 4
	_, err := read(p)
	if err == nil || !strings.Contains(err.Error(), "frame 3, at byte 0x") || !strings.Contains(err.Error(), "its checksum differs") {
		t.Errorf("error %v", err)
	}
}

// TestMissingFrame takes a whole frame out.
func TestMissingFrame(t *testing.T) {
	p := encode(t, trace.Full, invent(trace.Full, 6000))
	head := len(encode(t, trace.Full, nil))
	size := int(p[head+4]) | int(p[head+5])<<8 | int(p[head+6])<<16
	_, err := read(append(bytes.Clone(p[:head]), p[head+56+size:]...))
	if !errors.Is(err, trace.ErrCorrupt) || !strings.Contains(err.Error(), "its hash differs") {
		t.Errorf("error %v", err)
	}
}

// TestVersion refuses what it does not know.
func TestVersion(t *testing.T) {
	p := encode(t, trace.Full, nil)
	p[8]++
	_, err := trace.NewReader(bytes.NewReader(p))
	want := "the trace has format version 2 and this emurun reads version 1: use the emurun that wrote it, or record it again: unknown version"
	if !errors.Is(err, trace.ErrVersion) || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if _, err := trace.NewReader(strings.NewReader("#!/bin/sh\nexit 0\n")); !errors.Is(err, trace.ErrCorrupt) || !strings.HasPrefix(err.Error(), "no trace: ") {
		t.Errorf("error %v", err)
	}
}
