package interp

import (
	"encoding/binary"

	"emurun/emu/internal/fp"
	"emurun/emu/x86"
)

// Control of the x87 (SDM Vol. 1, 5.2.6 and 8.1.10).

// controlMask are the bits of the control word that exist; bit 6 is always 1.
const (
	controlMask = 0x1f3f
	controlOne  = 0x40
)

// setControl loads the control word. Exceptions it unmasks become pending.
func setControl(c *CPU, v uint16) {
	c.FPU.CW = v&controlMask | controlOne
	summarize(c)
}

// fincstp implements FINCSTP: adds one to TOP.
func fincstp(c *CPU) {
	turn(c, 1)
	report(c, 0, 0)
}

// fdecstp implements FDECSTP: takes one from TOP.
func fdecstp(c *CPU) {
	turn(c, 7)
	report(c, 0, 0)
}

// ffree implements FFREE: ST(i) becomes empty.
func ffree(c *CPU, i uint8) {
	c.FPU.Tag &^= 1 << physical(c, i)
	c.FPU.SW &^= fp.C1
}

// ffreep implements FFREEP: FFREE and a pop.
func ffreep(c *CPU, i uint8) {
	ffree(c, i)
	popST(c)
}

// fnop implements FNOP, which does nothing.
func fnop() {}

// fwait implements FWAIT, which only raises a pending exception.
func fwait() {}

// fninit implements FNINIT. The registers keep their contents but are empty.
func fninit(c *CPU) { c.FPU = x86.FPU{ST: c.FPU.ST, CW: x86.InitCW} }

// fnclex implements FNCLEX: clears the exception flags and what follows from them.
func fnclex(c *CPU) { c.FPU.SW &^= fp.AllFlags | x87SF | x87ES | x87B }

// fldcw implements FLDCW.
func fldcw(c *CPU, v uint16) { setControl(c, v) }

// fnstcw implements FNSTCW.
func fnstcw(c *CPU) uint16 { return c.FPU.CW }

// fnstsw implements FNSTSW.
func fnstsw(c *CPU) uint16 { return c.FPU.SW }

// Sizes of the environment in the formats of protected mode, and of the registers
// behind it.
const (
	env32Size = 28
	env16Size = 14
	stackSize = 80
)

// tagWord is the full tag word: two bits a register, 0 valid, 1 zero, 2 special
// (NaN, infinity, denormal, unsupported), 3 empty.
func tagWord(f *x86.FPU) uint16 {
	w := uint16(0)
	for i, r := range f.ST {
		tag := uint16(3)
		if f.Tag>>i&1 != 0 {
			tag = fp.Tag80(r)
		}
		w |= tag << (2 * i)
	}
	return w
}

// abridged is the tag word as FXSAVE has it.
func abridged(w uint16) (tag uint8) {
	for i := range 8 {
		if w>>(2*i)&3 != 3 {
			tag |= 1 << i
		}
	}
	return tag
}

// putEnv writes the environment of 28 or 14 bytes. Reserved bits are 1 and the
// selectors 0, which is what processors without FPU CS and DS store.
func putEnv(b []byte, f *x86.FPU) {
	le := binary.LittleEndian
	if len(b) < env32Size {
		for i, v := range [...]uint16{f.CW, f.SW, tagWord(f), uint16(f.FIP), 0, uint16(f.FDP), 0} {
			le.PutUint16(b[2*i:], v)
		}
		return
	}
	const reserved = 0xffff0000
	for i, v := range [...]uint32{
		reserved | uint32(f.CW), reserved | uint32(f.SW), reserved | uint32(tagWord(f)),
		uint32(f.FIP), uint32(f.FOP) << 16, uint32(f.FDP), reserved,
	} {
		le.PutUint32(b[4*i:], v)
	}
}

// getEnv loads the environment of 28 or 14 bytes.
func getEnv(c *CPU, b []byte) {
	le, f := binary.LittleEndian, &c.FPU
	word := func(i int) uint16 { return le.Uint16(b[i*len(b)/7:]) }
	f.SW, f.Tag = word(1), abridged(word(2))
	f.FOP = 0
	if len(b) < env32Size {
		f.FIP, f.FDP = uint64(word(3)), uint64(word(5))
	} else {
		f.FIP, f.FDP = uint64(le.Uint32(b[12:])), uint64(le.Uint32(b[20:]))
		f.FOP = le.Uint16(b[18:]) & 0x7ff
	}
	setControl(c, word(0))
}

// storeEnv stores the environment in n bytes and masks all exceptions.
func storeEnv(c *CPU, a uint64, n int) bool {
	var b [env32Size]byte
	putEnv(b[:n], &c.FPU)
	if !writeBytes(c, a, b[:n]) {
		return false
	}
	setControl(c, c.FPU.CW|fp.AllFlags)
	return true
}

// loadEnv loads the environment from n bytes.
func loadEnv(c *CPU, a uint64, n int) bool {
	var b [env32Size]byte
	if !readBytes(c, a, b[:n]) {
		return false
	}
	getEnv(c, b[:n])
	return true
}

// saveFPU stores the environment and the registers, and initialises the x87.
func saveFPU(c *CPU, a uint64, n int) bool {
	var b [env32Size + stackSize]byte
	putEnv(b[:n], &c.FPU)
	for i := range uint8(8) {
		r := st(c, i)
		binary.LittleEndian.PutUint64(b[n+10*int(i):], r.Mant)
		binary.LittleEndian.PutUint16(b[n+10*int(i)+8:], r.SE)
	}
	if !writeBytes(c, a, b[:n+stackSize]) {
		return false
	}
	fninit(c)
	return true
}

// restoreFPU loads the environment and the registers.
func restoreFPU(c *CPU, a uint64, n int) bool {
	var b [env32Size + stackSize]byte
	if !readBytes(c, a, b[:n+stackSize]) {
		return false
	}
	getEnv(c, b[:n])
	for i := range uint8(8) {
		p := b[n+10*int(i):]
		c.FPU.ST[physical(c, i)] = F80{Mant: binary.LittleEndian.Uint64(p), SE: binary.LittleEndian.Uint16(p[8:])}
	}
	return true
}

// fnstenv implements FNSTENV, which masks all exceptions after storing.
func fnstenv(c *CPU, a uint64) bool { return storeEnv(c, a, env32Size) }

// fnstenv16 implements FNSTENV with an operand size of 16 bits.
func fnstenv16(c *CPU, a uint64) bool { return storeEnv(c, a, env16Size) }

// fldenv implements FLDENV.
func fldenv(c *CPU, a uint64) bool { return loadEnv(c, a, env32Size) }

// fldenv16 implements FLDENV with an operand size of 16 bits.
func fldenv16(c *CPU, a uint64) bool { return loadEnv(c, a, env16Size) }

// fnsave implements FNSAVE, which initialises the x87 after storing.
func fnsave(c *CPU, a uint64) bool { return saveFPU(c, a, env32Size) }

// fnsave16 implements FNSAVE with an operand size of 16 bits.
func fnsave16(c *CPU, a uint64) bool { return saveFPU(c, a, env16Size) }

// frstor implements FRSTOR.
func frstor(c *CPU, a uint64) bool { return restoreFPU(c, a, env32Size) }

// frstor16 implements FRSTOR with an operand size of 16 bits.
func frstor16(c *CPU, a uint64) bool { return restoreFPU(c, a, env16Size) }
