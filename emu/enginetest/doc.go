// Package enginetest is the suite that every engine passes: Run on its constructor.
//
// The oracle is the engine itself, one instruction at a time: whatever blocks, fused
// cells and removed flags do between two stops must not show at any stop. That the
// instructions compute the right thing is shown by the vectors from real CPUs
// (emu/optest).
package enginetest
