#include "textflag.h"

// The child's whole program: position independent, without stack frame or Go. It
// is copied out of our own text into an ELF file. Offsets are those of
// record_linux_amd64.go and host_linux_amd64.go.
//
// The kernel enters it twice: as the program's entry (all registers zero), and
// as the signal handler (DI = signal, SI = siginfo, DX = ucontext).
#define SHM     $0x3b7a00000000
#define SETUP   0x1000      // list of system calls: number and six arguments; -1 ends it
#define CODERW  0x2800      // the code page's entry, writable
#define CURRENT 0           // address of the current record
#define LEFT    8           // records behind it
#define RECSIZE $2560

TEXT ·child(SB),NOSPLIT|NOFRAME,$0
	TESTQ DI, DI
	JNE   handler

	// mmap(SHM, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED|MAP_POPULATE, 3, 0)
	MOVQ SHM, DI
	MOVQ $0x100000, SI
	MOVQ $3, DX
	MOVQ $0x8011, R10
	MOVQ $3, R8
	XORQ R9, R9
	MOVQ $9, AX
	SYSCALL
	CMPQ AX, DI
	JNE  fail
	LEAQ SETUP(DI), BX

setup:
	MOVQ 0(BX), AX
	TESTQ AX, AX
	JLT  ready
	MOVQ 8(BX), DI
	MOVQ 16(BX), SI
	MOVQ 24(BX), DX
	MOVQ 32(BX), R10
	MOVQ 40(BX), R8
	MOVQ 48(BX), R9
	SYSCALL
	CMPQ AX, $-4096
	JHI  fail
	ADDQ $56, BX
	JMP  setup

fail:
	MOVQ $60, AX // exit
	MOVQ $1, DI
	SYSCALL

ready:
	BYTE $0xCC
	JMP  fail

handler:
	PUSHQ $0x202 // the flags of the case, AC among them, are still set
	POPFQ
	MOVQ  DX, BP
	MOVQ  SHM, BX
	MOVQ  CURRENT(BX), R12

	// Save: sigcontext, segment bases, XSAVE area, memory.
	LEAQ 40(BP), SI
	MOVQ R12, DI
	MOVQ $23, CX
	REP; MOVSQ
	RDFSBASEQ AX
	MOVQ AX, 184(R12)
	RDGSBASEQ AX
	MOVQ AX, 192(R12)
	MOVQ 224(BP), R13
	MOVQ R13, SI
	LEAQ 256(R12), DI
	MOVQ $104, CX
	REP; MOVSQ
	MOVQ $0x20000000, SI
	MOVQ $16, CX
	REP; MOVSQ
	MOVQ $0x20000e00, SI
	MOVQ $128, CX
	REP; MOVSQ
	MOVQ $0x20001f80, SI
	MOVQ $16, CX
	REP; MOVSQ

	// Next record; behind the last, tell the parent and wait for more.
	MOVQ LEFT(BX), AX
	TESTQ AX, AX
	JEQ  turn
	DECQ AX
	MOVQ AX, LEFT(BX)
	ADDQ RECSIZE, R12
	MOVQ R12, CURRENT(BX)
	JMP  load

turn:
	MOVQ $1, AX // write(1, SHM+16, 1)
	MOVQ $1, DI
	LEAQ 16(BX), SI
	MOVQ $1, DX
	SYSCALL
	XORQ AX, AX // read(0, SHM+16, 1)
	XORQ DI, DI
	SYSCALL
	CMPQ AX, $1
	JNE  fail
	MOVQ CURRENT(BX), R12

load:
	MOVQ R12, SI
	LEAQ 40(BP), DI
	MOVQ $18, CX
	REP; MOVSQ
	MOVQ $0x002b000000000033, AX // SS and CS, which a case may have changed
	MOVQ AX, 184(BP)
	LEAQ 256(R12), SI
	MOVQ R13, DI
	MOVQ $58, CX
	REP; MOVSQ
	ORQ  $7, 512(R13) // XSTATE_BV: x87, SSE, AVX are in the area
	LEAQ 832(R12), SI
	LEAQ 576(R13), DI
	MOVQ $32, CX
	REP; MOVSQ
	XORL AX, AX // what is beside the windows may have been written
	MOVQ $0x20000000, DI
	MOVQ $1024, CX
	REP; STOSQ
	MOVQ $0x20000000, DI
	MOVQ $16, CX
	REP; MOVSQ
	MOVQ $0x20000e00, DI
	MOVQ $128, CX
	REP; MOVSQ
	MOVQ $0x20001f80, DI
	MOVQ $16, CX
	REP; MOVSQ
	LEAQ CODERW(BX), DI
	MOVQ $8, CX
	REP; MOVSQ
	XORL AX, AX // a case may have loaded selectors
	BYTE $0x8E; BYTE $0xD8 // MOV DS, AX
	BYTE $0x8E; BYTE $0xC0 // MOV ES, AX
	BYTE $0x8E; BYTE $0xE0 // MOV FS, AX
	BYTE $0x8E; BYTE $0xE8 // MOV GS, AX
	MOVQ 184(R12), AX
	WRFSBASEQ AX
	MOVQ 192(R12), AX
	WRGSBASEQ AX

	// rt_sigreturn keeps NT and ID as they are at the call.
	MOVQ  $15, AX
	ADDQ  $8, SP // the frame begins behind the return address
	MOVQ  200(R12), CX
	ORQ   $0x202, CX
	PUSHQ CX
	POPFQ
	SYSCALL

// func childAddr() uintptr
TEXT ·childAddr(SB),NOSPLIT,$0-8
	LEAQ ·child(SB), AX
	MOVQ AX, ret+0(FP)
	RET
