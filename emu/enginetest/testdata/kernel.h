/* The entry of a kernel: compute, then exit_group(2) with the low byte, the whole
   result in RBX. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
static u64 kernel(void);
__attribute__((naked, used)) void _start(void) {
	__asm__("and $-16, %rsp\n\tcall entry\n\tmov %rax, %rbx\n\tmov %rax, %rdi\n\tmov $231, %eax\n\tsyscall\n\thlt");
}
__attribute__((used, noinline)) u64 entry(void) { return kernel(); }
