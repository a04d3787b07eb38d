package interp_test

import (
	"testing"

	"emurun/emu"
	"emurun/emu/interp"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// BenchmarkSSE runs the loops that string functions of libc consist of, and a few others.
func BenchmarkSSE(b *testing.B) {
	for _, c := range []struct{ name, code string }{
		// movdqu xmm0,[rdi]; pcmpeqb xmm0,xmm1; pmovmskb eax,xmm0; add rdi,0; test eax,eax
		{"strlen", "\xf3\x0f\x6f\x07\x66\x0f\x74\xc1\x66\x0f\xd7\xc0\x48\x83\xc7\x00\x85\xc0"},
		// movdqa xmm0,[rdi]; movdqa xmm2,[rdi+16]; pminub xmm0,xmm2; pcmpeqb xmm0,xmm1; pmovmskb eax,xmm0; test eax,eax
		{"strlen unrolled", "\x66\x0f\x6f\x07\x66\x0f\x6f\x57\x10\x66\x0f\xda\xc2\x66\x0f\x74\xc1\x66\x0f\xd7\xc0\x85\xc0"},
		// movdqu xmm0,[rdi]; movdqu xmm2,[rdi+16]; movups [rsi],xmm0; movups [rsi+16],xmm2; test eax,eax
		{"memcpy", "\xf3\x0f\x6f\x07\xf3\x0f\x6f\x57\x10\x0f\x11\x06\x0f\x11\x56\x10\x85\xc0"},
		// pshufd xmm0,xmm1,0x1b; paddd xmm0,xmm2; pxor xmm3,xmm0; psrld xmm3,7; test eax,eax
		{"hash", "\x66\x0f\x70\xc1\x1b\x66\x0f\xfe\xc2\x66\x0f\xef\xd8\x66\x0f\x72\xd3\x07\x85\xc0"},
		// punpcklbw xmm0,xmm1; pmullw xmm0,xmm2; paddw xmm0,xmm3; psrlw xmm0,8; packuswb xmm0,xmm0; test eax,eax
		{"pixels", "\x66\x0f\x60\xc1\x66\x0f\xd5\xc2\x66\x0f\xfd\xc3\x66\x0f\x71\xd0\x08\x66\x0f\x67\xc0\x85\xc0"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := mem.NewSpace(mem.NewPool(16 << 20))
			if err := s.Map(mem.Mapping{Start: 0x10000, End: 0x20000, Prot: mem.Read | mem.Write | mem.Exec}); err != nil {
				b.Fatal(err)
			}
			code := c.code + "\x74" + string([]byte{byte(-len(c.code) - 2)}) // jz
			if _, err := s.WriteAt([]byte(code), 0x10000); err != nil {
				b.Fatal(err)
			}
			e := interp.New(s)
			cpu := &emu.CPU{Mem: s, RIP: 0x10000, MXCSR: x86.InitMXCSR}
			cpu.R[x86.RDI], cpu.R[x86.RSI] = 0x18000, 0x19000
			cpu.X[1] = x86.XMM{Lo: ^uint64(0), Hi: ^uint64(0)}
			const n = 1_000_000
			for b.Loop() {
				if got, exit := e.Run(cpu, n); got != n || exit != emu.ExitBudget {
					b.Fatal(got, exit, cpu.Exc)
				}
			}
			b.ReportMetric(float64(b.N)*n/1e6/b.Elapsed().Seconds(), "MIPS")
		})
	}
}
