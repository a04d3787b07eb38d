// exec: execve replaces the program, keeps what it must and closes what it must.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(int sig) { (void)sig; }

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IONBF, 0);
	if (argc > 1) {
		struct sigaction sa;
		sigaction(SIGUSR1, 0, &sa);
		int ign = sa.sa_handler == SIG_IGN;
		sigaction(SIGUSR2, 0, &sa);
		printf("%s: fd 5 %s, fd 6 %s, USR1 ignored %d, USR2 default %d, X=%s\n", argv[1],
		       fcntl(5, F_GETFD) < 0 ? "closed" : "open", fcntl(6, F_GETFD) < 0 ? "closed" : "open",
		       ign, sa.sa_handler == SIG_DFL, getenv("X"));
		return 9;
	}
	dup2(1, 5);
	dup3(1, 6, O_CLOEXEC);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, nothing);
	setenv("X", "kept", 1);
	if (vfork() == 0) {
		execl("/proc/self/exe", "exec", "vforked", (char *)0);
		_exit(1);
	}
	int st;
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
	execl("/nonexistent", "x", (char *)0);
	printf("missing: %s\n", strerror(errno));
	execl("/etc/passwd", "x", (char *)0);
	printf("not executable: %s\n", strerror(errno));
	execl("/tmp", "x", (char *)0);
	printf("directory: %s\n", strerror(errno));
	execl("/proc/self/exe", "exec", "in place", (char *)0);
	return 1;
}
