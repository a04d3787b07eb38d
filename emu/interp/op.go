package interp

// Op is one cell of a translated block: an instruction, a fused pair of them, or
// a preparatory cell of zero length that computes an address into RegTmp. It is
// one cache line.
type Op struct {
	code uint16 // case of the switch
	fn   uint16 // cold function, where code is opCold
	left uint8  // instructions from here to the end of the block
	len  uint8  // bytes of the instructions of this cell
	reg  uint8  // ModR/M.reg, with bit 5 set for AH…BH
	rm   uint8  // ModR/M.rm or the register in the opcode, with bit 5 set for AH…BH

	base  uint8 // memory operand: RegZero where there is none
	index uint8
	scale uint8
	ext   uint8 // VEX.vvvv, or the condition code of Jcc, SETcc and CMOVcc
	pfx   uint8 // pfxXxx
	size  uint8 // operand size in bytes
	n     uint8 // instructions of this cell: 0, 1 or 2
	cc    uint8 // 64 less the bits of the flag record that a specialised condition reads

	imm  uint64
	disp uint64
	next uint64 // address of the next instruction
	t    uint64 // target of a branch

	tb, nb *block // the blocks at t and next, once chained
}

// Prefixes and attributes that handlers with full access and faults look at.
const (
	pfxRepNE  = 1 << iota // F2
	pfxRep                // F3
	pfxAddr32             // 67: addresses are 32 bits wide
	pfxFS
	pfxGS
	pfxStack // a non-canonical address is #SS, not #GP
	pfxMem   // the r/m operand is memory
	pfxRex   // REX is present
)
