package decode

// Segment overrides that matter in 64-bit mode.
const (
	SegNone = 0
	SegFS   = 1
	SegGS   = 2
)

// None stands for an absent base or index register.
const None = 0xff

// Inst is one decoded instruction: its table row and the values of its fields.
// Register numbers include their REX, VEX or EVEX extension bits, except where
// the register file has only eight (MMX, x87, segments).
type Inst struct {
	Row      uint16 // index of the form in the table (RowXxx constants, generated)
	Len      uint8  // bytes, 1-15
	OpSize   uint8  // effective operand size in bytes of a "v" operand: 2, 4 or 8
	AddrSize uint8  // effective address size in bytes: 4 or 8
	Seg      uint8  // SegNone, SegFS or SegGS
	Rep      uint8  // 0xF2 or 0xF3 in a row that repeats, else 0
	Lock     bool

	HasModRM bool
	IsMem    bool  // the r/m operand is memory
	Rex      bool  // a REX prefix is present: byte registers 4-7 are SPL…DIL, not AH…BH
	Reg      uint8 // ModR/M.reg
	RM       uint8 // ModR/M.rm as a register, or the register in the opcode (+r)
	Cond     uint8 // condition in the opcode (+c)
	Base     uint8 // memory operand: base register, or None
	Index    uint8 // memory operand: index register, or None
	Scale    uint8 // 0-3
	RIPRel   bool  // Disp is relative to the next instruction

	VVVV uint8 // VEX/EVEX second source
	VL   uint8 // vector length: 0 = 128, 1 = 256, 2 = 512
	W    bool  // REX.W, VEX.W or EVEX.W

	Imm2 uint8 // second immediate (ENTER), or the is4 register
	Disp int64 // sign-extended displacement, or the moffs
	Imm  int64 // immediate or branch displacement; sign-extended, but Ib and Iw are unsigned
}
