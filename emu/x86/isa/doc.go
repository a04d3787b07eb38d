// Package isa is the opcode table: the only list of instructions.
//
// A row is one encoding form in the notation of the SDM's instruction pages and
// opcode maps (Vol. 2, 3.1.1 and appendix A). The rows are text, one file per
// group of SDM Vol. 1 chapter 5, in columns separated by blanks:
//
//	# mnemonic operands   opcode        roles   flags             feature  attributes
//	ADD        Ev,Gv      01            rw,r    w=oszapc          -        lock
//	SHL        Ev,CL      D3 /4         rw,r    w=oszpc? u=a,o    -        -
//	PUSH       Zq         50+r          r       -                 -        d64 implicit rsp:rw,[rsp]:w
//	ADDSD      Vq,Wq      F2 0F 58      rw,r    -                 SSE2     fp
//	VADDSD     Vq,Hq,Wq   VEX.LIG.F2.0F.WIG 58  w,r,r  -          AVX      cold,fp
//
// From the rows come the decoder's tables, the interpreter's op enum and switch,
// the flag facts, the test vectors and docs/isa.md. Only generators and tests
// import this package; the emulator links what they generate.
package isa
