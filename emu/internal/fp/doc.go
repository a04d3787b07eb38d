// Package fp is floating-point arithmetic as x86 processors do it, bit for bit
// and on every host: results, exception flags, NaN payloads.
//
// It is pure: a function takes operand bits and a control word, and returns
// result bits and the exception flags that the operation raises. It knows no
// registers and writes nothing. Add64, Add32 and Add80 are the same operation on
// binary64, binary32 and the x87's extended format.
//
// There is one integer core: operands are unpacked into a 128-bit magnitude,
// computed on with a sticky last bit, and rounded once by precision and exponent
// range. SSE operations have a fast path on Go floats in front of it, which takes
// the operands for which the host's result in round-to-nearest is right and for
// which the sign of the rounding error can be computed exactly; everything else
// (zeros, denormals, infinities, NaNs, range borders) goes to the core. No NaN
// ever comes from the host, and no product meets a sum without an explicit
// conversion between them, because Go may fuse the two on some hosts.
//
// Flags have the bit positions they share in MXCSR and the x87 status word. An
// SSE function takes the whole MXCSR, because masks decide what is reported: the
// caller ORs the flags into MXCSR, and raises #XM instead of writing the result
// if one of them is unmasked. To be fast, an SSE function may leave out PE where
// the MXCSR it was given has PE already set and masked. An x87 function takes the
// control word and returns bits for the status word, condition codes included.
package fp
