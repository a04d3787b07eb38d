package mem

import (
	"errors"
	"testing"
	"unsafe"

	"emurun/abi"
	"emurun/emu/x86"
)

// smallSpace returns a Space with memory bytes of frames.
func smallSpace(memory uint64) *Space { return NewSpace(NewPool(memory)) }

func mustMap(t *testing.T, s *Space, m Mapping) {
	t.Helper()
	if err := s.Map(m); err != nil {
		t.Fatal(err)
	}
}

func TestStackGrows(t *testing.T) {
	const top = 0x7ffffffff000
	for _, c := range []struct {
		name  string
		below Mapping
		limit uint64
		touch uint64
		cause Cause
	}{
		{"next page", Mapping{}, 8 << 20, top - 0x2001, CauseNone},
		{"far below", Mapping{}, 8 << 20, top - 8<<20, CauseNone},
		{"beyond the limit", Mapping{}, 8 << 20, top - 8<<20 - 1, CauseMapErr},
		{"small limit", Mapping{}, 1 << 20, top - 2<<20, CauseMapErr},
		{"above the gap", Mapping{Start: top - 4<<20, End: top - 3<<20, Prot: Read}, 8 << 20, top - 2<<20, CauseNone},
		{"into the gap", Mapping{Start: top - 4<<20, End: top - 3<<20, Prot: Read}, 8 << 20, top - 3<<20, CauseMapErr},
		{"into the gap of PROT_NONE", Mapping{Start: top - 4<<20, End: top - 3<<20}, 8 << 20, top - 3<<20, CauseNone},
	} {
		s := smallSpace(1 << 20)
		s.Limits.Stack = c.limit
		mustMap(t, s, Mapping{Start: top - 0x2000, End: top, Prot: Read | Write, Flags: GrowsDown})
		if c.below.End != 0 {
			mustMap(t, s, c.below)
		}
		var exc x86.Exception
		var bounce [64]byte
		s.Cause = CauseNone
		s.WriteSlow(c.touch, 1, &bounce, &exc)
		if s.Cause != c.cause {
			t.Errorf("%s: got cause %d %v, want %d", c.name, s.Cause, exc, c.cause)
		}
		if err := s.PutUint8(c.touch, 1); (err == nil) != (c.cause == CauseNone) {
			t.Errorf("%s: the kernel's write: %v", c.name, err)
		}
	}
}

// Exceptions have the error code and the lowest address that hardware gives.
func TestExceptions(t *testing.T) {
	s := smallSpace(1 << 20)
	mustMap(t, s, Mapping{Start: 0x10000, End: 0x12000, Prot: Read | Write})
	mustMap(t, s, Mapping{Start: 0x12000, End: 0x13000, Prot: Read})
	mustMap(t, s, Mapping{Start: 0x13000, End: 0x14000})
	mustMap(t, s, Mapping{Start: 0x20000, End: 0x21000, Prot: Exec})
	mustMap(t, s, Mapping{Start: 0x30000, End: 0x31000, Prot: Read | Write})
	_ = s.PutUint8(0x10000, 1)
	_ = s.Protect(0x10000, 0x11000, Read)
	const u, w, p, x = x86.PFUser, x86.PFWrite, x86.PFPresent, x86.PFFetch
	for _, c := range []struct {
		name string
		kind uint32
		a    uint64
		n    int
		want x86.Exception
	}{
		{"write to a present page", w, 0x10ff8, 8, x86.Exception{Vector: x86.VecPF, Code: u | w | p, Addr: 0x10ff8}},
		{"write to an absent page", w, 0x12000, 8, x86.Exception{Vector: x86.VecPF, Code: u | w, Addr: 0x12000}},
		{"write into the next page", w, 0x11ffc, 8, x86.Exception{Vector: x86.VecPF, Code: u | w, Addr: 0x12000}},
		{"read into the next page", 0, 0x12ffc, 8, x86.Exception{Vector: x86.VecPF, Code: u, Addr: 0x13000}},
		{"read nothing", 0, 0x1fffc, 8, x86.Exception{Vector: x86.VecPF, Code: u, Addr: 0x1fffc}},
		{"read what is executable", 0, 0x20000, 8, x86.Exception{}},
		{"fetch data", x, 0x30000, 1, x86.Exception{Vector: x86.VecPF, Code: u | x, Addr: 0x30000}},
		{"fetch present data", x, 0x10000, 1, x86.Exception{Vector: x86.VecPF, Code: u | x | p, Addr: 0x10000}},
		{"fetch code", x, 0x20000, 1, x86.Exception{}},
		{"guard page at the end", 0, Limit, 8, x86.Exception{Vector: x86.VecPF, Code: u | p, Addr: Limit}},
		{"hole", 0, 1 << 47, 8, x86.Exception{Vector: x86.VecGP, Addr: 1 << 47}},
		{"hole, fetch", x, 1 << 62, 8, x86.Exception{Vector: x86.VecGP, Addr: 1 << 62}},
		{"across the hole", 0, 1<<47 - 4, 8, x86.Exception{Vector: x86.VecPF, Code: u | p, Addr: 1<<47 - 4}},
		{"kernel half", w, 0xffffffff81000000, 8, x86.Exception{Vector: x86.VecPF, Code: u | w | p, Addr: 0xffffffff81000000}},
		{"last byte", 0, ^uint64(0), 8, x86.Exception{Vector: x86.VecPF, Code: u | p, Addr: ^uint64(0)}},
	} {
		var exc x86.Exception
		var bounce [64]byte
		ok := false
		switch c.kind {
		case x:
			ok = s.Fetch(c.a, &exc) != nil
		case w:
			ok = s.WriteSlow(c.a, c.n, &bounce, &exc) != nil
		default:
			ok = s.ReadSlow(c.a, c.n, &bounce, &exc) != nil
		}
		if exc != c.want || ok != (c.want.Vector == 0) {
			t.Errorf("%s: got %v, want %v", c.name, exc, c.want)
		}
	}
}

// With all frames in use, clean pages of files make room; when there are none left, the
// access fails with CauseOOM.
func TestMemoryLimit(t *testing.T) {
	s := smallSpace(1 << 20)
	f := &testFile{make([]byte, 4<<20)}
	for i := range f.data {
		f.data[i] = byte(i >> PageShift)
	}
	o := NewObject(s.pool, f, uint64(len(f.data)))
	mustMap(t, s, Mapping{Start: 0x100000, End: 0x500000, Prot: Read, Object: o})
	mustMap(t, s, Mapping{Start: 0x1000000, End: 0x2000000, Prot: Read | Write})
	for range 2 {
		for a := uint64(0x100000); a < 0x500000; a += PageSize {
			if b, err := s.Uint8(a); err != nil || b != byte((a-0x100000)>>PageShift) {
				t.Fatalf("%#x: %d %v", a, b, err)
			}
		}
	}
	n := uint64(0)
	for s.PutUint8(0x1000000+n<<PageShift, 1) == nil {
		n++
	}
	if n != 256-spaceCost {
		t.Errorf("%d pages before the end", n)
	}
	var exc x86.Exception
	var bounce [64]byte
	if s.WriteSlow(0x1800000, 1, &bounce, &exc) != nil || s.Cause != CauseOOM {
		t.Errorf("cause %d", s.Cause)
	}
	if err := s.PutUint8(0x1800000, 1); !errors.Is(err, abi.ENOMEM) {
		t.Errorf("kernel: %v", err)
	}
	_ = s.Discard(0x1000000, 0x2000000)
	if err := s.PutUint8(0x1800000, 1); err != nil {
		t.Errorf("after freeing: %v", err)
	}
}

// The limit of mappings holds, and splitting one counts.
func TestMappingLimit(t *testing.T) {
	s := smallSpace(1 << 20)
	for i := range uint64(MaxMappings) {
		mustMap(t, s, Mapping{Start: 0x100000 + i*2*PageSize, End: 0x101000 + i*2*PageSize, Prot: Read})
	}
	if err := s.Map(Mapping{Start: 0x7f0000000000, End: 0x7f0000003000, Prot: Read}); !errors.Is(err, abi.ENOMEM) {
		t.Errorf("Map: %v", err)
	}
	if err := s.Unmap(0x100000, 0x101000); err != nil {
		t.Error(err)
	}
	mustMap(t, s, Mapping{Start: 0x7f0000000000, End: 0x7f0000003000, Prot: Read})
	if err := s.Unmap(0x7f0000001000, 0x7f0000002000); !errors.Is(err, abi.ENOMEM) {
		t.Errorf("Unmap in the middle: %v", err)
	}
	if err := s.Protect(0x7f0000001000, 0x7f0000002000, Write); !errors.Is(err, abi.ENOMEM) {
		t.Errorf("Protect in the middle: %v", err)
	}
}

// The zero page is shared until it is written, and a write shows in a read that
// hit the TLB before.
func TestZeroPage(t *testing.T) {
	s := smallSpace(1 << 20)
	mustMap(t, s, Mapping{Start: 0x10000, End: 0x20000, Prot: Read | Write})
	used := s.pool.Used()
	for a := uint64(0x10000); a < 0x20000; a += PageSize {
		if v, err := s.Uint64(a); v != 0 || err != nil {
			t.Fatal(v, err)
		}
	}
	if s.pool.Used() != used {
		t.Error("reading zeroes took frames")
	}
	e := &s.TLB.Read[slot(0x10000)]
	before := e.Page
	_ = s.PutUint64(0x10000, 5)
	if e.Page == before || *(*byte)(unsafe.Pointer(e.Page)) != 5 {
		t.Error("the read TLB still has the zero page")
	}
}
