package isa

// Row is one encoding form of one instruction: a line of the table.
type Row struct {
	ID       int    // index of the row, from 1: the value of decode.RowXxx
	Name     string // Go identifier without the "Row": "Add_EvGv"
	Mnemonic string // as the SDM writes it: "ADD"
	Handler  string // Go function that implements it: "add"; empty for a privileged row
	File     string // the group: "arithmetic"
	Line     int

	Enc      Opcode
	Operands []Operand  // explicit operands, in the SDM's order
	Implicit []Implicit // registers and memory that are used beside them
	Flags    Flags
	Feature  string // name of the CPUID feature, or empty: always there
	Attr     Attr
}

// String returns the row as the SDM heads it: "ADD Ev,Gv".
func (r *Row) String() string {
	s := r.Mnemonic
	for i, o := range r.Operands {
		if i == 0 {
			s += " "
		} else {
			s += ","
		}
		s += o.Code
	}
	return s
}

// Has reports whether the row has the attribute.
func (r *Row) Has(a Attr) bool { return r.Attr&a != 0 }

// MayAccessMemory reports whether some operand, explicit or implicit, is or
// may be in memory.
func (r *Row) MayAccessMemory() bool {
	for _, o := range r.Operands {
		if o.Kind.IsMemory() && o.Role != RoleNone {
			return true
		}
	}
	for _, m := range r.Implicit {
		if m.Memory {
			return true
		}
	}
	return false
}

// Encoding is the family of an encoding.
type Encoding uint8

// The encodings.
const (
	Legacy Encoding = iota
	VEX
	EVEX
)

// Map is an opcode map.
type Map uint8

// The opcode maps, numbered as VEX.mmmmm numbers them.
const (
	MapPrimary Map = iota // one byte
	Map0F
	Map0F38
	Map0F3A
)

// Prefixes is a set of mandatory prefixes. Of several in an instruction the
// last of F2 and F3 counts, else 66, else none.
type Prefixes uint8

// The members of Prefixes.
const (
	PrefixNone Prefixes = 1 << iota
	Prefix66
	PrefixF3
	PrefixF2

	// PrefixAny: the row does not look at them; 66 is the operand size, F2 and F3 mean nothing.
	PrefixAny = PrefixNone | Prefix66 | PrefixF3 | PrefixF2
)

// Constraint is a tri-state demand on one bit.
type Constraint uint8

// The values of Constraint.
const (
	Any Constraint = iota
	Zero
	One
)

// Opcode says which bytes the row matches.
type Opcode struct {
	Text     string // the column
	Encoding Encoding
	Map      Map
	Prefixes Prefixes
	Byte     uint8      // opcode; the low bits are a field with PlusReg and PlusCond
	ModRM    bool       // a ModR/M byte follows
	Digit    int8       // ModR/M.reg, or -1
	Fixed    int16      // the whole ModR/M byte, or -1
	FixedRM  bool       // Fixed matches eight values: ModR/M.rm is an operand (x87 "C0+i")
	Mod      ModKind    // what ModR/M.mod may be
	PlusReg  bool       // a register is in the low three bits of the opcode
	PlusCond bool       // a condition is in the low four bits of the opcode
	OpSize   uint8      // 16, 32 or 64 if the row is for that effective operand size only, else 0
	W        Constraint // REX.W, VEX.W
	L        Constraint // VEX.L
	B        Constraint // REX.B
}

// ModKind is a demand on ModR/M.mod.
type ModKind uint8

// The values of ModKind.
const (
	ModAny     ModKind = iota
	ModReg             // mod = 11
	ModMem             // mod != 11
	ModIgnored         // mod is not looked at: always a register (MOV CR)
)

// Role says what an instruction does with an operand.
type Role uint8

// The roles.
const (
	RoleNone      Role = iota // "-": not accessed
	RoleRead                  // "r"
	RoleWrite                 // "w"
	RoleReadWrite             // "rw"
	RoleAddress               // "a": the handler gets the address of the memory operand
)

var roleName = [...]string{RoleNone: "-", RoleRead: "r", RoleWrite: "w", RoleReadWrite: "rw", RoleAddress: "a"}

// String returns the role as the table writes it.
func (r Role) String() string { return roleName[r] }

// Reads reports whether the operand's value is an input.
func (r Role) Reads() bool { return r == RoleRead || r == RoleReadWrite }

// Writes reports whether the operand's value is an output.
func (r Role) Writes() bool { return r == RoleWrite || r == RoleReadWrite }

// Implicit is a register or a place in memory that an instruction uses
// without naming it as an operand.
type Implicit struct {
	Memory bool   // [Reg]
	Reg    string // 64-bit or part register as the SDM names it, lower case: "rsp", "ax"
	Role   Role
}

// Attr is a set of attributes.
type Attr uint32

// The attributes.
const (
	Lock      Attr = 1 << iota // LOCK is allowed when the destination is memory
	D64                        // default operand size 64: "v" is 16 or 64 bits
	F64                        // operand size 64 whatever the prefixes
	Branch                     // ends a basic block
	MayFault                   // can raise an exception other than by accessing its operands
	Align16                    // a 16-byte memory operand must be aligned, else #GP
	FP                         // reads MXCSR's controls, sets its flags, may raise #XM
	X87                        // uses the x87 state
	Wait                       // raises #MF first if an unmasked x87 exception is pending
	FIP                        // records itself in FIP, FOP and, with a memory operand, FDP
	MMX                        // makes the x87 stack the MMX registers: TOP = 0, all tags valid
	Cold                       // not in the interpreter's switch
	Rep                        // repeated rCX times
	StringOp                   // memory at rSI, rDI; steps them by DF
	Priv                       // #GP in user mode; it has no handler
	Alias                      // undocumented or second encoding
	ZX                         // a written XMM operand narrower than 128 bits zeroes the rest; without it the rest is kept
	BitString                  // a memory operand is addressed by the bit offset in the register
	Keep64                     // when not written, the destination keeps all 64 bits
)

var attrName = []string{
	"lock", "d64", "f64", "branch", "mayfault", "align16", "fp", "x87", "wait", "fip",
	"mmx", "cold", "rep", "string", "priv", "alias", "zx", "bitstring", "keep64",
}

// String returns the names of the attributes, separated by blanks.
func (a Attr) String() string {
	var s string
	for i, name := range attrName {
		if a&(1<<i) == 0 {
			continue
		}
		if s != "" {
			s += " "
		}
		s += name
	}
	return s
}
