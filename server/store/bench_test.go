package store

import (
	"fmt"
	"sync"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/pack"
	"emurun/snapshot/storetest"
)

// BenchmarkMeta is one who commits small batches.
func BenchmarkMeta(b *testing.B) {
	s := newStore(b, testOptions())
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Meta().Commit(Batch{Put: []KV{{fmt.Sprintf("x/%d", n%100), make([]byte, 300)}}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMeta32 is 32 who commit small batches at a time.
func BenchmarkMeta32(b *testing.B) {
	s := newStore(b, testOptions())
	var group sync.WaitGroup
	each := max(b.N/32, 1)
	b.ResetTimer()
	for w := range 32 {
		group.Go(func() {
			for i := range each {
				if _, err := s.Meta().Commit(Batch{Put: []KV{{fmt.Sprintf("x/%d/%d", w, i%100), make([]byte, 300)}}}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkCheckpoint is one who commits small checkpoints.
func BenchmarkCheckpoint(b *testing.B) {
	s := newStore(b, testOptions())
	grant(b, s, "a", 0)
	parent, seq := snapshot.Hash{}, uint64(0)
	for b.Loop() {
		seq++
		c := putPoint(b, s, point{"a", 1, seq, parent, "", storetest.Content(seq, 2*snapshot.PageSize)}, pack.MaxSize)
		c.Base = parent
		ack, err := s.Commit(c)
		if err != nil {
			b.Fatal(err)
		}
		parent = ack.ID
	}
}
