package interp

import (
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// x87After is what a sequence of x87 instructions leaves.
type x87After struct {
	SW    uint16
	Valid int // registers that are not empty
	ST0   F80
}

var (
	f80One  = F80{Mant: 1 << 63, SE: 0x3fff}
	f80Half = F80{Mant: 1 << 63, SE: 0x3ffe}
)

// TestX87 runs sequences from FNINIT and the given control word.
func TestX87(t *testing.T) {
	fill := func(c *CPU) {
		for range 8 {
			fld1(c)
		}
	}
	for _, tt := range []struct {
		name string
		cw   uint16
		do   func(c *CPU)
		want x87After
	}{
		{"fld1", 0x37f, func(c *CPU) { fld1(c) }, x87After{7 << 11, 1, f80One}},
		{"ninth load overflows", 0x37f, func(c *CPU) { fill(c); fld1(c) },
			x87After{7<<11 | fp.IE | x87SF | fp.C1, 8, fp.DefaultNaN80}},
		{"unmasked overflow changes nothing", 0x37e, func(c *CPU) { fill(c); fld1(c) },
			x87After{fp.IE | x87SF | fp.C1 | x87ES | x87B, 8, f80One}},
		{"empty operand", 0x37f, func(c *CPU) { fld1(c); fadd(c, 1) },
			x87After{7<<11 | fp.IE | x87SF, 1, fp.DefaultNaN80}},
		{"add and pop", 0x37f, func(c *CPU) { fld1(c); fld1(c); fchs(c); faddp(c, 1) },
			x87After{7 << 11, 1, F80{}}},
		{"division by zero", 0x37f, func(c *CPU) { fld1(c); fldz(c); fdivp(c, 1) },
			x87After{7<<11 | fp.ZE, 1, F80{Mant: 1 << 63, SE: 0x7fff}}},
		{"unmasked division by zero keeps both operands", 0x37b, func(c *CPU) { fld1(c); fldz(c); fdivp(c, 1) },
			x87After{6<<11 | fp.ZE | x87ES | x87B, 2, F80{}}},
		{"unmasked precision still stores", 0x35f, func(c *CPU) { fldpi(c); fsqrt(c) },
			x87After{7<<11 | fp.PE | x87ES | x87B, 1, F80{Mant: 0xe2dfc48da77b553d, SE: 0x3fff}}},
		{"fnclex", 0x37b, func(c *CPU) { fld1(c); fldz(c); fdivp(c, 1); fnclex(c) },
			x87After{6 << 11, 2, F80{}}},
		{"unmasking makes a flag pending", 0x37f, func(c *CPU) { fld1(c); fldz(c); fdivp(c, 1); fldcw(c, 0x37b) },
			x87After{7<<11 | fp.ZE | x87ES | x87B, 1, F80{Mant: 1 << 63, SE: 0x7fff}}},
		{"fcompp equal", 0x37f, func(c *CPU) { fld1(c); fld1(c); fcompp(c) }, x87After{fp.C3, 0, F80{}}},
		{"fxam of an empty register", 0x37f, func(c *CPU) { fxam(c) }, x87After{fp.C3 | fp.C0, 0, F80{}}},
		{"fptan pushes one", 0x37f, func(c *CPU) { fldz(c); fptan(c) }, x87After{6 << 11, 2, f80One}},
		{"fxtract of one half", 0x37f, func(c *CPU) { fldMd(c, 0x3f000000); fxtract(c) }, x87After{6 << 11, 2, f80One}},
		{"fxch with an empty register", 0x37f, func(c *CPU) { fld1(c); fxch(c, 3) },
			x87After{7<<11 | fp.IE | x87SF, 2, fp.DefaultNaN80}},
		{"fmul of a single", 0x37f, func(c *CPU) { fld1(c); fmulMd(c, 0x3f000000) }, x87After{7 << 11, 1, f80Half}},
		{"mmx", 0x37f, func(c *CPU) { fld1(c); enterMMX(c) }, x87After{0, 8, F80{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &CPU{}
			fninit(c)
			fldcw(c, tt.cw)
			tt.do(c)
			got := x87After{c.FPU.SW, 0, st(c, 0)}
			for i := range uint8(8) {
				got.Valid += 1 - int(b2u(empty(c, i)))
			}
			if got.Valid == 0 || tt.name == "mmx" {
				got.ST0 = F80{}
			}
			if d := diff.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestPendingMF: an unmasked x87 exception is raised by the next waiting instruction.
func TestPendingMF(t *testing.T) {
	c := &CPU{}
	fninit(c)
	if !waitFPU(c) {
		t.Error("#MF without an exception")
	}
	fldcw(c, 0x37b)
	fld1(c)
	fldz(c)
	fdivp(c, 1)
	if waitFPU(c) || c.Exc.Vector != x86.VecMF {
		t.Errorf("no #MF, but %v", c.Exc)
	}
}
