# start: the initial state that Linux gives a program: registers zero, the
# direction flag clear, SSE and x87 control words, an aligned stack with argc.
# The exit status is a bit mask of what is wrong: 0 is right.
	.globl _start
_start:
	xor %ebx, %ebx
	or %rax, %rcx
	or %rdx, %rcx
	or %rsi, %rcx
	or %rdi, %rcx
	or %rbp, %rcx
	or %r8, %rcx
	or %r15, %rcx
	jz 1f
	or $1, %ebx
1:	pushfq
	popq %rax
	test $0x400, %eax
	jz 2f
	or $2, %ebx
2:	stmxcsr -8(%rsp)
	cmpl $0x1f80, -8(%rsp)
	je 3f
	or $4, %ebx
3:	fnstcw -8(%rsp)
	cmpw $0x37f, -8(%rsp)
	je 4f
	or $8, %ebx
4:	test $15, %spl
	jz 5f
	or $16, %ebx
5:	cmpq $1, (%rsp)
	je 6f
	or $32, %ebx
6:	mov %cs, %eax
	cmp $0x33, %eax
	je 7f
	or $64, %ebx
7:	mov %ebx, %edi
	mov $231, %eax
	syscall
