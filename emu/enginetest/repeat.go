package enginetest

import (
	"bytes"
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

const (
	stringSrc  = 0x10000123
	stringDst  = 0x20000456
	stringLen  = 10000
	stringRoom = 16 * mem.PageSize // on either side
)

// repeatCases are repeated string instructions, of which one step does 4096 iterations at
// most. The strings are equal but for the last byte.
var repeatCases = []struct {
	name, code string
	rcx        uint64
	steps      uint64 // of the instruction
	done       int64  // iterations
	size       int64  // bytes by which RDI moves in each
	zf         bool
}{
	{"rep movsb", "\xf3\xa4", 10000, 3, 10000, 1, false}, // 4096 + 4096 + 1808
	{"rep movsb of one step", "\xf3\xa4", 4096, 1, 4096, 1, false},
	{"rep movsb of one more", "\xf3\xa4", 4097, 2, 4097, 1, false},
	{"rep movsb of none", "\xf3\xa4", 0, 1, 0, 1, false},
	{"rep movsw", "\x66\xf3\xa5", 4999, 2, 4999, 2, false},
	{"rep movsb with DF", "\xf3\xa4", 4097, 2, 4097, -1, false},
	{"rep stosb", "\xf3\xaa", 10000, 3, 10000, 1, false},
	{"rep stosq with DF", "\xf3\x48\xab", 5000, 2, 5000, -8, false},
	{"rep lodsb", "\xf3\xac", 10000, 3, 10000, 0, false},
	{"repe cmpsb", "\xf3\xa6", 20000, 3, 10000, 1, false},
	{"repe cmpsb of equal strings", "\xf3\xa6", 8192, 2, 8192, 1, true},
	{"repne cmpsb", "\xf2\xa6", 9999, 1, 1, 1, true},
	{"repne scasb", "\xf2\xae", 20000, 3, 10000, 1, true},
	{"repne scasb that finds nothing", "\xf2\xae", 4097, 2, 4097, 1, false},
	{"repe scasb", "\xf3\xae", 20000, 1, 1, 1, false},
}

// newStrings returns a machine with code, two strings and registers for them; AL is the
// last byte of the string at the destination.
func newStrings(t *testing.T, engine func(*mem.Space) emu.Engine, code string) *Machine {
	t.Helper()
	m := newCode(t, engine, []byte(code+"\x48\x89\xca\x0f\x05")) // …; mov rdx, rcx; syscall
	data := bytes.Repeat([]byte{1, 2, 3, 4, 5}, stringLen/5)
	for _, a := range []uint64{stringSrc, stringDst} {
		if err := m.Map(a-stringRoom, 2*stringRoom, mem.Read|mem.Write); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Space.WriteAt(data, a); err != nil {
			t.Fatal(err)
		}
		data[stringLen-1] = 0xff
	}
	m.R[x86.RSI], m.R[x86.RDI], m.R[x86.RAX] = stringSrc, stringDst, 0xff
	return m
}

// testRepeat runs the cases at once and step by step.
func testRepeat(t *testing.T, engine func(*mem.Space) emu.Engine) {
	for _, c := range repeatCases {
		t.Run(c.name, func(t *testing.T) {
			for _, budget := range []uint64{1, 2, 100} {
				m := newStrings(t, engine, c.code)
				m.R[x86.RCX] = c.rcx
				if c.size < 0 {
					m.RFLAGS |= x86.DF
				}
				rdx, rdi := c.rcx-uint64(c.done), m.R[x86.RDI]+uint64(c.done*c.size)
				steps := finish(t, m, budget)
				if zf := m.RFLAGS&x86.ZF != 0; steps != c.steps+2 || zf != c.zf {
					t.Errorf("budget %d: %d steps, ZF %v, want %d, %v", budget, steps, zf, c.steps+2, c.zf)
				}
				if m.R[x86.RDX] != rdx || m.R[x86.RDI] != rdi {
					t.Errorf("budget %d: rcx %#x rdi %#x, want %#x, %#x",
						budget, m.R[x86.RDX], m.R[x86.RDI], rdx, rdi)
				}
			}
		})
	}
}

// testCopy copies a string with one byte that differs, longer than one step does, across
// pages.
func testCopy(t *testing.T, engine func(*mem.Space) emu.Engine) {
	for _, budget := range []uint64{1, 2, 100} {
		m := newStrings(t, engine, "\xf3\xa4") // rep movsb
		m.R[x86.RCX] = stringLen
		finish(t, m, budget)
		var src, dst [stringLen]byte
		_, _ = m.Space.ReadAt(src[:], stringSrc)
		_, _ = m.Space.ReadAt(dst[:], stringDst)
		if src != dst {
			t.Errorf("budget %d: the copy differs", budget)
		}
	}
}
