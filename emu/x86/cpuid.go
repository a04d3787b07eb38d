package x86

import "encoding/binary"

// Level is the model of the virtual CPU: a level of the x86-64 psABI. It is part
// of the machine's state, so a thawed machine goes on with the model it began with.
type Level uint8

// LevelV2 is x86-64-v2: SSE4.2, POPCNT, CMPXCHG16B, LAHF in 64-bit mode.
const LevelV2 Level = 2

// XCR0 are the state components that XSAVE manages: x87 and SSE (SDM Vol. 1, 13.1).
const XCR0 = 1<<0 | 1<<1

// XSaveSize is the size of the XSAVE area for them: legacy region and header.
const XSaveSize = 512 + 64

// Where a feature bit is: leaf (with subleaf 0 unless it says otherwise) and register.
const (
	leaf1ECX = iota
	leaf1EDX
	leaf7EBX
	leafD1EAX // leaf 0xD, subleaf 1
	leafExt1ECX
	leafExt1EDX
	leafExt7EDX
)

// feature is one bit of CPUID.
type feature struct {
	name  string // as the rows of the opcode table write it, or the SDM
	linux string // as /proc/cpuinfo writes it
	word  int
	bit   uint
	since Level
}

// features are all that the virtual CPU advertises. A feature is added here when
// its rows are complete and tested, not before.
var features = [...]feature{
	{"FPU", "fpu", leaf1EDX, 0, LevelV2},
	{"TSC", "tsc", leaf1EDX, 4, LevelV2},
	{"CX8", "cx8", leaf1EDX, 8, LevelV2},
	{"CMOV", "cmov", leaf1EDX, 15, LevelV2},
	{"CLFSH", "clflush", leaf1EDX, 19, LevelV2},
	{"MMX", "mmx", leaf1EDX, 23, LevelV2},
	{"FXSR", "fxsr", leaf1EDX, 24, LevelV2},
	{"SSE", "sse", leaf1EDX, 25, LevelV2},
	{"SSE2", "sse2", leaf1EDX, 26, LevelV2},
	{"SYSCALL", "syscall", leafExt1EDX, 11, LevelV2},
	{"NX", "nx", leafExt1EDX, 20, LevelV2},
	{"RDTSCP", "rdtscp", leafExt1EDX, 27, LevelV2},
	{"LM", "lm", leafExt1EDX, 29, LevelV2},
	{"CONSTANT_TSC", "constant_tsc", leafExt7EDX, 8, LevelV2},
	{"SSE3", "pni", leaf1ECX, 0, LevelV2},
	{"SSSE3", "ssse3", leaf1ECX, 9, LevelV2},
	{"CX16", "cx16", leaf1ECX, 13, LevelV2},
	{"SSE4.1", "sse4_1", leaf1ECX, 19, LevelV2},
	{"SSE4.2", "sse4_2", leaf1ECX, 20, LevelV2},
	{"MOVBE", "movbe", leaf1ECX, 22, LevelV2},
	{"POPCNT", "popcnt", leaf1ECX, 23, LevelV2},
	{"XSAVE", "xsave", leaf1ECX, 26, LevelV2},
	{"OSXSAVE", "", leaf1ECX, 27, LevelV2},
	{"LAHF", "lahf_lm", leafExt1ECX, 0, LevelV2},
	{"PREFETCHW", "3dnowprefetch", leafExt1ECX, 8, LevelV2},
	{"ERMS", "erms", leaf7EBX, 9, LevelV2}, // REP MOVSB and STOSB work a page at a time here
	{"XSAVEOPT", "xsaveopt", leafD1EAX, 0, LevelV2},
	{"XSAVEC", "xsavec", leafD1EAX, 1, LevelV2},
}

// Features returns the names of what the level advertises, as the rows of the
// opcode table write them, and the flags line of /proc/cpuinfo, word by word.
func Features(level Level) (names, linux []string) {
	for _, f := range features {
		if f.since > level {
			continue
		}
		names = append(names, f.name)
		if f.linux != "" {
			linux = append(linux, f.linux)
		}
	}
	return names, linux
}

// featureBits returns one word of feature bits.
func featureBits(level Level, word int) uint32 {
	var v uint32
	for _, f := range features {
		if f.word == word && f.since <= level {
			v |= 1 << f.bit
		}
	}
	return v
}

// What CPUID says of the model. Family, model and stepping are those of a Westmere,
// an Intel CPU at the v2 level: programs that choose by model choose well.
const (
	Vendor   = "GenuineIntel"
	Brand    = "emurun virtual CPU (x86-64-v2)"
	Family   = 6
	Model    = 0x2c
	Stepping = 2

	maxLeaf    = 0xd
	maxExtLeaf = 0x8000_0008
	lineBytes  = 64
	physBits   = 39
	linearBits = 48
)

// registers are what CPUID returns.
type registers struct{ a, b, c, d uint32 }

// CPUID implements the instruction (SDM Vol. 2A, CPUID) for the virtual CPU, which
// is the same on every host: one core, one thread. A leaf above the maximum
// returns what the highest basic leaf does, as Intel CPUs do.
func CPUID(level Level, leaf, subleaf uint32) (eax, ebx, ecx, edx uint32) {
	if leaf > maxExtLeaf || leaf > maxLeaf && leaf < 0x8000_0000 {
		leaf = maxLeaf
	}
	var r registers
	if leaf >= 0x8000_0000 {
		r = extendedLeaf(level, leaf)
	} else {
		r = basicLeaf(level, leaf, subleaf)
	}
	return r.a, r.b, r.c, r.d
}

// basicLeaf returns a leaf up to maxLeaf.
func basicLeaf(level Level, leaf, subleaf uint32) registers {
	switch leaf {
	case 0:
		return registers{maxLeaf, word(Vendor, 0), word(Vendor, 8), word(Vendor, 4)}
	case 1:
		signature := uint32(Model>>4<<16 | Family<<8 | Model&15<<4 | Stepping)
		return registers{signature, 1<<16 | lineBytes/8<<8, featureBits(level, leaf1ECX), featureBits(level, leaf1EDX)}
	case 2:
		return registers{a: 0xff01} // one query; caches are in leaf 4
	case 4:
		return cacheLeaf(subleaf)
	case 7:
		if subleaf == 0 {
			return registers{b: featureBits(level, leaf7EBX)}
		}
	case 0xb:
		return topologyLeaf(subleaf)
	case 0xd:
		return xsaveLeaf(level, subleaf)
	}
	return registers{}
}

// extendedLeaf returns a leaf from 0x80000000 to maxExtLeaf.
func extendedLeaf(level Level, leaf uint32) registers {
	switch leaf {
	case 0x8000_0000:
		return registers{a: maxExtLeaf}
	case 0x8000_0001:
		return registers{c: featureBits(level, leafExt1ECX), d: featureBits(level, leafExt1EDX)}
	case 0x8000_0002, 0x8000_0003, 0x8000_0004:
		i := int(leaf-0x8000_0002) * 16
		return registers{word(Brand, i), word(Brand, i+4), word(Brand, i+8), word(Brand, i+12)}
	case 0x8000_0006:
		const eightWays = 6
		return registers{c: caches[2].kib()<<16 | eightWays<<12 | lineBytes}
	case 0x8000_0007:
		return registers{d: featureBits(level, leafExt7EDX)}
	case 0x8000_0008:
		return registers{a: linearBits<<8 | physBits}
	}
	return registers{}
}

// word returns four bytes of s from i as a register; behind the end are zeros.
func word(s string, i int) uint32 {
	var b [4]byte
	if i < len(s) {
		copy(b[:], s[i:])
	}
	return binary.LittleEndian.Uint32(b[:])
}

// cache is one cache of the model.
type cache struct{ level, kind, ways, sets uint32 }

// The kinds of caches (SDM Vol. 2A, CPUID leaf 4).
const (
	cacheData = 1 + iota
	cacheInstruction
	cacheUnified
)

// caches are a model's of this level; the C library tunes memcpy by them.
var caches = [...]cache{
	{1, cacheData, 8, 64},
	{1, cacheInstruction, 4, 128},
	{2, cacheUnified, 8, 512},
	{3, cacheUnified, 16, 8192},
}

// kib returns the size in KiB.
func (c cache) kib() uint32 { return c.ways * c.sets * lineBytes / 1024 }

// cacheLeaf returns leaf 4, deterministic cache parameters.
func cacheLeaf(subleaf uint32) registers {
	if subleaf >= uint32(len(caches)) {
		return registers{}
	}
	const selfInitializing = 1 << 8
	c := caches[subleaf]
	return registers{
		a: c.kind | c.level<<5 | selfInitializing,
		b: (c.ways-1)<<22 | (lineBytes - 1),
		c: c.sets - 1,
	}
}

// topologyLeaf returns leaf 0xB: one thread in one core.
func topologyLeaf(subleaf uint32) registers {
	const levelThread, levelCore = 1, 2
	switch subleaf {
	case 0:
		return registers{b: 1, c: levelThread<<8 | subleaf}
	case 1:
		return registers{b: 1, c: levelCore<<8 | subleaf}
	}
	return registers{c: subleaf & 0xff}
}

// xsaveLeaf returns leaf 0xD, the layout of the XSAVE area.
func xsaveLeaf(level Level, subleaf uint32) registers {
	switch subleaf {
	case 0:
		return registers{a: XCR0, b: XSaveSize, c: XSaveSize}
	case 1:
		return registers{a: featureBits(level, leafD1EAX), b: XSaveSize}
	}
	return registers{}
}
