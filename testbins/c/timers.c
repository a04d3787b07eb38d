// timers: sleeping takes at least its time, timers fire in order, clocks go forward.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long ms(struct timespec a, struct timespec b) { return (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000; }
static volatile int alarms;
static void on_alarm(int s) { (void)s; alarms++; }

int main(void) {
	struct timespec a, b, d = {0, 50000000}, rem;
	clock_gettime(CLOCK_MONOTONIC, &a);
	printf("nanosleep %d\n", nanosleep(&d, 0));
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("slept enough %d\n", ms(a, b) >= 50);
	struct sigaction sa = {.sa_handler = on_alarm};
	sigaction(SIGALRM, &sa, 0);
	struct itimerval it = {{0, 10000}, {0, 10000}};
	setitimer(ITIMER_REAL, &it, 0);
	while (alarms < 3)
		pause();
	memset(&it, 0, sizeof it);
	setitimer(ITIMER_REAL, &it, 0);
	printf("alarms %d\n", alarms >= 3);
	it.it_value.tv_usec = 10000;
	setitimer(ITIMER_REAL, &it, 0);
	d.tv_sec = 1;
	int r = nanosleep(&d, &rem);
	printf("interrupted %d %s, remainder %d\n", r, strerror(errno), rem.tv_sec == 1 && rem.tv_nsec < 50000000);
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec ts = {{0, 5000000}, {0, 5000000}};
	timerfd_settime(fd, 0, &ts, 0);
	d = (struct timespec){0, 28000000};
	nanosleep(&d, 0);
	unsigned long long n = 0;
	read(fd, &n, 8);
	printf("timerfd at least 5: %d\n", n >= 5);
	timer_t t;
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	timer_create(CLOCK_REALTIME, &ev, &t);
	ts = (struct itimerspec){{0, 0}, {0, 1000000}};
	alarms = 0;
	timer_settime(t, 0, &ts, 0);
	while (!alarms)
		pause();
	printf("timer %d\n", alarms);
	return 0;
}
