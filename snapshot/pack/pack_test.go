package pack

import (
	"bytes"
	"errors"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// filled returns a full pack and its chunks.
func filled(limit int) ([]byte, *Index, [][]byte) {
	b := NewBuilder(limit)
	var chunks [][]byte
	for i := uint64(0); !b.Full(); i++ {
		p := storetest.Content(i, int(i*1000%snapshot.MaxChunk))
		b.Add(snapshot.Sum(p), p)
		chunks = append(chunks, p)
	}
	p, _, x := b.Finish()
	return p, x, chunks
}

func TestPack(t *testing.T) {
	p, _, chunks := filled(MaxSize)
	if len(p) > MaxSize || len(p) < MaxSize*9/10 {
		t.Errorf("the pack has %d bytes", len(p))
	}
	x, err := ReadIndex(bytes.NewReader(p), int64(len(p)))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range chunks {
		i, ok := x.Find(snapshot.Sum(want))
		if !ok {
			t.Fatalf("chunk %d is not there", n)
		}
		c := x.Chunks[i]
		f := x.Frames[c.Frame]
		raw, err := f.Open(p[f.Offset : f.Offset+f.Size])
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.In(raw); err != nil || !bytes.Equal(got, want) {
			t.Errorf("chunk %d differs, error %v", n, err)
		}
	}
	if _, ok := x.Find(snapshot.Hash{}); ok {
		t.Error("finds what is not there")
	}
}

// TestBuilderGet reads back from a pack that is not finished.
func TestBuilderGet(t *testing.T) {
	b := NewBuilder(MaxSize)
	for i := range uint64(50) {
		p := storetest.Content(i, snapshot.PageSize)
		b.Add(snapshot.Sum(p), p)
		for j := range i + 1 {
			want := storetest.Content(j, snapshot.PageSize)
			if got, ok, err := b.Get(snapshot.Sum(want)); !ok || err != nil || !bytes.Equal(got, want) {
				t.Fatalf("chunk %d of %d: %v, error %v", j, i, ok, err)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	p, _, _ := filled(64 << 10)
	p[len(magic)]++
	if _, err := ReadIndex(bytes.NewReader(p), int64(len(p))); !errors.Is(err, snapshot.ErrVersion) {
		t.Errorf("error %v, want ErrVersion", err)
	}
}

// FuzzPack reads hostile packs: errors, no panics, bounded memory.
func FuzzPack(f *testing.F) {
	b := NewBuilder(MaxSize)
	for i := range uint64(3) {
		p := storetest.Content(i, 20*int(i))
		b.Add(snapshot.Sum(p), p)
	}
	p, _, x := b.Finish()
	f.Add(p, []byte(nil))
	f.Add(p[:x.end()], p[x.end():len(p)-footerSize])
	f.Add(p[:headerSize], p[x.end():])
	f.Fuzz(func(t *testing.T, frames, index []byte) {
		whole := append(bytes.Clone(frames), index...)
		openAll(whole)
		openAll(finish(frames, index))
	})
}

// openAll opens the first frames and takes their chunks.
func openAll(p []byte) {
	x := read(p)
	raws := map[uint32][]byte{}
	for i, f := range x.Frames[:min(len(x.Frames), 4)] {
		raws[uint32(i)], _ = f.Open(p[f.Offset : f.Offset+f.Size])
	}
	for _, c := range x.Chunks {
		if raw := raws[c.Frame]; raw != nil {
			c.In(raw)
		}
	}
}

func read(p []byte) *Index {
	x, err := ReadIndex(bytes.NewReader(p), int64(len(p)))
	if err != nil {
		return new(Index)
	}
	return x
}

// finish returns a pack with a right footer.
func finish(frames, index []byte) []byte {
	sum := snapshot.Sum(append(header(), index...))
	n := len(index)
	p := append(append(bytes.Clone(frames), index...), byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	return append(p, sum[:]...)
}
