// Package optest makes test cases for every row of the opcode table and runs
// them on engines and on the real CPU.
//
// A Form is a row with its r/m operand in a register or in memory and one operand
// size. Form.Case(i) is its i-th case: instruction bytes with random registers,
// addressing mode, prefixes and immediate, and a complete state that is mostly
// meant to make the instruction do its work, sometimes to make it fault. Cases
// come from the form's name and i alone, by integer arithmetic, so that every host
// makes the same ones: what the real CPU did with them is stored as one digest
// per form and compared on hosts that have no such CPU.
//
// Case.Mask says what is compared: it clears what the SDM leaves undefined for the
// row, and the few things in which AMD and Intel differ (docs/RATIONALE.md,
// "Vectors on two vendors"). Exempt lists the rows that have no vectors, and why.
//
// Beside them, ParseLine reads cases that people wrote, one a line, to be read as examples
// of what instructions do (emu/interp/testdata/ops).
//
// Only tests import this package.
package optest
