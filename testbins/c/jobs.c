// jobs: process groups and sessions, and who may change them.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	int st;
	if (fork() == 0) {
		printf("setsid %d\n", setsid() == getpid());
		printf("again %d", setsid());
		printf(" %s\n", strerror(errno));
		printf("leader %d %d\n", getsid(0) == getpid(), getpgrp() == getpid());
		printf("setpgid of leader %d", setpgid(0, 0));
		printf(" %s\n", strerror(errno));
		pid_t a = fork();
		if (a == 0) {
			for (;;)
				pause();
		}
		printf("move child %d\n", setpgid(a, a));
		printf("own group %d\n", getpgid(a) == a);
		pid_t b = fork();
		if (b == 0) {
			for (;;)
				pause();
		}
		printf("join %d\n", setpgid(b, a));
		kill(-a, SIGTERM);
		int n = 0;
		while (waitpid(-a, &st, 0) > 0)
			n += WTERMSIG(st) == SIGTERM;
		printf("killed %d\n", n);
		_exit(0);
	}
	wait(&st);
	printf("kill none %d", kill(999999, 0));
	printf(" %s\n", strerror(errno));
	printf("kill bad %d", kill(getpid(), 65));
	printf(" %s\n", strerror(errno));
	printf("setpgid none %d", setpgid(999999, 0));
	printf(" %s\n", strerror(errno));
	return 0;
}
