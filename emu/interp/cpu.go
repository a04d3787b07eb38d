package interp

import (
	"emurun/emu"
	"emurun/emu/x86"
)

// The names handlers use.
type (
	CPU = emu.CPU
	XMM = x86.XMM
)

// word is an operand of a general-purpose register.
type word interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// fault records an exception and returns false, the last result of a handler that faults.
//
//go:noinline
func fault(c *CPU, v x86.Vector, code uint32) bool {
	c.Exc = x86.Exception{Vector: v, Code: code}
	return false
}

const (
	regZero = emu.RegZero
	regFS   = emu.RegFS
	regGS   = emu.RegGS
	regTmp  = emu.RegTmp
)
