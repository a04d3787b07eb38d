package optest

import (
	"strings"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// implicit prepares the registers that the row uses without naming them: the stack,
// string pointers and counters.
func (b *builder) implicit() {
	if b.row.Has(isa.StringOp) {
		b.strings()
	}
	for _, m := range b.row.Implicit {
		if !m.Memory {
			continue
		}
		switch m.Reg {
		case "rsp":
			b.stack(x86.RSP)
		case "rbp":
			b.stack(x86.RBP)
		}
	}
}

// reserve says that the addressing must not change register n.
func (b *builder) reserve(n int) { b.reserved |= 1 << n }

// stack points register n into the data, at times near its ends or where nothing is.
func (b *builder) stack(n int) {
	a := uint64(hostcpu.MidAddr + 256 + b.n(512))
	if !b.chance(4) {
		a &^= 7
	}
	switch b.n(24) {
	case 0:
		a = hostcpu.DataAddr + uint64(b.n(64))
	case 1:
		a = hostcpu.DataAddr + hostcpu.DataSize - uint64(b.n(64))
	case 2:
		a = hostcpu.ROAddr + 0x100
	case 3:
		a = b.next() >> pick(&b.rng, 18, 0)
	}
	b.s.GPR[n] = a
	b.reserve(n)
}

// strings points rSI and rDI at data and sets a small count.
func (b *builder) strings() {
	b.Size = int(b.Form.OpSize)
	for _, o := range b.row.Operands {
		if o.Size == isa.SizeB {
			b.Size = 1
		}
	}
	count := 1
	if b.row.Has(isa.Rep) {
		count = pick(&b.rng, 0, 1, 2, 3, 5, 8, 20)
		b.s.GPR[x86.RCX] = uint64(count)
		if b.addr32 {
			b.s.GPR[x86.RCX] |= b.next() << 32
		}
		b.reserve(x86.RCX)
	}
	src, dst := b.stringPlace(count), b.stringPlace(count)
	if b.row.Operands[0].Role == isa.RoleRead && src-hostcpu.MidAddr >= hostcpu.MidSize { // CMPS: which is read first is the CPU's choice
		dst = hostcpu.MidAddr + hostcpu.MidSize/2
	}
	if strings.Contains(b.row.Mnemonic, "CMPS") && !b.chance(4) {
		b.equalStrings(src, dst, count)
	}
	if strings.Contains(b.row.Mnemonic, "SCAS") && b.row.Has(isa.Rep) && !b.chance(4) {
		b.scanned(dst, count)
	}
	// The segment prefix moves the source only.
	b.Addr = src
	b.s.GPR[x86.RSI] = src - b.segBase()
	b.s.GPR[x86.RDI] = dst
	if b.addr32 {
		for _, n := range []int{x86.RSI, x86.RDI} {
			b.s.GPR[n] = b.s.GPR[n]&0xffffffff | b.next()<<32
		}
	}
	b.reserve(x86.RSI)
	b.reserve(x86.RDI)
}

// stringPlace is an address at which a string operation of count elements fits in
// either direction, mostly.
func (b *builder) stringPlace(count int) uint64 {
	n := uint64(b.Size * max(count, 1))
	a := hostcpu.MidAddr + n + uint64(b.n(hostcpu.MidSize-2*int(n)))
	switch b.n(16) {
	case 0:
		a = hostcpu.DataAddr + hostcpu.DataSize - uint64(b.n(int(n)+1))
	case 1:
		a = hostcpu.DataAddr + uint64(b.n(int(n)+1))
	case 2:
		a = hostcpu.ROAddr + 0x800
	case 3:
		if b.chance(4) {
			a = b.next() >> pick(&b.rng, 18, 0)
		}
	}
	return a
}

// step is by how much the string pointers move.
func (b *builder) step() uint64 {
	if b.s.RFLAGS&x86.DF != 0 {
		return -uint64(b.Size)
	}
	return uint64(b.Size)
}

// equalStrings makes the two strings equal up to some element.
func (b *builder) equalStrings(src, dst uint64, count int) {
	for range b.n(count + 1) {
		v := []byte{byte(b.next()), byte(b.next()), byte(b.next()), 4, 5, 6, 7, 8}[:b.Size]
		b.poke(src, v)
		b.poke(dst, v)
		src, dst = src+b.step(), dst+b.step()
	}
}

// scanned fills elements with the accumulator, or puts one behind others.
func (b *builder) scanned(dst uint64, count int) {
	v := b.s.GPR[x86.RAX]
	hit := b.n(count + 2)
	for i := range count {
		if (i == hit) == strings.HasPrefix(b.row.Mnemonic, "REPNE") {
			p := make([]byte, b.Size)
			for k := range p {
				p[k] = byte(v >> (8 * k))
			}
			b.poke(dst, p)
		}
		dst += b.step()
	}
}
