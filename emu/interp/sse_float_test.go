package interp

import (
	"testing"

	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// masked is MXCSR with all exceptions masked but those in open.
func masked(open uint32) uint32 { return x86.InitMXCSR &^ (open << fp.MaskShift) }

const (
	d1      = 0x3ff0000000000000
	d2      = 0x4000000000000000
	d3      = 0x4008000000000000
	dHuge   = 0x7fe0000000000000 // 2^1023
	dTiny   = 0x0010000000000000 // 2^-1022
	dDenorm = 1
	dHalf   = 0x3fe0000000000000
)

// TestXM: an unmasked exception sets its flags and faults; which flags depends on
// what is unmasked (SDM Vol. 1, 11.5.3).
func TestXM(t *testing.T) {
	type op = func(c *CPU, x, y uint64) (uint64, bool)
	for _, tt := range []struct {
		name  string
		do    op
		x, y  uint64
		mxcsr uint32
		ok    bool
		flags uint32
	}{
		{"1/0 masked", divsd, d1, 0, masked(0), true, fp.ZE},
		{"1/0", divsd, d1, 0, masked(fp.ZE), false, fp.ZE},
		{"1/3", divsd, d1, d3, masked(fp.PE), false, fp.PE},
		{"1/3 with PE already set", divsd, d1, d3, masked(fp.PE) | fp.PE, false, fp.PE},
		{"exact overflow", mulsd, dHuge, d2, masked(fp.OE), false, fp.OE},
		{"overflow masked", mulsd, dHuge, d2, masked(0), true, fp.OE | fp.PE},
		{"exact tiny", mulsd, dTiny, dHalf, masked(fp.UE), false, fp.UE},
		{"exact tiny, FTZ is ignored", mulsd, dTiny, dHalf, masked(fp.UE) | fp.FTZ, false, fp.UE},
		{"exact tiny masked", mulsd, dTiny, dHalf, masked(0), true, 0},
		{"DE hides PE", addsd, d1, dDenorm, masked(fp.DE), false, fp.DE},
		{"DE masked", addsd, d1, dDenorm, masked(0), true, fp.DE | fp.PE},
		{"other exception unmasked", addsd, d1, dDenorm, masked(fp.ZE), true, fp.DE | fp.PE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &CPU{MXCSR: tt.mxcsr}
			_, ok := tt.do(c, tt.x, tt.y)
			if ok != tt.ok || c.MXCSR&fp.AllFlags != tt.flags {
				t.Errorf("ok %t flags %#x, want %t %#x", ok, c.MXCSR&fp.AllFlags, tt.ok, tt.flags)
			}
			if !ok && c.Exc.Vector != x86.VecXM {
				t.Errorf("raised %v", c.Exc)
			}
		})
	}
}

// TestXMPacked: an unmasked exception that is found before the operation hides what
// other lanes would report after it.
func TestXMPacked(t *testing.T) {
	for _, tt := range []struct {
		name  string
		x, y  XMM
		open  uint32
		ok    bool
		flags uint32
	}{
		{"inexact beside 1/0", XMM{Lo: d1, Hi: d1}, XMM{Lo: d3, Hi: 0}, fp.ZE, false, fp.ZE},
		{"masked", XMM{Lo: d1, Hi: d1}, XMM{Lo: d3, Hi: 0}, 0, true, fp.ZE | fp.PE},
		{"PE unmasked", XMM{Lo: d1, Hi: d1}, XMM{Lo: d3, Hi: 0}, fp.PE, false, fp.ZE | fp.PE},
		{"0/0 beside 1/0", XMM{Lo: 0, Hi: d1}, XMM{Lo: 0, Hi: 0}, fp.ZE, false, fp.ZE | fp.IE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &CPU{MXCSR: masked(tt.open)}
			_, ok := divpd(c, tt.x, tt.y)
			if ok != tt.ok || c.MXCSR&fp.AllFlags != tt.flags {
				t.Errorf("ok %t flags %#x, want %t %#x", ok, c.MXCSR&fp.AllFlags, tt.ok, tt.flags)
			}
		})
	}
}
