package x86

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCPUID holds the whole model down: it is part of what a snapshot means.
func TestCPUID(t *testing.T) {
	for _, c := range []struct {
		leaf, subleaf uint32
		want          [4]uint32
	}{
		{0, 0, [4]uint32{0xd, 0x756e6547, 0x6c65746e, 0x49656e69}},
		{1, 0, [4]uint32{0x206c2, 0x10800, 0x0cd82201, 0x07888111}},
		{2, 0, [4]uint32{0xff01}},
		{3, 0, [4]uint32{}},
		{4, 0, [4]uint32{0x121, 0x1c0003f, 63}},
		{4, 1, [4]uint32{0x122, 0xc0003f, 127}},
		{4, 2, [4]uint32{0x143, 0x1c0003f, 511}},
		{4, 3, [4]uint32{0x163, 0x3c0003f, 8191}},
		{4, 4, [4]uint32{}},
		{7, 0, [4]uint32{0, 0x200}},
		{7, 1, [4]uint32{}},
		{0xb, 0, [4]uint32{0, 1, 0x100}},
		{0xb, 1, [4]uint32{0, 1, 0x201}},
		{0xb, 2, [4]uint32{0, 0, 2}},
		{0xd, 0, [4]uint32{3, 576, 576}},
		{0xd, 1, [4]uint32{3, 576}},
		{0xd, 2, [4]uint32{}},
		{0x8000_0000, 0, [4]uint32{0x8000_0008}},
		{0x8000_0001, 0, [4]uint32{0, 0, 0x101, 0x28100800}},
		{0x8000_0006, 0, [4]uint32{0, 0, 0x1006040}},
		{0x8000_0007, 0, [4]uint32{0, 0, 0, 0x100}},
		{0x8000_0008, 0, [4]uint32{0x3027}},
		{0x4000_0000, 0, [4]uint32{3, 576, 576}},
		{0x14, 1, [4]uint32{3, 576}},
		{0xffff_ffff, 0, [4]uint32{3, 576, 576}},
	} {
		var got [4]uint32
		got[0], got[1], got[2], got[3] = CPUID(LevelV2, c.leaf, c.subleaf)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("leaf %#x, subleaf %d: (-want +got)\n%s", c.leaf, c.subleaf, diff)
		}
	}
}

func TestCPUIDBrand(t *testing.T) {
	var b strings.Builder
	for leaf := uint32(0x8000_0002); leaf <= 0x8000_0004; leaf++ {
		eax, ebx, ecx, edx := CPUID(LevelV2, leaf, 0)
		for _, r := range []uint32{eax, ebx, ecx, edx} {
			for ; r != 0; r >>= 8 {
				b.WriteByte(byte(r))
			}
		}
	}
	if got := b.String(); got != Brand {
		t.Errorf("brand %q, want %q", got, Brand)
	}
}

// TestFeaturesV2 checks that the level has all that the psABI demands of it.
func TestFeaturesV2(t *testing.T) {
	names, linux := Features(LevelV2)
	for _, want := range []string{
		"CMOV", "CX8", "FPU", "FXSR", "MMX", "SYSCALL", "SSE", "SSE2",
		"CX16", "LAHF", "POPCNT", "SSE3", "SSE4.1", "SSE4.2", "SSSE3",
	} {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+want+" ") {
			t.Errorf("no %s", want)
		}
	}
	if len(linux) != len(names)-1 { // OSXSAVE is no flag of Linux
		t.Errorf("%d features, %d flags", len(names), len(linux))
	}
}
