package interp

// block is a run of instructions that is entered at its first and left at its last.
type block struct {
	n     int64 // instructions; huge once dropped, so that no budget covers it
	first *Op
	pc    uint64
}
