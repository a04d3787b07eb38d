// rlimits: descriptors, file size and stack limits are enforced.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int deep(int n) {
	volatile char pad[4096];
	pad[0] = n;
	return n == 0 ? pad[0] : deep(n - 1) + pad[0];
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	struct rlimit l = {16, 16};
	setrlimit(RLIMIT_NOFILE, &l);
	while (dup(1) >= 0)
		;
	printf("nofile %s\n", strerror(errno));
	for (int i = 3; i < 16; i++)
		close(i);
	l.rlim_cur = 100;
	l.rlim_max = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &l);
	signal(SIGXFSZ, SIG_IGN);
	char name[] = "/tmp/rlimitsXXXXXX", buf[200] = {0};
	int fd = mkstemp(name);
	unlink(name);
	printf("write %zd", write(fd, buf, 200));
	printf(" then %zd", write(fd, buf, 1));
	printf(" %s\n", strerror(errno));
	int st;
	if (fork() == 0)
		_exit(deep(1000) < 0);
	wait(&st);
	printf("deep %d\n", WIFEXITED(st));
	if (fork() == 0)
		_exit(deep(100000) < 0);
	wait(&st);
	printf("too deep: signal %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : 0);
	l.rlim_cur = 4 << 20;
	setrlimit(RLIMIT_DATA, &l);
	void *m = mmap(0, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("data %s", m == MAP_FAILED ? strerror(errno) : "mapped");
	m = mmap(0, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf(", not for reading %d\n", m != MAP_FAILED);
	l.rlim_cur = l.rlim_max = 0;
	setrlimit(RLIMIT_NOFILE, &l);
	printf("dup %d", dup(1));
	printf(" %s", strerror(errno));
	printf(", F_DUPFD %d", fcntl(1, F_DUPFD, 0));
	printf(" %s\n", strerror(errno));
	return 0;
}
