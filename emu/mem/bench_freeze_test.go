package mem

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"testing"
	"time"

	"emurun/snapshot/wire"
)

// fillSpace gives n pages at modelBase content that is not zero and differs.
func fillSpace(b *testing.B, s *Space, n uint64) {
	b.Helper()
	var p [PageSize]byte
	for i := range n {
		for j := 0; j < PageSize; j += 64 {
			binary.LittleEndian.PutUint64(p[j:], i*2654435761+uint64(j))
		}
		if _, err := s.WriteAt(p[:], modelBase+i<<PageShift); err != nil {
			b.Fatal(err)
		}
	}
}

// copySink takes chunks as a writer of packs does, without compressing them.
type copySink struct {
	buf   [1 << 20]byte
	at    int
	bytes int64
}

// Put implements wire.Sink.
func (s *copySink) Put(_ Sum, p []byte) error {
	if s.at+len(p) > len(s.buf) {
		s.at = 0
	}
	s.at += copy(s.buf[s.at:], p)
	s.bytes += int64(len(p))
	return nil
}

// Update implements wire.Sink.
func (s *copySink) Update(Sum, iter.Seq2[uint64, *[PageSize]byte]) (Sum, error) {
	return Sum{}, errors.ErrUnsupported
}

// frozen freezes s as a machine of one process.
func frozen(b *testing.B, s *Space) *wire.Graph {
	b.Helper()
	p := s.pool
	p.BeginFreeze()
	g, err := wire.FreezeGraph(testKinds(p), &machine{spaces: []*Space{s}})
	p.EndFreeze()
	if err != nil {
		b.Fatal(err)
	}
	return g
}

// BenchmarkPause1GiB is how long a guest of 1 GiB stands still for a checkpoint, with 1 %
// dirty; all of it dirty in the other case. What the writes cost afterwards is not in it.
func BenchmarkPause1GiB(b *testing.B) {
	for _, c := range []struct {
		name string
		step uint64 // every how many pages one is written
	}{{"1%", 100}, {"100%", 1}} {
		b.Run(c.name, func(b *testing.B) {
			const n = 1 << 18
			s := benchSpace(b, n)
			s.Populate(modelBase, modelBase+n<<PageShift, true)
			var most time.Duration
			for b.Loop() {
				b.StopTimer()
				for i := uint64(0); i < n; i += c.step {
					_ = s.PutUint64(modelBase+i<<PageShift, i)
				}
				b.StartTimer()
				start := time.Now()
				g := frozen(b, s)
				most = max(most, time.Since(start))
				b.StopTimer()
				g.Contents[0].Release(true)
				b.StartTimer()
			}
			b.ReportMetric(float64(most.Microseconds()), "max-µs")
		})
	}
}

// BenchmarkStoreFull is the first checkpoint of 256 MiB, one goroutine, without compressing.
func BenchmarkStoreFull(b *testing.B) {
	const n = 1 << 16
	b.SetBytes(n << PageShift)
	for b.Loop() {
		b.StopTimer()
		s := benchSpace(b, n)
		fillSpace(b, s, n)
		g := frozen(b, s)
		sink := new(copySink)
		b.StartTimer()
		if _, err := g.Contents[0].Store(sink); err != nil || sink.bytes < n<<PageShift {
			b.Fatal(err, sink.bytes)
		}
		b.StopTimer()
		g.Contents[0].Release(true)
		s.pool.Close()
		s.pool.chunks = nil
		b.StartTimer()
	}
}

// BenchmarkStoreDirty is the checkpoint of 1 GiB of which 64 MiB are dirty, in runs of 64
// pages.
func BenchmarkStoreDirty(b *testing.B) {
	const n = 1 << 18
	s := benchSpace(b, n)
	fillSpace(b, s, n)
	g := frozen(b, s)
	if _, err := g.Contents[0].Store(new(copySink)); err != nil {
		b.Fatal(err)
	}
	g.Contents[0].Release(true)
	b.SetBytes(64 << 20)
	x := uint64(0)
	for b.Loop() {
		b.StopTimer()
		for i := uint64(0); i < n; i++ {
			if i>>6&15 == 3 {
				x++
				_ = s.PutUint64(modelBase+i<<PageShift+8, x)
			}
		}
		g := frozen(b, s)
		b.StartTimer()
		if _, err := g.Contents[0].Store(new(copySink)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		g.Contents[0].Release(true)
		b.StartTimer()
	}
}

// BenchmarkThaw1GiB is the thawing of a Space of 1 GiB, until it has read one page.
func BenchmarkThaw1GiB(b *testing.B) {
	const n = 1 << 18
	s := benchSpace(b, n)
	fillSpace(b, s, n)
	g := frozen(b, s)
	w := &world{store: map[Sum][]byte{}}
	k := &save{staged: w.store}
	root, err := g.Contents[0].Store(k)
	if err != nil {
		b.Fatal(err)
	}
	g.Contents[0].Release(true)
	for b.Loop() {
		p := NewPool(2 << 30)
		o, err := wire.ThawGraph(g.Encoding, testKinds(p), func(string) (wire.Source, error) { return &source{w, root}, nil })
		if err != nil {
			b.Fatal(err)
		}
		t := o.(*machine).spaces[0]
		if v, err := t.Uint64(modelBase + 12345*PageSize); err != nil || v != 12345*2654435761 || t.Anonymous() != n<<PageShift {
			b.Fatal(v, err)
		}
		p.Close()
	}
}

// BenchmarkSHA256Pages is the bound for storing: hashing alone.
func BenchmarkSHA256Pages(b *testing.B) {
	p := make([]byte, PageSize)
	b.SetBytes(PageSize)
	for b.Loop() {
		sha256.Sum256(p)
	}
}
