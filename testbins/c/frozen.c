// frozen: a program that is in the middle of everything when it asks for a checkpoint: threads in
// calls that block, bytes in pipes and sockets, timers that run, pending signals, an epoll set,
// a file without a name, mappings. It tells afterwards what became of all that.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FUTEX_WAIT_PRIVATE = 128 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int ready, word, wake[2], full[2], pair[2], efd, tfd, ep;
static __thread int own;
static char result[6][80];
static volatile sig_atomic_t alarms;

static void on_alarm(int s) { (void)s; alarms++; }

static void *in_cond(void *a) {
	own = 11;
	pthread_mutex_lock(&lock);
	while (!ready) pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	snprintf(result[0], 80, "the condition came, own %d", own);
	return a;
}
static void *in_sleep(void *a) {
	own = 12;
	struct timespec ts = {0, 50000000}, before, after;
	clock_gettime(CLOCK_MONOTONIC, &before);
	int r = nanosleep(&ts, 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
	snprintf(result[1], 80, "slept %d, at least 50 ms: %d, own %d", r, ms >= 50, own);
	return a;
}
static void *in_read(void *a) {
	own = 13;
	char b[16] = {0};
	int n = read(wake[0], b, sizeof b - 1);
	snprintf(result[2], 80, "read %d bytes: %s, own %d", n, b, own);
	return a;
}
static void *in_write(void *a) {
	own = 14;
	char b[6000];
	memset(b, 'w', sizeof b);
	int n = write(full[1], b, sizeof b);
	snprintf(result[3], 80, "wrote %d, own %d", n, own);
	return a;
}
static void *in_epoll(void *a) {
	own = 15;
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, -1);
	uint64_t v = 0;
	read(e.data.fd, &v, 8);
	snprintf(result[4], 80, "epoll %d: %s with %d, own %d", n, e.data.fd == tfd ? "the timer" : "the event", (int)v, own);
	return a;
}
static void *in_futex(void *a) {
	own = 16;
	struct timespec ts = {0, 30000000};
	int r = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &ts, 0, 0);
	snprintf(result[5], 80, "futex %d, timed out: %d, own %d", r, errno == ETIMEDOUT, own);
	return a;
}

static void add(int fd) {
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	pipe(wake);
	pipe(full);
	fcntl(full[1], F_SETPIPE_SZ, 4096);
	int left[2];
	pipe(left);
	write(left[1], "bytes in a pipe", 15);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
	write(pair[0], "one", 3);
	write(pair[0], "packet more", 11);
	efd = eventfd(0, 0);
	tfd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec its = {{0, 0}, {0, 20000000}};
	timerfd_settime(tfd, 0, &its, 0);
	ep = epoll_create1(0);
	add(efd);
	add(tfd);

	char name[] = "/tmp/frozenXXXXXX";
	int f = mkstemp(name);
	unlink(name);
	for (int i = 0; i < 300; i++) dprintf(f, "line %d of a file without a name\n", i);
	flock(f, LOCK_EX);
	char *shared = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	char *private = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 4096);
	char *anon = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *both = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(shared, "SHARED", 6);
	memcpy(private, "PRIVATE", 7);
	for (int i = 0; i < 1 << 20; i += 65536) anon[i] = i >> 16;
	mprotect(anon + 65536, 4096, PROT_READ);

	pid_t child = fork();
	if (child == 0) {
		strcpy(both, "from the child");
		char b;
		close(left[1]);
		raise(SIGSTOP);
		read(left[0], &b, 1);
		_exit(b);
	}
	int st;
	waitpid(child, &st, WUNTRACED);

	signal(SIGALRM, on_alarm);
	sigset_t usr;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	sigaddset(&usr, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &usr, 0);
	raise(SIGUSR1);
	sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 4711});

	pthread_t t[6];
	void *(*body[])(void *) = {in_cond, in_sleep, in_read, in_write, in_epoll, in_futex};
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	for (int i = 0; i < 6; i++) pthread_create(&t[i], &attr, body[i], 0);
	struct timespec ts = {0, 10000000};
	nanosleep(&ts, 0); // all of them wait
	struct itimerval itv = {{0, 0}, {0, 40000}};
	setitimer(ITIMER_REAL, &itv, 0);
	fesetround(FE_UPWARD);
	volatile double x = 1, three = 3;
	volatile long double lx = 1, lthree = 3;
	double third = x / three;
	long double lthird = lx / lthree;

	int c = open("/proc/self/checkpoint", O_WRONLY);
	if (c >= 0) { // only emurun has it
		write(c, "middle", 6);
		close(c);
	}

	printf("rounded up: %d, third %a %La\n", fegetround() == FE_UPWARD, third, lthird);
	printf("still up: %a\n", x / three);
	fesetround(FE_TONEAREST);
	kill(child, SIGCONT);
	waitpid(child, &st, 0);
	printf("the child read '%c' and wrote '%s'\n", WEXITSTATUS(st), both);
	char b[8192] = {0};
	printf("the pipe has %d: ", (int)read(left[0], b, sizeof b));
	puts(b);
	memset(b, 0, sizeof b);
	for (int i = 0; i < 2; i++) {
		int n = read(pair[1], b, sizeof b);
		printf("a packet of %d: %.*s\n", n, n, b);
	}
	pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&lock);
	pthread_join(t[1], 0);
	pthread_join(t[4], 0);
	pthread_join(t[5], 0);
	write(wake[1], "wake up", 7);
	int got = 0;
	while (got < 6000) got += read(full[0], b, sizeof b);
	for (int i = 0; i < 4; i++)
		if (i != 1) pthread_join(t[i], 0);
	for (int i = 0; i < 6; i++) puts(result[i]);
	while (!alarms) usleep(1000);
	printf("alarms %d\n", (int)alarms);
	siginfo_t info;
	for (int i = 0; i < 2; i++) {
		int s = sigwaitinfo(&usr, &info);
		printf("signal %s, value %d\n", s == SIGUSR1 ? "USR1" : "RTMIN+3", s == SIGUSR1 ? 0 : info.si_value.sival_int);
	}
	pread(f, b, 12, 0);
	printf("the file: %.12s, %d bytes, private: %.7s, then %.5s\n", b, (int)lseek(f, 0, SEEK_END), private, private + 4096);
	int sum = 0;
	for (int i = 0; i < 1 << 20; i += 65536) sum += anon[i];
	printf("the pages: %d\n", sum);
	return 42;
}
