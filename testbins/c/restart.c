// restart: how system calls that a signal interrupts go on (signal(7)).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t hits;
static int pfd[2];
static int feed;
static void on_alrm(int s) {
	hits++;
	if (feed && hits == 2)
		write(pfd[1], "z", 1);
}
static void arm(int flags, int period) {
	struct sigaction a = {0};
	a.sa_handler = on_alrm;
	a.sa_flags = flags;
	sigaction(SIGALRM, &a, 0);
	struct itimerval it = {{0, period * 1000}, {0, 50000}};
	hits = 0;
	setitimer(ITIMER_REAL, &it, 0);
}
static void disarm(void) {
	struct itimerval it = {{0, 0}, {0, 0}};
	setitimer(ITIMER_REAL, &it, 0);
}
static void report(const char *what, long r) {
	int e = r < 0 ? errno : 0;
	disarm();
	printf("%s: %ld errno %d hits %d\n", what, r, e, hits > 0);
}

static void both(const char *name, long (*f)(void)) {
	char b[64];
	arm(0, 50);
	snprintf(b, sizeof b, "%s", name);
	report(b, f());
	feed = 1;
	arm(SA_RESTART, 50);
	snprintf(b, sizeof b, "%s SA_RESTART", name);
	report(b, f());
	feed = 0;
	char c;
	fcntl(pfd[0], F_SETFL, O_NONBLOCK);
	read(pfd[0], &c, 1);
	fcntl(pfd[0], F_SETFL, 0);
}
static long f_read(void) { char c; return read(pfd[0], &c, 1); }
static long f_poll(void) { struct pollfd p = {pfd[0], POLLIN, 0}; return poll(&p, 1, -1); }
static long f_select(void) { fd_set s; FD_ZERO(&s); FD_SET(pfd[0], &s); return select(pfd[0] + 1, &s, 0, 0, 0); }
static int epfd;
static long f_epoll(void) { struct epoll_event e; return epoll_wait(epfd, &e, 1, -1); }
static uint32_t word;
static long f_futex(void) {
	struct timespec t = {0, 300000000};
	return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, &t, 0, 0);
}
static long f_sleep(void) {
	struct timespec t = {0, 300000000}, rem = {9, 9};
	long r = nanosleep(&t, &rem);
	printf("rem %d ", rem.tv_sec == 0 && rem.tv_nsec > 0 && rem.tv_nsec < 300000000);
	return r;
}
static long f_abs(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += 300000000;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0);
}
static long f_pause(void) { return pause(); }
static long f_wait(void) {
	pid_t p = fork();
	if (p == 0) {
		struct timespec t = {0, 300000000};
		nanosleep(&t, 0);
		_exit(0);
	}
	int st;
	long r = waitpid(p, &st, 0);
	int e = errno;
	if (r < 0) {
		kill(p, SIGKILL);
		waitpid(p, &st, 0);
	}
	errno = e;
	return r < 0 ? r : 1;
}
static long f_sigwait(void) {
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	struct timespec t = {0, 300000000};
	siginfo_t i;
	return syscall(SYS_rt_sigtimedwait, &s, &i, &t, 8); // the C library tries again
}

// What a stop and a continuation without any handler do to each call.
static long ignored(long (*f)(void)) {
	int q[2];
	pipe(q);
	pid_t p = fork();
	if (p == 0) {
		write(q[1], "x", 1);
		long r = f();
		int e = r < 0 ? errno : 0;
		printf("%ld errno %d\n", r, e);
		_exit(0);
	}
	char c;
	read(q[0], &c, 1);
	struct timespec t = {0, 50000000};
	nanosleep(&t, 0);
	kill(p, SIGSTOP);
	int st;
	waitpid(p, &st, WUNTRACED);
	nanosleep(&t, 0);
	kill(p, SIGCONT);
	nanosleep(&t, 0);
	write(pfd[1], "s", 1);
	int done = waitpid(p, &st, 0) == p;
	fcntl(pfd[0], F_SETFL, O_NONBLOCK);
	while (read(pfd[0], &c, 1) > 0)
		;
	fcntl(pfd[0], F_SETFL, 0);
	close(q[0]);
	close(q[1]);
	return done;
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	pipe(pfd);
	epfd = epoll_create1(0);
	struct epoll_event e = {EPOLLIN, {0}};
	epoll_ctl(epfd, EPOLL_CTL_ADD, pfd[0], &e);
	both("read", f_read);
	both("poll", f_poll);
	both("select", f_select);
	both("epoll_wait", f_epoll);
	both("futex", f_futex);
	both("nanosleep", f_sleep);
	both("clock_nanosleep abs", f_abs);
	both("pause", f_pause);
	both("waitpid", f_wait);
	both("sigtimedwait", f_sigwait);
	printf("stop and continue:\n");
	struct { const char *n; long (*f)(void); } t[] = {
		{"read", f_read}, {"poll", f_poll}, {"select", f_select}, {"epoll_wait", f_epoll},
		{"futex", f_futex}, {"nanosleep", f_sleep}, {"abs", f_abs}, {"sigtimedwait", f_sigwait},
	};
	for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {
		printf("%s ", t[i].n);
		ignored(t[i].f);
	}
	return 0;
}
