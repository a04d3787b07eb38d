package mem

import (
	"testing"

	"emurun/emu/x86"
)

// benchSpace returns a Space with n anonymous pages at modelBase, among some other
// mappings as a program has them.
func benchSpace(b *testing.B, n uint64) *Space {
	b.Helper()
	p := NewPool(4 << 30)
	b.Cleanup(p.Close)
	s := NewSpace(p)
	for i := range uint64(40) {
		a := 0x7f0000000000 + i<<24
		if err := s.Map(Mapping{Start: a, End: a + 1<<20, Prot: Read | Prot(i&1)<<1}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Map(Mapping{Start: modelBase, End: modelBase + n<<PageShift, Prot: Read | Write}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkMissRead is a read that misses the TLB, page in memory.
func BenchmarkMissRead(b *testing.B) {
	const n = 1 << 14
	s := benchSpace(b, n)
	s.Populate(modelBase, modelBase+n<<PageShift, true)
	var exc x86.Exception
	var bounce [64]byte
	i := uint64(0)
	for b.Loop() {
		s.ReadSlow(modelBase+(i*2053&(n-1))<<PageShift, 8, &bounce, &exc)
		i++
	}
}

// BenchmarkMissWrite is the same for writing.
func BenchmarkMissWrite(b *testing.B) {
	const n = 1 << 14
	s := benchSpace(b, n)
	s.Populate(modelBase, modelBase+n<<PageShift, true)
	var exc x86.Exception
	var bounce [64]byte
	i := uint64(0)
	for b.Loop() {
		s.WriteSlow(modelBase+(i*2053&(n-1))<<PageShift, 8, &bounce, &exc)
		i++
	}
}

// BenchmarkDemandZero is the first write to a page, and its share of MADV_DONTNEED.
func BenchmarkDemandZero(b *testing.B) {
	const n = 1 << 12
	s := benchSpace(b, n)
	var exc x86.Exception
	var bounce [64]byte
	i := uint64(0)
	for b.Loop() {
		if i == n {
			i = 0
			_ = s.Discard(modelBase, modelBase+n<<PageShift)
		}
		s.WriteSlow(modelBase+i<<PageShift, 8, &bounce, &exc)
		i++
	}
}

// BenchmarkFork is fork of a process with 16 MiB, a few writes on both sides, and exit.
func BenchmarkFork(b *testing.B) {
	const n = 1 << 12
	s := benchSpace(b, n)
	s.Populate(modelBase, modelBase+n<<PageShift, true)
	for b.Loop() {
		c := s.Fork()
		for i := range uint64(10) {
			_ = c.PutUint64(modelBase+i<<16, 1)
			_ = s.PutUint64(modelBase+i<<16, 1)
		}
		c.Release()
	}
}

// BenchmarkReadAt copies 64 KiB.
func BenchmarkReadAt(b *testing.B) {
	s := benchSpace(b, 64)
	s.Populate(modelBase, modelBase+64<<PageShift, true)
	p := make([]byte, 64<<10)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		_, _ = s.ReadAt(p, modelBase+100)
	}
}

// BenchmarkReadWord reads 8 bytes, as most system calls do somewhere.
func BenchmarkReadWord(b *testing.B) {
	s := benchSpace(b, 64)
	for b.Loop() {
		_, _ = s.Uint64(modelBase + 100)
	}
}

// BenchmarkMmap maps and unmaps one page.
func BenchmarkMmap(b *testing.B) {
	s := benchSpace(b, 64)
	for b.Loop() {
		a, _ := s.FindFree(0, PageSize)
		_ = s.Map(Mapping{Start: a, End: a + PageSize, Prot: Read | Write})
		_ = s.PutUint64(a, 1)
		_ = s.Unmap(a, a+PageSize)
	}
}

// BenchmarkFreeze is a view of 256 MiB, ten pages written and the view released.
func BenchmarkFreeze(b *testing.B) {
	const n = 1 << 16
	s := benchSpace(b, n)
	s.Populate(modelBase, modelBase+n<<PageShift, true)
	for b.Loop() {
		v := s.View()
		for i := range uint64(10) {
			_ = s.PutUint64(modelBase+i<<20, 1)
		}
		v.Release(false)
	}
}

// BenchmarkSum is the hash of 256 MiB after ten pages were written.
func BenchmarkSum(b *testing.B) {
	const n = 1 << 16
	s := benchSpace(b, n)
	s.Populate(modelBase, modelBase+n<<PageShift, true)
	v := s.View()
	v.Sum()
	v.Release(false)
	i := uint64(0)
	for b.Loop() {
		for j := range uint64(10) {
			i++
			_ = s.PutUint64(modelBase+j<<20, i)
		}
		v := s.View()
		v.Sum()
		v.Release(false)
	}
}
