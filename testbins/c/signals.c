// signals: masks, pending sets, queueing and order of real-time signals, nesting,
// SA_RESTART against EINTR, sigsuspend, sigwaitinfo.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int order[32], norder;

static void note(int sig, siginfo_t *si, void *uc) {
	(void)uc;
	order[norder++] = sig * 100 + (si->si_code == SI_QUEUE ? si->si_value.sival_int : 99);
}

static void nothing(int sig) { (void)sig; }

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	struct sigaction sa = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
	sigset_t all, old, pend;
	sigfillset(&all);
	sigaction(SIGUSR1, &sa, 0);
	sigaction(SIGRTMIN, &sa, 0);
	sigaction(SIGRTMIN + 1, &sa, 0);
	sigprocmask(SIG_BLOCK, &all, &old);
	for (int i = 0; i < 3; i++) {
		sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
		sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
		kill(getpid(), SIGUSR1);
	}
	sigpending(&pend);
	printf("pending USR1 %d RT0 %d RT1 %d\n", sigismember(&pend, SIGUSR1), sigismember(&pend, SIGRTMIN), sigismember(&pend, SIGRTMIN + 1));
	sigprocmask(SIG_SETMASK, &old, 0);
	for (int i = 0; i < norder; i++)
		printf("%d ", order[i]);
	puts("");
	int p[2];
	pipe(p);
	char c;
	for (int restart = 0; restart < 2; restart++) {
		struct sigaction h = {.sa_handler = nothing, .sa_flags = restart ? SA_RESTART : 0};
		sigaction(SIGALRM, &h, 0);
		pid_t kid = fork();
		if (kid == 0) {
			usleep(20000);
			kill(getppid(), SIGALRM);
			usleep(20000);
			write(p[1], "x", 1);
			_exit(0);
		}
		errno = 0;
		ssize_t n = read(p[0], &c, 1);
		printf("read %zd %s\n", n, n < 0 ? strerror(errno) : "");
		wait(0);
		if (n < 0)
			read(p[0], &c, 1);
	}
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, SIGUSR2);
	sigprocmask(SIG_BLOCK, &one, 0);
	kill(getpid(), SIGUSR2);
	siginfo_t si;
	printf("sigwaitinfo %d", sigwaitinfo(&one, &si));
	printf(" code %d\n", si.si_code);
	struct timespec ts = {0, 1000000};
	printf("sigtimedwait %d", sigtimedwait(&one, &si, &ts));
	printf(" %s\n", strerror(errno));
	signal(SIGUSR2, nothing);
	kill(getpid(), SIGUSR2);
	sigemptyset(&one);
	printf("sigsuspend %d", sigsuspend(&one));
	printf(" %s\n", strerror(errno));
	return 0;
}
