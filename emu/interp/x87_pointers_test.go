package interp_test

import (
	"testing"

	"emurun/emu/x86"
	"emurun/internal/hostcpu"
)

// x87Pointers are FOP, FIP as a distance from the instruction, and FDP.
type x87Pointers struct {
	FOP uint16
	FIP int64
	FDP uint64
}

const (
	operand = hostcpu.MidAddr
	before  = 0x1234 // what FOP is before the instruction; FIP and FDP are multiples
)

// pointerCases are instructions with RAX = operand, ST(0) = 1, ST(1) = 0 and memory of zeros.
var pointerCases = []struct {
	name, code string
	cw         uint16
	want       x87Pointers
	host       bool // whether a CPU that saves pointers only with an exception shows them
}{
	{"division by zero", "\xd8\xf1", 0x37b, x87Pointers{0xf1, 0, 2 * before}, true},
	{"by a zero in memory", "\xd8\x30", 0x37b, x87Pointers{0x30, 0, operand}, true},
	{"with prefixes", "\x66\x48\xdc\x30", 0x37b, x87Pointers{0x430, 0, operand}, true},
	{"with FS: an offset, without the base", "\x64\xd8\x70\x08", 0x37b, x87Pointers{0x70, 0, operand + 8}, true},
	{"with a 32-bit address", "\x67\xd8\x30", 0x37b, x87Pointers{0x30, 0, operand}, true},
	{"no exception", "\xdb\x18", 0x37f, x87Pointers{before, 0, operand}, false},
	{"masked exception: no opcode", "\xd8\x30", 0x37f, x87Pointers{before, 0, operand}, false},
	{"control instruction", "\xd9\x38", 0x37f, x87Pointers{before, before - hostcpu.EntryAddr, 2 * before}, false}, // fnstcw
	{"fault in memory", "\xd8\x31", 0x37b, x87Pointers{before, before - hostcpu.EntryAddr, 2 * before}, false},
}

// TestX87Pointers: the pointers are those of the last instruction but control instructions
// (SDM Vol. 1, 8.1.8), the opcode that of the last unmasked exception (8.1.9).
func TestX87Pointers(t *testing.T) {
	r := newRunner(t)
	for _, tt := range pointerCases {
		t.Run(tt.name, func(t *testing.T) {
			c := pointerCase(tt.code, tt.cw)
			s, _, err := r.Run(&c)
			if err != nil {
				t.Fatal(err)
			}
			if got := pointers(&s); got != tt.want {
				t.Errorf("got %#x, want %#x", got, tt.want)
			}
		})
	}
}

// TestX87PointersLive asks the real CPU.
func TestX87PointersLive(t *testing.T) {
	h := startHost(t)
	for _, tt := range pointerCases {
		if !tt.host {
			continue
		}
		c := pointerCase(tt.code, tt.cw)
		s, _, err := h.Step(c.Code, c.In)
		if err != nil {
			t.Fatal(err)
		}
		got := pointers(&s)
		if tt.want.FDP == 2*before {
			got.FDP = tt.want.FDP // reserved: the instruction had no memory operand
		}
		if got != tt.want {
			t.Errorf("%s: got %#x, want %#x", tt.name, got, tt.want)
		}
	}
}

func pointerCase(code string, cw uint16) hostcpu.Case {
	c := hostcpu.Case{Code: []byte(code), In: hostcpu.NewState()}
	c.In.GPR[x86.RAX] = operand
	c.In.FSBase = 8
	f := &c.In.FPU
	f.CW, f.Tag = cw, 3
	f.ST[0] = x86.F80{Mant: 1 << 63, SE: 0x3fff}
	f.FOP, f.FIP, f.FDP = before, before, 2*before
	return c
}

func pointers(s *hostcpu.State) x87Pointers {
	return x87Pointers{s.FPU.FOP, int64(s.FPU.FIP - hostcpu.EntryAddr), s.FPU.FDP}
}
