// faults: each CPU exception becomes its signal, with si_code and si_addr, and
// the handler can step over it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;

static void handler(int sig, siginfo_t *si, void *uc) {
	ucontext_t *u = uc;
	printf("sig %d code %d addr %#lx err %#llx trapno %lld\n", sig, si->si_code,
	       sig == SIGSEGV || sig == SIGBUS ? (unsigned long)(uintptr_t)si->si_addr : 0UL,
	       sig == SIGSEGV ? u->uc_mcontext.gregs[REG_ERR] & ~1 : 0, // bit 0, present, is the kernel's affair
	       u->uc_mcontext.gregs[REG_TRAPNO]);
	siglongjmp(back, 1);
}

#define TRY(what, code) \
	do { \
		printf("%s: ", what); \
		if (!sigsetjmp(back, 1)) { code; puts("no fault"); } \
	} while (0)

int main(void) {
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
	for (int i = 0; i < 5; i++)
		sigaction(sigs[i], &sa, 0);
	char *ro = mmap((void *)0x10000000, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	volatile int zero = 0, one = 1;
	TRY("null read", (void)*(volatile int *)0);
	TRY("null write", *(volatile int *)8 = 1);
	TRY("read-only write", *(volatile char *)(ro + 5) = 1);
	TRY("crossing read", (void)*(volatile long *)(ro + 8192 - 3));
	TRY("non-canonical", (void)*(volatile int *)0x800000000000ULL);
	TRY("divide by zero", one = one / zero);
	volatile long min = INT64_MIN, m1 = -1;
	TRY("divide overflow", min = min / m1);
	TRY("ud2", __asm__ volatile("ud2"));
	TRY("hlt", __asm__ volatile("hlt"));
	TRY("int3", __asm__ volatile("int3"));
	TRY("no execute", ((void (*)(void))ro)());
	TRY("misaligned movaps", __asm__ volatile("movaps 1(%0), %%xmm0" ::"r"(ro) : "xmm0"));
	TRY("in", __asm__ volatile("inb $0x10, %%al" ::: "rax"));
	munmap(ro, 8192);
	TRY("unmapped", (void)*(volatile char *)ro);
	return 0;
}
