package client_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"emurun/server"
	"emurun/server/client"
	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// fdatasync returns how long a small write with a sync takes at the median, in the
// directory where the stores of these benchmarks are.
func fdatasync(b *testing.B) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var all []time.Duration
	for i := range 100 {
		begun := time.Now()
		if _, err := f.WriteAt(make([]byte, 4096), int64(i)*4096); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// small commits a checkpoint of a few pages.
func small(b testing.TB, s *client.Store, job string, seq uint64, parent snapshot.Hash) snapshot.Hash {
	section, err := snapshot.PutSection(s, "data", 1, storetest.Content(seq, 2*snapshot.PageSize))
	if err != nil {
		b.Fatal(err)
	}
	id, err := s.Commit(&snapshot.Manifest{Job: job, Seq: seq, Parent: parent, Sections: []snapshot.Section{section}})
	if err != nil {
		b.Fatal(err)
	}
	return id
}

// BenchmarkCommit is one who commits small checkpoints.
func BenchmarkCommit(b *testing.B) {
	sync := fdatasync(b)
	s := start(b, server.Limits{}).client().Store()
	var all []time.Duration
	parent, seq := snapshot.Hash{}, uint64(0)
	for b.Loop() {
		begun := time.Now()
		seq++
		parent = small(b, s, "job", seq, parent)
		all = append(all, time.Since(begun))
	}
	slices.Sort(all)
	p50 := all[len(all)/2]
	b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
	b.ReportMetric(float64(p50)/float64(sync), "fdatasyncs")
}

// BenchmarkCommit32 is 32 who commit at a time.
func BenchmarkCommit32(b *testing.B) {
	r := start(b, server.Limits{})
	var group sync.WaitGroup
	each := max(b.N/32, 1)
	b.ResetTimer()
	for n := range 32 {
		group.Go(func() {
			s := r.client().Store()
			parent := snapshot.Hash{}
			for i := range each {
				parent = small(b, s, fmt.Sprintf("job%d", n), uint64(i+1), parent)
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(32*each)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkShip ships a checkpoint of 128 MiB that does not compress, and reads it back.
func BenchmarkShip(b *testing.B) {
	const size = 128 << 20
	content := make([]byte, size)
	for i := range size / 8 {
		content[i*8], content[i*8+3], content[i*8+5] = byte(i*7919), byte(i*i>>3), byte(i>>9*31)
	}
	rate := diskRate(b, size)
	r := start(b, server.Limits{})
	var id snapshot.Hash
	seq := uint64(0)
	for b.Loop() {
		s := r.client().Store()
		seq++
		for i := 0; i < size; i += snapshot.PageSize { // every page anew
			content[i], content[i+1], content[i+2] = byte(seq), byte(i>>12), byte(i>>20)
		}
		id = storetest.Commit(b, s, seq, content)
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds()/(1<<20), "MiB/s-raw")
	b.ReportMetric(rate/(1<<20), "MiB/s-disk")
	begun := time.Now()
	first := r.client().Store()
	m, err := first.Manifest(id)
	if err == nil {
		_, err = first.Get(m.Sections[0].Root)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(begun).Microseconds())/1000, "ms-first-chunk")
	begun = time.Now()
	storetest.Holds(b, r.client().Store(), id, content)
	b.ReportMetric(size/time.Since(begun).Seconds()/(1<<20), "MiB/s-read")
}

// diskRate returns how many bytes a second a file is written and synced with.
func diskRate(b *testing.B, size int) float64 {
	p := make([]byte, 4<<20)
	for i := range p {
		p[i] = byte(i * 2654435761 >> 7)
	}
	begun := time.Now()
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for range size / len(p) {
		if _, err := f.Write(p); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return float64(size) / time.Since(begun).Seconds()
}
