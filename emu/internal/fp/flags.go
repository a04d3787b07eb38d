package fp

// Exception flags, in MXCSR (SDM Vol. 1, 10.2.3) and in the x87 status word
// (SDM Vol. 1, 8.1.3) alike.
const (
	IE = 1 << 0 // invalid operation
	DE = 1 << 1 // denormal operand
	ZE = 1 << 2 // division by zero
	OE = 1 << 3 // overflow
	UE = 1 << 4 // underflow
	PE = 1 << 5 // precision: the result is inexact

	// AllFlags are the six exception flags.
	AllFlags = IE | DE | ZE | OE | UE | PE
	// PreFlags are the exceptions that are found before anything is computed. If
	// one of them is unmasked the others are not looked for.
	PreFlags = IE | DE | ZE
)

// Control bits of MXCSR.
const (
	DAZ       = 1 << 6 // denormals are zeros
	MaskShift = 7      // the mask of flag f is f << MaskShift
	rcShift   = 13     // rounding control, two bits
	FTZ       = 1 << 15

	rcMask  = 3 << rcShift
	unmask  = AllFlags << MaskShift
	peMask  = PE << MaskShift
	ueMask  = UE << MaskShift
	oeMask  = OE << MaskShift
	quietPE = PE | peMask // with these and RC = nearest, inexactness needs no check
)

// Unmasked returns the flags that are unmasked in mxcsr. Where one of PreFlags is
// among them the others have not been looked for and are dropped; flags is what
// the instruction reports, and trap says whether it raises #XM.
func Unmasked(flags, mxcsr uint32) (reported uint32, trap bool) {
	open := flags &^ (mxcsr >> MaskShift)
	if open&PreFlags != 0 {
		flags &= PreFlags
	}
	return flags, open != 0
}

// Rounding is a rounding mode as MXCSR.RC, the x87's RC field and the immediate of
// ROUNDSD encode it.
type Rounding uint8

// The four rounding modes.
const (
	Nearest Rounding = iota // to nearest, ties to even
	Down                    // towards minus infinity
	Up                      // towards plus infinity
	Zero                    // towards zero
)

// rounding returns the mode in mxcsr.
func rounding(mxcsr uint32) Rounding { return Rounding(mxcsr>>rcShift) & 3 }
