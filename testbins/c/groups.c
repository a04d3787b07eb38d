// groups: process groups and sessions, who may signal and move whom, and orphans.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void P(const char *n, long r) { printf("%s: %ld %d\n", n, r < 0 ? r : 0, r < 0 ? errno : 0); }
static int q[2];
static void say(char c) { write(q[1], &c, 1); }
static int hear(void) { char c = 0; read(q[0], &c, 1); return c; }
static volatile int hup, cont;
static void h(int s) { if (s == SIGHUP) hup++; else cont++; }

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	pipe(q);
	int st;
	P("setpgid negative", setpgid(0, -1));
	P("setpgid nobody", setpgid(999999, 0));
	P("setpgid parent", setpgid(getppid(), 0));
	P("getpgid nobody", getpgid(999999));
	P("getsid nobody", getsid(999999));
	printf("getpgrp %d getsid %d\n", getpgid(0) == getpgrp(), getsid(0) == getsid(getpid()));
	pid_t c = fork();
	if (c == 0) {
		printf("setsid %d\n", setsid() == getpid());
		printf("leader pgid %d sid %d\n", getpgrp() == getpid(), getsid(0) == getpid());
		P("setsid again", setsid());
		P("leader setpgid", setpgid(0, 0));
		pid_t g = fork();
		if (g == 0) {
			P("join other session", setpgid(0, getpgid(getppid()) + 100000));
			_exit(0);
		}
		waitpid(g, &st, 0);
		g = fork();
		if (g == 0) { setpgid(0, 0); say('r'); pause(); }
		hear();
		printf("child's group %d\n", getpgid(g) == g);
		P("kill group", kill(-g, SIGTERM));
		waitpid(g, &st, 0);
		printf("term %d\n", WTERMSIG(st));
		P("kill no group", kill(-g, SIGTERM));
		_exit(0);
	}
	waitpid(c, &st, 0);
	c = fork();
	if (c == 0) { execl("/bin/sleep", "sleep", "30", (char *)0); _exit(1); }
	struct timespec t = {0, 300000000};
	nanosleep(&t, 0);
	P("setpgid after exec", setpgid(c, c));
	kill(c, SIGKILL);
	waitpid(c, &st, 0);
	P("kill gone", kill(c, 0));
	c = fork();
	if (c == 0) _exit(0);
	siginfo_t i;
	waitid(P_PID, c, &i, WEXITED | WNOWAIT);
	P("kill zombie", kill(c, SIGTERM));
	printf("zombie's group %d\n", getpgid(c) == getpgrp());
	waitpid(c, &st, 0);

	// A stopped process whose group becomes an orphan gets SIGHUP and SIGCONT.
	c = fork();
	if (c == 0) {
		setsid();
		pid_t m = fork();
		if (m == 0) {
			setpgid(0, 0);
			pid_t g = fork();
			if (g == 0) {
				signal(SIGHUP, h);
				signal(SIGCONT, h);
				say('a');
				kill(getpid(), SIGSTOP);
				for (int n = 0; n < 50 && !(hup && cont); n++) usleep(20000);
				printf("orphan: hup %d cont %d\n", hup, cont);
				signal(SIGTSTP, SIG_DFL);
				kill(getpid(), SIGTSTP); // ignored in an orphaned group
				printf("not stopped\n");
				say('z');
				_exit(0);
			}
			waitid(P_PID, g, &i, WSTOPPED);
			say('b');
			_exit(0); // m, the only parent in the session outside... ends
		}
		waitpid(m, &st, 0);
		usleep(50000);
		_exit(0);
	}
	hear(); hear();
	waitpid(c, &st, 0);
	printf("end %c\n", hear());
	return 0;
}
