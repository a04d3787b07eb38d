# tsc: the time stamp counter goes forward; its value is left in RBX.
	.globl _start
_start:
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, %rbx
	rdtscp
	shl $32, %rdx
	or %rdx, %rax
	xor %edi, %edi
	cmp %rbx, %rax
	ja 1f
	inc %edi
1:	mov $231, %eax
	syscall
