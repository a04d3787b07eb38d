// fork: children with their own memory, exit statuses, waiting in every way.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int value = 1;

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	pid_t pid = fork();
	if (pid == 0) {
		value = 2;
		printf("child value %d, parent is caller: %d\n", value, getppid() != 0);
		_exit(7);
	}
	int st;
	printf("wait right pid: %d\n", wait(&st) == pid);
	printf("value %d, exited %d status %d\n", value, WIFEXITED(st), WEXITSTATUS(st));
	if ((pid = fork()) == 0) {
		raise(SIGKILL);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	printf("signaled %d by %d\n", WIFSIGNALED(st), WTERMSIG(st));
	if ((pid = fork()) == 0) {
		raise(SIGSTOP);
		_exit(3);
	}
	waitpid(pid, &st, WUNTRACED);
	printf("stopped %d by %d\n", WIFSTOPPED(st), WSTOPSIG(st));
	kill(pid, SIGCONT);
	waitpid(pid, &st, WCONTINUED);
	printf("continued %d\n", WIFCONTINUED(st));
	siginfo_t si;
	memset(&si, 0, sizeof si);
	printf("waitid nowait %d ", waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	printf("code %d status %d\n", si.si_code, si.si_status);
	printf("again %d\n", waitpid(pid, &st, 0) == pid);
	printf("no child: %d", wait(&st));
	printf(" %s\n", strerror(errno));
	signal(SIGCHLD, SIG_IGN);
	if ((pid = fork()) == 0)
		_exit(1);
	printf("ignored children: %d", wait(&st));
	printf(" %s\n", strerror(errno));
	return 0;
}
