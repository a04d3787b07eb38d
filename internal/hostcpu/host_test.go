package hostcpu

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu/x86"
)

func start(t testing.TB) *Host {
	t.Helper()
	h, err := Start()
	if errors.Is(err, ErrUnavailable) {
		t.Skip("SKIPPED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// random is a state with distinct values everywhere, so that what is not
// carried over shows.
func random() State {
	s := NewState()
	x := uint64(1)
	next := func() uint64 { x = x*6364136223846793005 + 1442695040888963407; return x }
	for i := range s.GPR {
		s.GPR[i] = next()
	}
	for i := range s.XMM {
		s.XMM[i] = x86.XMM{Lo: next(), Hi: next()}
		s.YMMH[i] = x86.XMM{Lo: next(), Hi: next()}
	}
	for i := range s.FPU.ST {
		s.FPU.ST[i] = x86.F80{Mant: next() | 1<<63, SE: uint16(i + 0x3ff0)}
	}
	for i := range s.Mem {
		s.Mem[i] = byte(next() >> 32)
	}
	s.FPU.SW, s.FPU.Tag, s.FPU.CW = 3<<11, 0xa5, 0x27f
	s.MXCSR = 0x9fc0
	s.FSBase, s.GSBase = 0x12345678000, 0x7654321000
	s.RFLAGS |= x86.CF | x86.OF | x86.DF | x86.NT | x86.ID
	return s
}

func TestStep(t *testing.T) {
	h := start(t)
	for _, c := range []struct {
		name string
		code string
		set  func(s *State)
		want func(s *State)
		exc  *x86.Exception
	}{
		{"nop", "\x90", nil, nil, nil},
		{"mov eax, 5", "\xb8\x05\x00\x00\x00", nil, func(s *State) { s.GPR[x86.RAX] = 5 }, nil},
		{"jmp +0x10", "\xeb\x10", nil, func(s *State) { s.RIP += 0x10 }, nil},
		{"jmp rax", "\xff\xe0", func(s *State) { s.GPR[x86.RAX] = 0x77770000 },
			func(s *State) { s.RIP = 0x77770000 }, nil},
		{"div cl", "\xf6\xf1", func(s *State) { s.GPR[x86.RCX] = 0 }, nil, &x86.Exception{Vector: x86.VecDE}},
		{"ud2", "\x0f\x0b", nil, nil, &x86.Exception{Vector: x86.VecUD}},
		{"hlt", "\xf4", nil, nil, &x86.Exception{Vector: x86.VecGP}},
		{"int3", "\xcc", nil, func(s *State) { s.RIP++ }, &x86.Exception{Vector: x86.VecBP}},
		{"mov [rax], ecx", "\x89\x08", func(s *State) { s.GPR[x86.RAX] = DataAddr + DataSize - 2 }, nil,
			&x86.Exception{Vector: x86.VecPF, Code: x86.PFUser | x86.PFWrite, Addr: DataAddr + DataSize}},
		{"mov [rax], ecx (read-only)", "\x89\x08", func(s *State) { s.GPR[x86.RAX] = ROAddr }, nil,
			&x86.Exception{Vector: x86.VecPF, Code: x86.PFUser | x86.PFWrite | x86.PFPresent, Addr: ROAddr}},
		{"mov [rax], ecx (non-canonical)", "\x89\x08", func(s *State) { s.GPR[x86.RAX] = 1 << 63 }, nil,
			&x86.Exception{Vector: x86.VecGP}},
		{"mov ecx, [rax] (read-only)", "\x8b\x08", func(s *State) { s.GPR[x86.RAX] = ROAddr },
			func(s *State) { s.GPR[x86.RCX] = 0x6f4a2500 }, nil},
		{"mov [rax], cl", "\x88\x08", func(s *State) { s.GPR[x86.RAX] = MidAddr + 5; s.GPR[x86.RCX] = 0x42 },
			func(s *State) { s.Mem[128+5] = 0x42 }, nil},
		{"movdqa xmm0, xmm1", "\x66\x0f\x6f\xc1", nil, func(s *State) { s.XMM[0] = s.XMM[1] }, nil},
		{"cld", "\xfc", nil, func(s *State) { s.RFLAGS &^= x86.DF }, nil},
		{"fincstp", "\xd9\xf7", nil, func(s *State) { s.FPU.SW = 4 << 11 }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := random()
			if c.set != nil {
				c.set(&in)
			}
			want := in
			if want.RIP = EntryAddr; c.exc == nil && c.code != "\xff\xe0" {
				want.RIP += uint64(len(c.code))
			}
			if c.want != nil {
				c.want(&want)
			}
			got, exc, err := h.Step([]byte(c.code), in)
			if err != nil {
				t.Fatal(err)
			}
			got.FPU.FOP, got.FPU.FIP, got.FPU.FDP = 0, 0, 0 // vendors differ
			if d := cmp.Diff(c.exc, exc); d != "" {
				t.Errorf("exception (-want +got)\n%s", d)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("state (-want +got)\n%s", d)
			}
		})
	}
}

// A system call in the code kills the child and says so.
func TestSyscall(t *testing.T) {
	h := start(t)
	s := NewState()
	s.GPR[x86.RAX] = 39 // getpid
	if _, _, err := h.Step([]byte{0x0f, 0x05}, s); err == nil {
		t.Error("no error")
	}
}

func BenchmarkRun(b *testing.B) {
	h := start(b)
	cases := make([]Case, 256)
	for i := range cases {
		cases[i] = Case{Code: []byte{0x48, 0x01, 0xc8}, In: random()}
	}
	for b.Loop() {
		if err := h.Run(cases); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(cases))/b.Elapsed().Seconds(), "cases/s")
}
