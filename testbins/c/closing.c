// closing: a call that waits keeps the file it began with when another thread closes the
// descriptor or puts another file there.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int fd;
static char what, line[64];

static void *waiter(void *arg) {
	(void)arg;
	char b[16] = "";
	int n = 0;
	switch (what) {
	case 'r': n = read(fd, b, sizeof b); break;
	case 'a': n = accept(fd, 0, 0) >= 0; break;
	case 'm': n = recv(fd, b, sizeof b, 0); break;
	case 'f': n = open("fifo", O_RDONLY) >= 0; break;
	}
	if (n < 0)
		snprintf(line, sizeof line, "%c: %s", what, strerror(errno));
	else
		snprintf(line, sizeof line, "%c: %d '%.*s'", what, n, n, b);
	return 0;
}

// begin starts a thread that waits on f.
static pthread_t begin(char c, int f) {
	pthread_t t;
	what = c, fd = f;
	pthread_create(&t, 0, waiter, 0);
	nanosleep(&(struct timespec){0, 30000000}, 0);
	return t;
}

static void end(pthread_t t) {
	pthread_join(t, 0);
	puts(line);
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	char dir[] = "/tmp/closingXXXXXX";
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	int p[2], q[2];
	pipe(p);
	pthread_t t = begin('r', p[0]);
	close(p[0]);
	printf("write %zd\n", write(p[1], "pipe", 4));
	end(t);
	close(p[1]);

	pipe(p);
	pipe(q);
	t = begin('r', p[0]);
	dup2(q[0], p[0]);
	write(q[1], "new", 3);
	write(p[1], "old", 3);
	end(t);
	signal(SIGPIPE, SIG_IGN);
	printf("write %zd", write(p[1], "x", 1));
	printf(" %s\n", strerror(errno));

	struct sockaddr_un a = {AF_UNIX, "socket"};
	int s = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(s, (void *)&a, sizeof a);
	listen(s, 4);
	t = begin('a', s);
	close(s);
	printf("connect %d\n", connect(c, (void *)&a, sizeof a));
	end(t);

	socketpair(AF_UNIX, SOCK_DGRAM, 0, q);
	t = begin('m', q[0]);
	close(q[0]);
	send(q[1], "datagram", 8, 0);
	end(t);

	// The end of a process whose thread waits in open(2) of a FIFO closes its end.
	mkfifo("fifo", 0600);
	if (fork() == 0) {
		begin('f', 0);
		_exit(0);
	}
	wait(0);
	printf("open %d", open("fifo", O_WRONLY | O_NONBLOCK));
	printf(" %s\n", strerror(errno));
	return 0;
}
