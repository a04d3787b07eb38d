package dirstore

import (
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// benchPages is the size of the memory in the benchmarks: 64 MiB.
const benchPages = 64 << 20 / snapshot.PageSize

// BenchmarkCheckpoint hashes, compresses and commits 64 MiB of which nothing is there yet.
func BenchmarkCheckpoint(b *testing.B) {
	half := storetest.Content(1, benchPages*snapshot.PageSize)
	text := make([]byte, len(half))
	for i := range text { // every page differs in a few bytes
		text[i] = "what a program has in its memory, more or less "[i%47]
		if i%snapshot.PageSize < 8 {
			text[i] = half[i]
		}
	}
	b.Run("half=random", func(b *testing.B) { benchCheckpoint(b, half) })
	b.Run("compressible", func(b *testing.B) { benchCheckpoint(b, text) })
}

func benchCheckpoint(b *testing.B, pages []byte) {
	b.SetBytes(int64(len(pages)))
	for b.Loop() {
		b.StopTimer()
		s, err := Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		storetest.Commit(b, s, 1, pages)
		s.Close()
	}
}

// BenchmarkOpenAndReadPage is what a thaw needs before the first instruction.
func BenchmarkOpenAndReadPage(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	id := storetest.Commit(b, s, 1, storetest.Content(1, benchPages*snapshot.PageSize))
	s.Close()
	var page [snapshot.PageSize]byte
	for b.Loop() {
		s, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		m, err := s.Manifest(id)
		if err != nil {
			b.Fatal(err)
		}
		if err := snapshot.OpenTable(s, m.Sections[0].Root).Page(benchPages/2, &page); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
