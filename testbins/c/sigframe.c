// sigframe: registers, flags, FP and SSE state survive a handler; a handler can
// change the interrupted context; the alternate stack is used.
#define _GNU_SOURCE
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(16)));
static int on_alt;

static void clobber(int sig, siginfo_t *si, void *uc) {
	(void)sig, (void)si, (void)uc;
	char here;
	on_alt = &here >= stack && &here < stack + sizeof stack;
	fesetround(FE_UPWARD);
	__asm__ volatile("pxor %%xmm7,%%xmm7; pxor %%xmm1,%%xmm1; fninit; fldpi; fldpi; std; cld" ::: "xmm7", "xmm1");
}

static void change(int sig, siginfo_t *si, void *uc) {
	(void)sig, (void)si;
	ucontext_t *u = uc;
	u->uc_mcontext.gregs[REG_RAX] = 42;
	u->uc_mcontext.gregs[REG_RIP] += 2; // over ud2
	u->uc_mcontext.gregs[REG_EFL] |= 1; // carry
	u->uc_mcontext.fpregs->_xmm[3].element[0] = 0x1234;
}

int main(void) {
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
	sigaltstack(&ss, 0);
	struct sigaction sa = {.sa_sigaction = clobber, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaction(SIGUSR1, &sa, 0);
	sa.sa_sigaction = change;
	sigaction(SIGILL, &sa, 0);
	uint64_t x[2] = {0x1122334455667788, 0x99aabbccddeeff00}, y[2] = {0, 0};
	long double ld = 1.25L, out = 0;
	uint64_t flags;
	long pid = getpid(), tid = gettid();
	__asm__ volatile(
		"movdqu %[x], %%xmm7\n fldt %[ld]\n stc\n"
		"mov $234, %%eax\n mov %[pid], %%rdi\n mov %[tid], %%rsi\n mov $10, %%edx\n syscall\n"
		"pushfq\n pop %[flags]\n movdqu %%xmm7, %[y]\n fstpt %[out]\n"
		: [y] "=m"(y), [out] "=m"(out), [flags] "=r"(flags)
		: [x] "m"(x), [ld] "m"(ld), [pid] "r"(pid), [tid] "r"(tid)
		: "rax", "rdi", "rsi", "rdx", "rcx", "r11", "xmm7", "memory", "cc");
	printf("xmm7 %s x87 %Lg cf %d round %d alt %d\n", memcmp(x, y, 16) ? "lost" : "kept", out, (int)(flags & 1), fegetround(), on_alt);
	uint64_t rax = 1;
	uint32_t low = 0;
	__asm__ volatile("clc\n ud2\n pushfq\n pop %[flags]\n movd %%xmm3, %[low]" : "+a"(rax), [flags] "=r"(flags), [low] "=r"(low)::"xmm3", "cc");
	printf("rax %lu cf %d xmm3 %#x\n", rax, (int)(flags & 1), low);
	return 0;
}
