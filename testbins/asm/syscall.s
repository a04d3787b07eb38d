# syscall: what SYSCALL itself does: RCX is the return address, R11 the flags,
# everything else is kept; an unknown number gives -ENOSYS.
	.globl _start
_start:
	mov $0x1234, %rbx
	mov $-1, %eax
	mov $7, %rdx
	stc
	syscall
here:
	setc %r12b
	xor %edi, %edi
	cmp $-38, %rax
	je 1f
	or $1, %edi
1:	lea here(%rip), %rax
	cmp %rax, %rcx
	je 2f
	or $2, %edi
2:	test $1, %r11b
	jnz 3f
	or $4, %edi
3:	cmp $0x1234, %rbx
	je 4f
	or $8, %edi
4:	cmp $7, %rdx
	je 5f
	or $16, %edi
5:	test %r12b, %r12b
	jnz 6f
	or $32, %edi
6:	mov $60, %eax
	syscall
