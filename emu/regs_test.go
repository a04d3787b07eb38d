package emu

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"emurun/emu/x86"
)

// TestRegs fills every byte of the register file and takes it through a CPU.
func TestRegs(t *testing.T) {
	var r x86.Regs
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range unsafe.Slice((*byte)(unsafe.Pointer(&r)), unsafe.Sizeof(r)) {
		unsafe.Slice((*byte)(unsafe.Pointer(&r)), unsafe.Sizeof(r))[i] = byte(rnd.Uint32())
	}
	r.RFLAGS |= x86.FixedFlags
	var c CPU
	c.SetRegs(&r)
	if got := c.Regs(); got != r {
		t.Errorf("got %+v, want %+v", got, r)
	}
}

// TestStatusFlags compares every kind of record on bytes with flags computed bit by bit.
func TestStatusFlags(t *testing.T) {
	for x := range 256 {
		for y := range 256 {
			for carry := range 2 {
				checkFlags(t, FlagsAdd+uint32(carry)<<2, x+y+carry, x, y, carry)
				checkFlags(t, FlagsSub+uint32(carry)<<2, x-y-carry, x, -y, -carry)
			}
		}
	}
}

// checkFlags expects the flags of x + y + carry, y and carry being negative for a
// subtraction.
func checkFlags(t *testing.T, kind uint32, r, x, y, carry int) {
	t.Helper()
	src := max(y, -y)
	signed := int(int8(x)) + int(int8(src)) + carry
	if kind == FlagsSub || kind == FlagsSbb {
		signed = int(int8(x)) - int(int8(src)) + carry
	}
	want := ZSP(uint64(uint8(r)), uint64(r)<<56)
	want |= bit(r < 0 || r > 255, x86.CF) | bit(signed != int(int8(signed)), x86.OF)
	want |= bit((x^src^r)&16 != 0, x86.AF)
	c := CPU{FlagRes: uint64(uint8(r)), FlagSrc: uint64(src), FlagKind: kind}
	if got := c.StatusFlags(); got != want {
		t.Fatalf("kind %d, %d, %d, carry %d: flags %#x, want %#x", kind, x, y, carry, got, want)
	}
	if got := c.Carry(); got != uint8(want&x86.CF) {
		t.Fatalf("kind %d, %d, %d, carry %d: carry %d", kind, x, y, carry, got)
	}
}
