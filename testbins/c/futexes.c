// futexes: results and error numbers of futex operations, robust lists, and PI locks.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT, WAKE, FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_BITSET, WAKE_BITSET };
static long fx(uint32_t *a, int op, uint32_t v, void *t, uint32_t *b, uint32_t v3) { return syscall(SYS_futex, a, op, v, t, b, v3); }
static void P(const char *n, long r) { printf("%s: %ld %d\n", n, r, r < 0 ? errno : 0); }
static uint32_t w, w2, *sh;
static volatile int woken;
struct arg { uint32_t *a; int op; uint32_t val, bits; };
static void *waiter(void *p) {
	struct arg *x = p;
	long r = fx(x->a, x->op, x->val, 0, 0, x->bits);
	if (r == 0) __sync_fetch_and_add(&woken, 1);
	return (void *)r;
}
static pthread_t start(struct arg *x) { pthread_t t; pthread_create(&t, 0, waiter, x); return t; }
static void settle(void) { struct timespec t = {0, 100000000}; nanosleep(&t, 0); }
static void *owner(void *p) {
	pthread_mutex_lock(p);
	return 0;
}
static void *robust(void *p) { pthread_mutex_lock(p); return 0; }

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	struct timespec ms = {0, 1000000}, neg = {-1, 0}, bad = {0, 1000000000}, past = {1, 0};
	P("wait wrong value", fx(&w, WAIT, 1, 0, 0, 0));
	P("wait timeout", fx(&w, WAIT, 0, &ms, 0, 0));
	P("wait negative", fx(&w, WAIT, 0, &neg, 0, 0));
	P("wait bad ns", fx(&w, WAIT, 0, &bad, 0, 0));
	P("wait unaligned", fx((uint32_t *)((char *)&w + 1), WAIT, 0, 0, 0, 0));
	P("wait unmapped", fx((uint32_t *)4096, WAIT, 0, 0, 0, 0));
	P("wait bitset 0", fx(&w, WAIT_BITSET, 0, 0, 0, 0));
	P("wait bitset past", fx(&w, WAIT_BITSET, 0, &past, 0, ~0));
	P("wait bitset realtime past", fx(&w, WAIT_BITSET | 256, 0, &past, 0, ~0));
	P("wait realtime", fx(&w, WAKE | 256, 0, 0, 0, 0));
	P("wake nobody", fx(&w, WAKE, 9, 0, 0, 0));
	P("wake bitset 0", fx(&w, WAKE_BITSET, 9, 0, 0, 0));
	P("unknown", fx(&w, 99, 0, 0, 0, 0));
	P("FUTEX_FD", fx(&w, FD, 0, 0, 0, 0));
	pthread_t t[4];
	struct arg a = {&w, WAIT_BITSET | 128, 0, 1}, b = {&w, WAIT_BITSET | 128, 0, 2};
	t[0] = start(&a); t[1] = start(&b); t[2] = start(&a); settle();
	P("wake shared key", fx(&w, WAKE, 9, 0, 0, 0));
	P("wake bit 2", fx(&w, WAKE_BITSET | 128, 9, 0, 0, 2));
	P("wake one", fx(&w, WAKE | 128, 1, 0, 0, 0));
	P("cmp_requeue wrong", fx(&w, CMP_REQUEUE | 128, 0, (void *)9, &w2, 5));
	P("cmp_requeue", fx(&w, CMP_REQUEUE | 128, 0, (void *)9, &w2, 0));
	P("wake old", fx(&w, WAKE | 128, 9, 0, 0, 0));
	P("wake new", fx(&w2, WAKE | 128, 9, 0, 0, 0));
	for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
	printf("woken %d\n", woken);
	struct arg c = {&w, WAIT | 128, 0, 0}, d = {&w2, WAIT | 128, 0, 0};
	t[0] = start(&c); t[1] = start(&d); settle();
	// w2 = 7 if it was 0: set 7, compare equal to 0, wake both.
	P("wake_op", fx(&w, WAKE_OP | 128, 1, (void *)1, &w2, 0u << 28 | 0u << 24 | 7 << 12 | 0));
	printf("word %u\n", w2);
	pthread_join(t[0], 0); pthread_join(t[1], 0);
	P("wake_op add shifted", fx(&w, WAKE_OP | 128, 1, (void *)1, &w2, 9u << 28 | 5u << 24 | 3 << 12 | 100));
	printf("word %u\n", w2);
	P("wake_op bad", fx(&w, WAKE_OP | 128, 1, (void *)1, &w2, 7u << 28));

	sh = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t p = fork();
	if (p == 0) _exit(fx(sh, WAIT, 0, 0, 0, 0) == 0 ? 5 : 6);
	settle();
	P("wake private", fx(sh, WAKE | 128, 1, 0, 0, 0));
	P("wake shared", fx(sh, WAKE, 1, 0, 0, 0));
	int st;
	waitpid(p, &st, 0);
	printf("child %d\n", WEXITSTATUS(st));

	uint32_t pi = 0, me = syscall(SYS_gettid);
	P("unlock not mine", fx(&pi, UNLOCK_PI, 0, 0, 0, 0));
	P("lock", fx(&pi, LOCK_PI, 0, 0, 0, 0));
	printf("owner %d\n", pi == me);
	P("again", fx(&pi, LOCK_PI, 0, 0, 0, 0));
	P("trylock", fx(&pi, TRYLOCK_PI, 0, 0, 0, 0));
	P("unlock", fx(&pi, UNLOCK_PI, 0, 0, 0, 0));
	printf("free %u\n", pi);
	pi = 0x3ffffff0;
	P("dead owner", fx(&pi, LOCK_PI, 0, 0, 0, 0));

	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_settype(&at, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_t m;
	pthread_mutex_init(&m, &at);
	pthread_create(t, 0, robust, &m);
	pthread_join(*t, 0);
	int r = pthread_mutex_lock(&m);
	printf("robust: %d", r);
	printf(" consistent %d", pthread_mutex_consistent(&m));
	printf(" unlock %d", pthread_mutex_unlock(&m));
	printf(" lock %d\n", pthread_mutex_lock(&m));
	void *head; size_t len;
	printf("get_robust_list %ld len %zu\n", syscall(SYS_get_robust_list, 0, &head, &len), len);
	P("set_robust_list size", syscall(SYS_set_robust_list, head, 12));

	struct { uint64_t val, addr; uint32_t flags, pad; } v[2] = {{0, (uintptr_t)&w, 2 | 128}, {1, (uintptr_t)&w2, 2 | 128}};
	w2 = 2; w = 0;
	P("waitv value", syscall(449, v, 2, 0, 0, 0));
	v[1].val = 2;
	P("waitv past", syscall(449, v, 2, 0, &past, CLOCK_MONOTONIC));
	P("waitv flags", syscall(449, v, 2, 1, 0, 0));
	P("waitv none", syscall(449, v, 0, 0, 0, 0));
	return 0;
}
