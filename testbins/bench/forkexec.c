// forkexec: 200 forks, and 200 forks with exec of itself.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
	(void)argv;
	if (argc > 1)
		return 3;
	int st, n = 0;
	for (int i = 0; i < 200; i++) {
		if (fork() == 0)
			_exit(1);
		wait(&st);
		n += WEXITSTATUS(st);
		if (fork() == 0) {
			execl("/proc/self/exe", "forkexec", "x", (char *)0);
			_exit(0);
		}
		wait(&st);
		n += WEXITSTATUS(st);
	}
	printf("%d\n", n);
	return 0;
}
