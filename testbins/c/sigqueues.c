// sigqueues: order, queueing, masks, alternate stacks and frames of signals.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static char log_[4096];
static void note(const char *f, int a, int b) { char t[64]; snprintf(t, sizeof t, f, a, b); strcat(log_, t); }
static void flush_(const char *w) { printf("%s:%s\n", w, log_); log_[0] = 0; }
static void h(int s, siginfo_t *i, void *u) { note(" %d/%d", s, i->si_code); if (i->si_code == SI_QUEUE) note("=%d", i->si_value.sival_int, 0); }
static void nest(int s, siginfo_t *i, void *u) {
	note(" <%d", s, 0);
	if (s == SIGUSR1) raise(SIGUSR2);
	static int once;
	if (s == SIGUSR1 && !once++) raise(SIGUSR1);
	note(" %d>", s, 0);
}
static void set(int sig, void (*f)(int, siginfo_t *, void *), int flags, int masked) {
	struct sigaction a = {0};
	a.sa_sigaction = f;
	a.sa_flags = SA_SIGINFO | flags;
	if (masked) sigaddset(&a.sa_mask, masked);
	sigaction(sig, &a, 0);
}
static void block(int how, int sig) { sigset_t s; sigemptyset(&s); sigaddset(&s, sig); sigprocmask(how, &s, 0); }
static char stack[65536] __attribute__((aligned(16)));
static int onstack(void) { char c; return &c >= stack && &c < stack + sizeof stack; }
static void h_stack(int s, siginfo_t *i, void *u) {
	stack_t o;
	sigaltstack(0, &o);
	note(" on %d flags %d", onstack(), o.ss_flags);
	stack_t n = {stack, 0, sizeof stack};
	note(" set %d errno %d", sigaltstack(&n, 0), errno);
	if (s == SIGUSR1) raise(SIGUSR2);
}
static sigjmp_buf env;
static void h_jump(int s, siginfo_t *i, void *u) { note(" code %d", i->si_code, 0); siglongjmp(env, 1); }
static void h_frame(int s, siginfo_t *i, void *u) {
	ucontext_t *c = u;
	uint32_t *fp = (void *)c->uc_mcontext.fpregs;
	printf("uc_flags %lx link %p magic %x xfeatures %d fp aligned %d frame %d\n", c->uc_flags & 1, (void *)c->uc_link,
	       fp[464 / 4], (int)(fp[472 / 4] & 3), (int)((uintptr_t)fp & 63), (int)((uintptr_t)__builtin_frame_address(0) & 15));
	uint32_t size = fp[480 / 4];
	printf("magic2 %x cs %x mask bit %d\n", *(uint32_t *)((char *)fp + size), (int)(c->uc_mcontext.gregs[REG_CSGSFS] & 0xffff), sigismember(&c->uc_sigmask, SIGUSR2));
	double d;
	uint32_t mx;
	uint16_t cw;
	asm volatile("movsd %%xmm7,%0; stmxcsr %1; fnstcw %2" : "=m"(d), "=m"(mx), "=m"(cw));
	printf("in handler xmm7 %g mxcsr %x cw %x\n", d, mx, cw);
	*(double *)((char *)fp + 160 + 16 * 7) = 2.5; // the frame's XMM7
	c->uc_mcontext.gregs[REG_R12] = 77;
	sigaddset(&c->uc_sigmask, SIGWINCH);
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	pid_t me = getpid();
	for (int s = SIGRTMIN; s < SIGRTMIN + 4; s++) { set(s, h, 0, 0); block(SIG_BLOCK, s); }
	set(SIGUSR1, h, 0, 0); set(SIGUSR2, h, 0, 0); set(SIGCHLD, h, 0, 0);
	block(SIG_BLOCK, SIGUSR1); block(SIG_BLOCK, SIGUSR2);
	union sigval v;
	for (int n = 3; n >= 1; n--)
		for (int s = SIGRTMIN + 3; s >= SIGRTMIN; s -= 2) { v.sival_int = n * 10 + s - SIGRTMIN; sigqueue(me, s, v); }
	for (int n = 0; n < 3; n++) { kill(me, SIGUSR1); raise(SIGUSR2); }
	sigset_t p;
	sigpending(&p);
	printf("pending %d %d %d\n", sigismember(&p, SIGUSR1), sigismember(&p, SIGRTMIN + 1), sigismember(&p, SIGRTMIN));
	sigset_t all, old;
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	flush_("order (last frame runs first)");
	block(SIG_BLOCK, SIGRTMIN); block(SIG_BLOCK, SIGRTMIN + 1);
	v.sival_int = 5; sigqueue(me, SIGRTMIN + 1, v); kill(me, SIGRTMIN); v.sival_int = 6; sigqueue(me, SIGRTMIN + 1, v);
	sigset_t w; sigemptyset(&w); sigaddset(&w, SIGRTMIN); sigaddset(&w, SIGRTMIN + 1);
	siginfo_t i; struct timespec z = {0, 0}, bad = {0, 2000000000};
	for (int n = 0; n < 4; n++) { int r = sigtimedwait(&w, &i, &z); note(" %d", r < 0 ? -errno : r - SIGRTMIN, 0); if (r > 0) note("(%d,%d)", i.si_code, i.si_code == SI_QUEUE ? i.si_value.sival_int : 0); }
	note(" bad %d", sigtimedwait(&w, &i, &bad) < 0 ? errno : 0, 0);
	flush_("sigtimedwait");
	sigprocmask(SIG_SETMASK, &all, 0);

	set(SIGUSR1, nest, 0, 0); set(SIGUSR2, nest, 0, 0); raise(SIGUSR1); flush_("nested");
	set(SIGUSR1, nest, 0, SIGUSR2); raise(SIGUSR1); flush_("sa_mask");
	set(SIGUSR1, nest, SA_NODEFER | SA_RESETHAND, 0); raise(SIGUSR1);
	struct sigaction a; sigaction(SIGUSR1, 0, &a);
	note(" reset %d flags %x", a.sa_handler == SIG_DFL, a.sa_flags & ~0x04000000); flush_("resethand");

	stack_t st = {stack, 0, sizeof stack}, o;
	stack_t small = {stack, 0, 1024}, wrong = {stack, 8, sizeof stack};
	printf("altstack small %d", sigaltstack(&small, 0)); printf(" %d wrong %d", errno, sigaltstack(&wrong, 0)); printf(" %d\n", errno);
	sigaltstack(0, &o); printf("none: flags %d\n", o.ss_flags);
	sigaltstack(&st, 0);
	set(SIGUSR1, h_stack, SA_ONSTACK, 0); set(SIGUSR2, h_stack, SA_ONSTACK, 0);
	raise(SIGUSR1); flush_("altstack");
	set(SIGUSR1, h_stack, 0, 0); kill(me, SIGUSR1); flush_("without SA_ONSTACK");

	set(SIGSEGV, h_jump, SA_ONSTACK, 0); set(SIGFPE, h_jump, 0, 0); set(SIGILL, h_jump, 0, 0); set(SIGTRAP, h_jump, 0, 0); set(SIGBUS, h_jump, 0, 0);
	if (!sigsetjmp(env, 1)) *(volatile int *)8 = 1;
	if (!sigsetjmp(env, 1)) *(volatile int *)(uintptr_t)&main = 1;
	if (!sigsetjmp(env, 1)) *(volatile int *)0x8000000000000000 = 1;
	if (!sigsetjmp(env, 1)) { volatile int zero = 0; note(" %d", 1 / zero, 0); }
	if (!sigsetjmp(env, 1)) asm volatile("ud2");
	if (!sigsetjmp(env, 1)) asm volatile("int3");
	if (!sigsetjmp(env, 1)) asm volatile("hlt");
	if (!sigsetjmp(env, 1)) asm volatile("pushf; orl $0x100,(%rsp); popf; nop");
	flush_("faults");
	set(SIGUSR1, h_frame, SA_ONSTACK, 0); block(SIG_BLOCK, SIGUSR2);
	double d = 1.5; long r12;
	uint32_t mx = 0x1f80 | 0x6000;
	asm volatile("ldmxcsr %3; movsd %2,%%xmm7; mov $5,%%r12; syscall; mov %%r12,%1; movsd %%xmm7,%0; ldmxcsr %4"
		: "=m"(d), "=r"(r12) : "m"(d), "m"(mx), "m"((uint32_t){0x1f80}), "a"(SYS_kill), "D"(me), "S"(SIGUSR1) : "r12", "rcx", "r11", "xmm7", "memory");
	sigprocmask(SIG_BLOCK, 0, &old);
	printf("after: xmm7 %g r12 %ld winch %d\n", d, r12, sigismember(&old, SIGWINCH));

	int stt;
	if (fork() == 0) { block(SIG_BLOCK, SIGSEGV); set(SIGSEGV, h_jump, 0, 0); *(volatile int *)8 = 1; _exit(0); }
	wait(&stt); printf("blocked fault: %x\n", stt & 0x7f);
	if (fork() == 0) { signal(SIGSEGV, SIG_IGN); *(volatile int *)8 = 1; _exit(0); }
	wait(&stt); printf("ignored fault: %x\n", stt & 0x7f);
	if (fork() == 0) { block(SIG_BLOCK, SIGTERM); kill(getpid(), SIGTERM); kill(getpid(), SIGKILL); _exit(0); }
	wait(&stt); printf("kill beats term: %x\n", stt & 0x7f);
	if (fork() == 0) { st.ss_size = 2048; st.ss_flags = SS_DISABLE; sigaltstack(&st, 0); st.ss_flags = 0; sigaltstack(&st, 0); set(SIGUSR1, h, SA_ONSTACK, 0); raise(SIGUSR1); note(" ok", 0, 0); _exit(0); }
	wait(&stt); printf("small alternate stack: signalled %d\n", WIFSIGNALED(stt) || WIFEXITED(stt));
	printf("errors: %ld", syscall(SYS_rt_sigaction, SIGKILL, &a, 0, 8)); printf(" %d", errno);
	printf(" %ld", syscall(SYS_rt_sigaction, SIGUSR1, 0, 0, 4)); printf(" %d", errno);
	printf(" %ld", syscall(SYS_rt_sigaction, 65, 0, 0, 8)); printf(" %d", errno);
	printf(" %ld", syscall(SYS_rt_sigprocmask, 9, &all, 0, 8)); printf(" %d", errno);
	printf(" %d", sigqueue(me, 99, v)); printf(" %d", errno);
	printf(" %ld", syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &(siginfo_t){.si_code = SI_USER})); printf(" %d", errno);
	printf(" %ld", syscall(SYS_tgkill, me, -1, 0)); printf(" %d", errno);
	printf(" %ld", syscall(SYS_tgkill, me, 999999, 0)); printf(" %d", errno);
	printf(" %d", kill(me, 65)); printf(" %d", errno);
	printf(" %d", kill(-me - 100000, 0)); printf(" %d\n", errno);
	return 0;
}
